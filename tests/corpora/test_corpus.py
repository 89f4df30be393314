import tempfile

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xner.corpora import corpus as corpus_module
from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelMap
from xner.errors import DataError

ANN = Sentence(["Ann", "Lee", "ran"], ["B-PER", "I-PER", "O"])
ROME = Sentence(["Rome"], ["B-LOC"])


def corpus(*sentences, language="de", name="toy"):
    return Corpus.from_sentences(name, language, "train", sentences)


word = st.text(st.characters(exclude_categories=["Cs"]))
sentence = st.lists(st.tuples(word, st.sampled_from(["O", "B-PER"])))


@settings(deadline=None)
@given(st.lists(sentence.filter(bool), min_size=1), st.booleans())
def test_sentences_come_back_as_they_went_in(pairs, labelled):
    sentences = [Sentence([t for t, _ in s], [tag for _, tag in s] if labelled else None) for s in pairs]
    built = corpus(*sentences)
    assert list(built) == [built[number] for number in range(len(built))] == sentences
    assert len(built) == len(sentences)
    assert built.labelled is labelled
    assert built.words == sum(map(len, pairs))


def test_many_batches_keep_their_order():
    sentences = [Sentence([str(number)], ["O"]) for number in range(10_001)]
    assert list(corpus(*sentences)) == sentences


def test_it_reads_from_a_stream_once():
    built = corpus(*(sentence for sentence in [ANN, ROME]))
    assert list(built) == list(built) == [ANN, ROME]


def test_names():
    built = corpus(ANN)
    assert (built.name, built.language, built.split, str(built)) == ("toy", "de", "train", "toy de/train")


def test_sentences_without_words_are_left_out():
    assert list(corpus(Sentence([], []), ANN, Sentence([]))) == [ANN]
    for sentences in ([], [Sentence([], [])]):
        with pytest.raises(DataError, match="toy de/train: the corpus is empty"):
            corpus(*sentences)


@pytest.mark.parametrize("labelled_first", [1, 10_000])
def test_labelled_and_unlabelled_sentences_do_not_mix(labelled_first):
    with pytest.raises(DataError, match="some sentences have tags and some have none; label all of them or none"):
        corpus(*[ROME] * labelled_first, Sentence(["x"]))
    with pytest.raises(DataError, match="some sentences have tags and some have none; label all of them or none"):
        corpus(*[Sentence(["x"])] * labelled_first, ROME)


def test_counts():
    built = corpus(ANN, ROME, ANN, Sentence(["x"] * 1000, ["O"] * 1000))
    assert built.entities == {"PER": 2, "LOC": 1}
    assert built.counts == "4 sentences, 1,007 words, PER 2, LOC 1"
    assert built.without_labels().counts == "4 sentences, 1,007 words, unlabelled"


def test_without_labels_nothing_of_them_is_left():
    bare = corpus(ANN, ROME).without_labels()
    assert list(bare) == [Sentence(ANN.tokens), Sentence(ROME.tokens)]
    assert not bare.labelled
    assert bare.data.column_names == ["tokens"]
    assert bare.entities == {}
    assert bare.fingerprint == corpus(Sentence(ANN.tokens), Sentence(ROME.tokens)).fingerprint


def test_fingerprint_is_of_language_and_content_alone():
    same = corpus(ANN, ROME).fingerprint
    assert len(same) == 16
    assert corpus(ANN, ROME, name="other").fingerprint == same
    others = [
        corpus(ANN, ROME, language="en"),
        corpus(ROME, ANN),
        corpus(ANN),
        corpus(ANN, Sentence(["Rome"], ["B-PER"])),
        corpus(Sentence(["Ann Lee", "ran"], ["B-PER", "O"]), ROME),
        corpus(ANN, ROME).without_labels(),
    ]
    assert len({same, *(other.fingerprint for other in others)}) == 1 + len(others)


def test_the_sentences_that_have_an_entity():
    plain = Sentence(["so", "what"], ["O", "O"])
    assert list(corpus(plain, ROME, plain, ANN).with_entities()) == [ROME, ANN]
    assert not len(corpus(ANN).without_labels().with_entities())


def test_limit_draws_by_seed_and_keeps_order():
    built = corpus(*(Sentence([str(number)], ["O"]) for number in range(100)))

    def drawn(size, seed):
        return [int(sentence.tokens[0]) for sentence in built.limit(size, seed)]

    assert len(set(drawn(10, 1))) == 10
    assert len(set(drawn(90, 1))) == 90
    assert drawn(10, 1) == sorted(drawn(10, 1))
    assert drawn(10, 1) == drawn(10, 1) != drawn(10, 2)
    assert drawn(10, 1) != list(range(10))
    for size in (None, 100, 1000):
        assert built.limit(size, 1) is built
    assert str(built.limit(10, 1)) == str(built)
    assert built.limit(10, 1).fingerprint == corpus(*built.limit(10, 1)).fingerprint


def test_relabel():
    built = corpus(ANN, ROME)
    mapped = built.relabel(LabelMap(("P",), {"PER": "P", "LOC": "O"}))
    assert list(mapped) == [Sentence(ANN.tokens, ["B-P", "I-P", "O"]), Sentence(["Rome"], ["O"])]
    assert str(mapped) == str(built)
    assert built.relabel(LabelMap(("PER", "LOC"))) is built
    assert built.relabel(LabelMap()) is built
    bare = built.without_labels()
    assert bare.relabel(LabelMap(("X",))) is bare
    with pytest.raises(DataError, match="toy de/train: no place for the label 'LOC'"):
        built.relabel(LabelMap(("PER",)))


