from itertools import combinations
from math import sqrt

import numpy as np
import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.errors import DataError
from xner.testing import tiny_corpus
from xner_mtmt import pair_auc as module
from xner_mtmt.pair_auc import WordPairs, pair_auc


class Told:
    """A tagger whose vectors are told, one for each word."""

    def __init__(self, vectors):
        self.vectors = vectors

    def states(self, corpus, read):
        rows = iter(self.vectors)
        for sentence in corpus:
            yield {"hidden": np.array([next(rows) for _ in sentence.tokens], np.float32)}


def corpus_of(*tags):
    return Corpus.from_sentences("x", "xx", "dev", [Sentence(["w"] * len(row), list(row)) for row in tags])


def naive(vectors, corpus, same="tag", among="all"):
    """How often a pair of equal tags has the larger cosine than a pair of different ones; ties count half."""
    count = {"all": lambda *_: True, "entities": lambda number, _: number == 2}
    count["outside"] = lambda number, alike: number == 1 or (number == 2 and alike)
    words = [
        (number, tag if same == "tag" else tag[2:]) for number, sentence in enumerate(corpus) for tag in sentence.tags
    ]
    frequency = {kind: sum(kind == other for _, other in words) for _, kind in words}

    def cosine(i, j):
        dot = sum(a * b for a, b in zip(vectors[i], vectors[j], strict=True))
        return dot / sqrt(sum(a * a for a in vectors[i]) * sum(b * b for b in vectors[j]))

    alike, different = [], []
    for i, j in combinations(range(len(words)), 2):
        (here, kind), (there, other) = words[i], words[j]
        if here != there and count[among](2 - [kind, other].count("O") - [kind, other].count(""), kind == other):
            weight = 1 / frequency[kind] / frequency[other]
            (alike if kind == other else different).append((cosine(i, j), weight))
    won = mass = 0.0
    for score, weight in alike:
        for against, other in different:
            mass += weight * other
            won += weight * other * ((score > against) + 0.5 * (score == against))
    return won / mass


DEV = corpus_of("OOO", ("B-PER", "I-PER", "O"), ("B-LOC", "O"), ("B-PER", "I-PER", "I-PER"), ("O", "B-LOC"), ("B-PER",))


@pytest.mark.parametrize("same", ["tag", "type"])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_area_under_the_curve(same, seed):
    vectors = np.random.default_rng(seed).normal(size=(14, 3)).tolist()
    assert pair_auc(Told(vectors), DEV, same) == pytest.approx(naive(vectors, DEV, same), abs=1e-5)


@pytest.mark.parametrize("same", ["tag", "type"])
@pytest.mark.parametrize("among", ["all", "entities", "outside"])
def test_entity_words_among_each_other_and_against_o(same, among):
    vectors = np.random.default_rng(7).normal(size=(14, 3)).tolist()
    pairs = WordPairs.draw(DEV, same)
    assert pairs.auc(np.array(vectors), among) == pytest.approx(naive(vectors, DEV, same, among), abs=1e-5)


def test_an_evaluator_that_knows_only_entities_from_o():
    """What a single figure hides: against O it is perfect, among entity words it is blind."""
    dev = corpus_of("O", "O", ("B-PER",), ("B-PER",), ("B-LOC",), ("B-LOC",))
    pairs, vectors = WordPairs.draw(dev), np.array([[0, 1]] * 2 + [[1, 0]] * 4)
    assert pairs.auc(vectors, "outside") == 1.0
    assert pairs.auc(vectors, "entities") == 0.5
    assert 0.5 < pairs.auc(vectors) < 1


def test_what_the_words_have_of_rows():
    pairs = WordPairs.draw(corpus_of(("B-PER", "O"), ("O", "O", "B-LOC")))
    rows = [np.array([[1], [2]]), np.array([[3], [4], [5]])]
    assert pairs.words.tolist() == [0, 1, 2, 3, 4]
    assert pairs.take(rows).tolist() == [[1], [2], [3], [4], [5]]
    some = WordPairs(pairs.corpus, np.array([1, 4]), pairs.kinds[[1, 4]], np.array([0]), np.array([1]))
    assert some.take(iter(rows)).tolist() == [[2], [5]]


