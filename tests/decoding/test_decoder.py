"""The rules by which tags are chosen."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from xner.corpora.labels import LabelSet, spans, to_iob2
from xner.decoding import decoder as decoder_module
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import ARGMAX, LEGAL, Decoded, Decoder, DecodingSettings

LABELS = LabelSet(("LOC", "PER"))
CHAIN = DecodingSettings(rule="chain", strength=1)
BIGRAMS = Bigrams.of([["B-PER", "I-PER", "O"]] * 50 + [["O", "B-LOC", "O"]], LABELS)
WORDS = st.lists(st.floats(0, 1), min_size=5, max_size=5).filter(any).map(lambda row: np.array(row) / sum(row))
SENTENCES = st.lists(st.lists(WORDS, min_size=1, max_size=6).map(np.array), max_size=6)
DECODERS = [Decoder(LABELS, ARGMAX), Decoder(LABELS, LEGAL), Decoder(LABELS, CHAIN, BIGRAMS)]


def row(*words):
    """Probabilities of a sentence; what a word does not name is shared by the other tags."""
    found = np.zeros((len(words), 5))
    for place, word in enumerate(words):
        rest = (1 - sum(word.values())) / (5 - len(word))
        found[place] = [word.get(tag, rest) for tag in LABELS.tags]
    return found


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.settings.rule)
@given(SENTENCES)
def test_every_word_gets_a_tag_and_every_entity_a_probability(decoder, sentences):
    found = list(decoder.decode(iter(sentences)))
    assert [len(said.best) for said in found] == [len(said.scores) for said in found] == list(map(len, sentences))
    for said in found:
        assert said.entities == spans(said.tags)
        assert len(said.certain) == len(said.entities)
        assert all(0 <= value <= 1 + 1e-9 for value in said.certain + said.scores)
        if decoder.settings != ARGMAX:
            assert said.best == said.tags == to_iob2(said.best)


@pytest.mark.parametrize("decoder", DECODERS, ids=lambda decoder: decoder.settings.rule)
@given(SENTENCES)
def test_a_sentence_does_not_hang_on_its_neighbours(decoder, sentences):
    for said, alone in zip(decoder.decode(sentences), sentences, strict=True):
        (expected,) = decoder.decode([alone])
        assert said.best == expected.best
        assert said.certain == pytest.approx(expected.certain)


def test_argmax_takes_each_words_best_and_legal_the_best_that_fit_together():
    rows = row({"O": 0.35, "B-PER": 0.3}, {"I-PER": 0.9})
    (argmax,) = Decoder(LABELS, ARGMAX).decode([rows])
    (legal,) = Decoder(LABELS, LEGAL).decode([rows])
    assert (argmax.best, argmax.tags) == (["O", "I-PER"], ["O", "B-PER"])
    assert legal.best == ["B-PER", "I-PER"]


def test_by_argmax_an_entity_has_the_geometric_mean_of_its_words():
    (said,) = Decoder(LABELS, ARGMAX).decode([row({"B-PER": 0.9}, {"I-PER": 0.4}, {"B-PER": 0.5})])
    assert said.scores == pytest.approx([0.9, 0.4, 0.5])
    assert said.certain == pytest.approx([sqrt(0.36), 0.5])


def test_by_legal_an_entity_has_its_own_probability():
    """Of one word: B-PER, and of two: that the next word does not go on with it."""
    (one,) = Decoder(LABELS, LEGAL).decode([row({"O": 0.2, "B-PER": 0.7, "B-LOC": 0.1})])
    assert one.certain == pytest.approx([0.7])
    (two,) = Decoder(LABELS, LEGAL).decode([row({"B-PER": 0.7, "O": 0.3}, {"O": 0.6, "I-PER": 0.4})])
    assert two.certain == pytest.approx([0.7 * 0.6 / (0.7 + 0.3 * 0.6)])
    assert two.scores == pytest.approx([0.7 / 0.88, 0.6 / 0.88])


def test_chain_listens_to_the_sources():
    rows = row({"B-PER": 0.9}, {"O": 0.45, "I-PER": 0.4})  # after B-PER the sources always go on
    (legal,), (chain,) = (Decoder(LABELS, each, BIGRAMS).decode([rows]) for each in (LEGAL, CHAIN))
    assert (legal.best, chain.best) == (["B-PER", "O"], ["B-PER", "I-PER"])


def test_chain_without_bigrams_is_legal_and_says_so():
    rows = [row({"B-PER": 0.9}, {"O": 0.45, "I-PER": 0.4})]
    lost, known = Decoder(LABELS, CHAIN), Decoder(LABELS, CHAIN, BIGRAMS)
    assert list(lost.decode(rows)) == list(Decoder(LABELS, LEGAL).decode(rows))
    assert (lost.rule, known.rule) == ("legal", "chain 1")
    assert known.notes == Decoder(LABELS, LEGAL).notes == Decoder(LABELS, ARGMAX).notes == ()
    assert lost.notes == ("decoding: chain is legal here, since the tag bigrams of the tagger's sources are not known",)


@pytest.mark.parametrize("budget", [1, 5, 20_000])
def test_batches_of_any_size_are_the_same_and_in_order(monkeypatch, budget):
    random = np.random.default_rng(0)
    rows = [random.dirichlet(np.ones(5), size) for size in (3, 1, 7, 2, 2, 9, 1)]
    expected = [next(iter(Decoder(LABELS, LEGAL).decode([each]))).best for each in rows]
    monkeypatch.setattr(decoder_module, "_BATCH_WORDS", budget)
    assert [said.best for said in Decoder(LABELS, LEGAL).decode(rows)] == expected


def test_a_batch_is_bounded_in_padded_words(monkeypatch):
    sizes, whole = [], decoder_module.Chain.of

    def seen(rows, potentials):
        sizes.append([len(each) for each in rows])
        return whole(rows, potentials)

    monkeypatch.setattr(decoder_module, "_BATCH_WORDS", 10)
    monkeypatch.setattr(decoder_module.Chain, "of", seen)
    list(Decoder(LABELS, LEGAL).decode([np.ones((size, 5)) / 5 for size in (2, 3, 3, 5, 12, 1)]))
    assert sizes == [[2, 3, 3], [5], [12], [1]]


def test_tags_are_repaired_and_entities_those_of_the_repaired():
    said = Decoded(["I-PER", "I-PER", "I-LOC", "O"], [1.0] * 4, [1.0, 1.0])
    assert said.tags == ["B-PER", "I-PER", "B-LOC", "O"]
    assert said.entities == [("PER", 0, 2), ("LOC", 2, 3)]


def test_what_stands_beside_a_score():
    assert [str(each) for each in (LEGAL, ARGMAX, DecodingSettings(rule="chain"), CHAIN)] == [
        "legal",
        "argmax",
        "chain 0.25",
        "chain 1",
    ]


@pytest.mark.parametrize("strength", [-0.1, 11, float("nan"), float("inf")])
def test_a_strength_out_of_bounds(strength):
    with pytest.raises(ValidationError):
        DecodingSettings(rule="chain", strength=strength)


def test_the_greatest_strength_still_leaves_a_path():
    many = Bigrams(LABELS, (10**7, 0, 0, 0, 0), ((10**9, *[0] * 4), *[(0,) * 5] * 4))
    (said,) = Decoder(LABELS, DecodingSettings(rule="chain", strength=10), many).decode([np.eye(5)[[3, 4, 1]]])
    assert len(said.best) == 3 and np.isfinite(said.certain + said.scores).all()