def test_a_large_corpus_is_on_disk_and_the_same(monkeypatch, tmp_path):
    sentences = [Sentence(["a", str(number)], ["O", "B-PER"]) for number in range(25)]
    small = Corpus.from_sentences("x", "en", "train", sentences)
    monkeypatch.setattr(corpus_module, "_CHUNK", 10)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = pa.total_allocated_bytes()
    large = Corpus.from_sentences("x", "en", "train", iter(sentences))
    assert pa.total_allocated_bytes() - before < 100
    assert list(large) == sentences and large.fingerprint == small.fingerprint
    assert not list(tmp_path.iterdir())  # the file goes away with the corpus


@pytest.mark.parametrize("place", [3, 13, 24])
def test_a_large_corpus_is_labelled_throughout(monkeypatch, place):
    monkeypatch.setattr(corpus_module, "_CHUNK", 10)
    sentences = [Sentence(["a"], ["O"])] * 25
    sentences[place] = Sentence(["a"])
    with pytest.raises(DataError, match="some sentences have tags and some have none"):
        Corpus.from_sentences("x", "en", "train", sentences)


@pytest.mark.parametrize(("start", "stop", "words"), [(0, 2, "ab"), (1, 3, "bc"), (2, 9, "c")])
def test_a_part(start, stop, words):
    corpus = Corpus.from_sentences("x", "en", "train", [Sentence([word], ["O"]) for word in "abc"])
    part = corpus.part(start, stop)
    assert [sentence.tokens for sentence in part] == [[word] for word in words]
    assert str(part) == "x en/train" and part.labelled


# several corpora

TWO = Sentence(["a", "b"], ["O", "B-LOC"])


def test_concatenated_corpora_stand_one_after_the_other():
    both = Corpus.concatenate([corpus(ANN, ROME), corpus(TWO, language="pt")])
    assert list(both) == [ANN, ROME, TWO]
    assert (str(both), both.language, both.labelled) == ("toy de+pt/train", "de+pt", True)
    assert both.entities == {"PER": 1, "LOC": 2}
    assert both.fingerprint != corpus(ANN, ROME, TWO).fingerprint == corpus(ANN, ROME, TWO).fingerprint
    assert str(Corpus.concatenate([corpus(ANN), corpus(ROME, name="other")])) == "toy+other de/train"


def test_one_corpus_is_itself():
    one = corpus(ANN)
    assert Corpus.concatenate([one]) is one


def test_parts_and_limited_corpora_are_concatenated_as_they_are():
    many = corpus(*(Sentence([str(number)], ["O"]) for number in range(100)))
    both = Corpus.concatenate([many.limit(10, 0), corpus(ANN, ROME, TWO).part(1, 3)])
    assert list(both) == [*many.limit(10, 0), ROME, TWO]
    assert list(both.part(9, 11)) == [list(many.limit(10, 0))[9], ROME]
    assert list(both.without_labels()) == [Sentence(s.tokens) for s in both]


def test_labelled_and_unlabelled_corpora_are_not_concatenated():
    with pytest.raises(DataError, match="toy de/train: some sentences have tags and some have none"):
        Corpus.concatenate([corpus(ANN), corpus(ROME).without_labels()])


def test_concatenated_corpora_take_no_memory(monkeypatch):
    monkeypatch.setattr(corpus_module, "_CHUNK", 10)
    parts = [corpus(*[Sentence(["word"] * 100, ["O"] * 100)] * 1000, language=name) for name in ("en", "pt")]
    before = pa.total_allocated_bytes()
    both = Corpus.concatenate(parts)
    assert pa.total_allocated_bytes() - before < 10_000
    assert len(both) == 2000 and both.words == 200_000


# its name


@pytest.mark.parametrize("name", ["mydata", "/home/ada/mydata", "../mydata", "mydata/"])
def test_results_call_a_corpus_by_the_last_part_of_its_path(name):
    corpus = Corpus.from_sentences(name, "xx", "test", [Sentence(["a"])])
    assert corpus.title == "mydata xx/test"
    assert str(corpus) == f"{name} xx/test"


@pytest.mark.parametrize(
    ("tokens", "tags", "message"),
    [
        (["Ann", 3], None, r"^toy de/train: a word is no text in \['Ann', 3\]$"),
        (["Ann", "ran"], ["PER", "O"], r"^toy de/train: 'PER' is not a tag: expected O, B-TYPE or I-TYPE$"),
        (["Ann", "ran"], ["O", "0"], r"^toy de/train: '0' is not a tag: "),
        (["Ann", "ran"], ["O", "B-"], r"^toy de/train: 'B-' is not a tag: "),
        (["Ann", "ran"], ["O", 0], r"^toy de/train: 0 is not a tag: "),
        (["Ann", "ran"], ["O"], r"^toy de/train: 2 words, but 1 tags in \['Ann', 'ran'\]$"),
    ],
)
def test_what_is_no_word_or_no_tag_is_named(tokens, tags, message):
    with pytest.raises(DataError, match=message):
        corpus(ANN if tags else Sentence(["a"]), Sentence(tokens, tags))