def test_only_the_sentences_with_a_drawn_word_need_be_run():
    corpus = corpus_of("OO", ("O", "B-PER"), "OOO", ("B-LOC",), "O")
    pairs = WordPairs(corpus, np.array([1, 3, 7]), np.array(["O", "B-PER", "B-LOC"]), np.array([0]), np.array([1]))
    few = pairs.narrowed()
    assert [len(sentence.tokens) for sentence in few.corpus] == [2, 2, 1]
    assert few.words.tolist() == [1, 3, 4]
    rows = [np.arange(start, start + size)[:, None] for start, size in ((0, 2), (2, 2), (4, 3), (7, 1), (8, 1))]
    assert few.take([rows[0], rows[1], rows[3]]).tolist() == pairs.take(rows).tolist() == [[1], [3], [7]]


def test_by_hand():
    dev = corpus_of(("B-PER",), ("B-PER",), ("B-LOC",), ("B-LOC",))
    right, wrong, blind = [[1, 0], [1, 0], [0, 1], [0, 1]], [[1, 0], [0, 1], [1, 0], [0, 1]], [[1, 0]] * 4
    assert pair_auc(Told(right), dev) == 1.0
    assert pair_auc(Told(wrong), dev) == 0.25  # two of the four pairs of different tags have cosine 1, as no other has
    assert pair_auc(Told(blind), dev) == 0.5


def test_o_does_not_drown_the_entities():
    """Entity words are told apart no better than by chance; a thousand O words that are do not hide it."""
    dev = corpus_of(*[["O"]] * 90, *[["B-PER"]] * 3, *[["B-LOC"]] * 3)
    vectors = [[0, 1]] * 90 + [[1, 0]] * 6
    auc = pair_auc(Told(vectors), dev)
    assert auc == pytest.approx(naive(vectors, dev), abs=1e-5)
    assert auc < 0.85


def test_of_each_tag_only_so_many_words_are_paired_and_always_the_same(monkeypatch):
    monkeypatch.setattr(module, "_WORDS", 4)
    tags = np.array(list("aaaaaaaaaabbcccccc"))
    words = module._draw(tags)
    assert [int((tags[words] == kind).sum()) for kind in "abc"] == [4, 2, 4]
    assert words.tolist() == sorted(set(words.tolist())) == module._draw(tags).tolist()
    dev = corpus_of(*[["O"]] * 30, *[["B-PER"]] * 9)
    vectors = np.random.default_rng(0).normal(size=(39, 3)).tolist()
    assert pair_auc(Told(vectors), dev) == pair_auc(Told(vectors), dev) != naive(vectors, dev)


def test_a_word_without_a_direction_is_no_error():
    assert 0 <= pair_auc(Told([[0, 0], [1, 0], [0, 1], [1, 1]]), corpus_of("O", ("B-PER",), "O", ("B-PER",))) <= 1


@pytest.mark.parametrize("tags", [("OO", "O"), (("O", "B-PER"),), (("O",), ("B-PER",))])
def test_where_there_is_nothing_to_compare(tags):
    vectors = [[1, 0]] * sum(map(len, tags))
    with pytest.raises(DataError, match=r"^x xx/dev: too few words to judge pairs by; "):
        pair_auc(Told(vectors), corpus_of(*tags))


def test_a_models_own_states(tiny_workbench):
    tagger, dev = tiny_workbench.new_tagger(), tiny_corpus(split="dev", size=12)
    rows = tagger.states(dev, lambda states: {"hidden": states.hidden})
    vectors = [vector for row in rows for vector in row["hidden"].tolist()]
    assert pair_auc(tagger, dev) == pytest.approx(naive(vectors, dev), abs=1e-3)
