from math import exp

import numpy as np
import pytest

from xner.errors import UsageError
from xner.testing import RefinerContract
from xner_neighbours import approximate, neighbour_agreement
from xner_neighbours.neighbour_agreement import NeighbourAgreement, agreement, firsts, weights

TEXT = ("Ann met Bob", "in Rome", "Ann met Bob", "Oslo is far", "in Rome or Oslo", "Bob saw Ann Lee there")
TAGS = ("B-PER O B-PER", "O B-LOC", "B-PER O B-PER", "B-LOC O O", "O B-LOC O B-LOC", "B-PER O B-PER I-PER O")
LENGTHS = [len(text.split()) for text in TEXT]


class TestNeighbourAgreement(RefinerContract):
    component = "neighbour-agreement"


def refined(target, signals, **settings):
    refiner = NeighbourAgreement(NeighbourAgreement.Config(**settings))
    refiner.prepare(target, signals)
    return [refiner.refine(number, signals)["weight"] for number in range(len(target))], refiner.notes


def naive(texts, tags, rows, k, slope):
    """A second reading, word by word in plain Python, from the vectors as they are."""
    words, seen = [], []
    for number, text in enumerate(texts):
        if text not in seen:
            seen.append(text)
            words += [(number, place) for place in range(len(text.split()))]

    def vector(word):
        values = [float(value) for value in rows[word[0]][word[1]]]
        length = sum(value * value for value in values) ** 0.5
        return [value / length for value in values]

    def tag(word):
        return tags[word[0]].split()[word[1]]

    def cosine(one, other):
        return sum(a * b for a, b in zip(vector(one), vector(other), strict=True))

    share = {}
    for word in words:
        others = [(-cosine(word, other), place, other) for place, other in enumerate(words) if other != word]
        near = [other for near, _, other in sorted(others) if -near < 1 - 1e-6][:k]
        same = [other for other in near if tag(other)[2:] == tag(word)[2:]]
        share[word] = len(same) / len(near) if near else 0
    result = {}
    for name in {tag(word) for word in words}:
        of_tag = [word for word in words if tag(word) == name]
        highest = max(share[word] for word in of_tag)
        c = {word: share[word] / highest if highest else 0 for word in of_tag}
        mean = sum(c.values()) / len(c)
        s = {word: 1 / (1 + exp(-slope * (c[word] - mean))) for word in of_tag}
        result |= {word: s[word] / max(s.values()) for word in of_tag}
    return [
        [result[texts.index(text), place] for place in range(len(text.split()))] for number, text in enumerate(texts)
    ]


@pytest.mark.parametrize("slope", [0, 6, 20])
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("k", [1, 3, 8])
def test_it_is_what_a_naive_reading_gives(target, heard, sure, vectors, k, seed, slope):
    rows = vectors(LENGTHS, seed)
    rows[2] = rows[0]  # the same sentence
    rows[4][1] = rows[1][1]  # the same vector elsewhere
    signals = heard(("recognizer", {"probabilities": sure(*TAGS)}), ("word-vectors", {"states": rows}))
    got, _ = refined(target(*TEXT), signals, neighbours=k, share=0.5, slope=slope)
    for mine, expected in zip(got, naive(TEXT, TAGS, rows, k, slope), strict=True):
        assert mine.dtype == np.float32 and mine.shape == (len(expected), 1)
        assert np.allclose(mine[:, 0], expected, atol=1e-6)


def test_one_case_by_hand():
    # of B-PER: shares 1/2, 1, 0; relative the same, mean 1/2
    tags, shares = np.array([1, 1, 1, 0, 3]), np.array([0.5, 1, 0, 0.2, 0])
    found = weights(tags, shares, slope=6)
    high = 1 / (1 + exp(-3))
    assert np.allclose(found[:3], [0.5 / high, 1, 1 / (1 + exp(3)) / high])
    assert found[3:].tolist() == [1, 1]  # tags of one word, also of one with which no neighbour agrees


def test_b_and_i_are_one_type_for_neighbours_and_two_tags_for_the_mean():
    tags = np.array([1, 2, 0, 1])
    shares = agreement(tags, iter([np.array([[1, 3], [0, 2]]), np.array([[0, 1], [1, -1]])]))
    assert shares.tolist() == [1, 0.5, 0, 1]
    assert weights(tags, shares, slope=6)[1] == 1  # alone among I-


def test_a_word_without_neighbours_agrees_with_none():
    assert agreement(np.array([1, 1]), iter([np.full((2, 3), -1)])).tolist() == [0, 0]


def test_a_sentence_that_is_there_twice_counts_once(target):
    assert firsts(target("a b", "c", "a b", "ab", "c")) == [0, 1, 0, 3, 1]


def test_tags_are_those_of_the_legal_path(target, heard, vectors):
    rows = [np.full((2, 5), 0.05, np.float32)]
    rows[0][0, 0], rows[0][1] = 0.8, [0.1, 0.05, 0.45, 0.4, 0]  # O, and I-LOC after it: B-PER is the best legal tag
    signals = heard(("recognizer", {"probabilities": rows}), ("word-vectors", {"states": vectors([2])}))
    assert neighbour_agreement._tags(signals, [0]).tolist() == [0, 3]


@pytest.mark.parametrize(
    ("settings", "k"),
    [({"neighbours": 5}, 1), ({"neighbours": 5, "share": 0.2}, 3), ({"neighbours": 2, "share": 0.5}, 2)],
)
def test_a_small_text_has_fewer_neighbours_and_that_is_said(target, heard, sure, vectors, monkeypatch, settings, k):
    asked, search = [], neighbour_agreement.nearest
    monkeypatch.setattr(neighbour_agreement, "nearest", lambda grid, k: asked.append((len(grid), k)) or search(grid, k))
    signals = heard(("recognizer", {"probabilities": sure(*TAGS)}), ("word-vectors", {"states": vectors(LENGTHS)}))
    _, notes = refined(target(*TEXT), signals, **settings)
    assert asked == [(17, k)]
    told = f"neighbour-agreement: 17 words are too few for 5 neighbours; each is compared with its nearest {k}"
    assert list(notes) == ([told] if k < settings["neighbours"] else [])


def test_very_many_words_are_searched_approximately_and_that_is_said(target, heard, sure, vectors, monkeypatch):
    asked = []

    def search(grid, k, probes, instead):
        asked.append((len(grid), k, probes, instead))
        yield np.full((len(grid), k), -1)

    monkeypatch.setattr(approximate, "nearest", search)
    signals = heard(("recognizer", {"probabilities": sure(*TAGS)}), ("word-vectors", {"states": vectors(LENGTHS)}))
    _, notes = refined(target(*TEXT), signals, neighbours=1, exact=16, probes=9)
    assert asked == [(17, 1, 9, "refiners.neighbour-agreement.exact=17")]
    assert list(notes) == [
        "neighbour-agreement: 17 words are more than 16, so their neighbours are found approximately"
    ]
    refined(target(*TEXT), signals, neighbours=1, exact=17)
    assert len(asked) == 1


def test_the_named_teachers_vectors_are_compared(target, heard, sure, vectors):
    tags, other = {"probabilities": sure(*TAGS)}, vectors(LENGTHS, 1)
    signals = heard(("recognizer", tags), ("word-vectors", {"states": vectors(LENGTHS)}), ("near", {"vectors": other}))
    alone = heard(("recognizer", tags), ("word-vectors", {"states": other}))
    how = {"neighbours": 4, "share": 0.5}
    named, expected, unnamed = (
        refined(target(*TEXT), heard, **how, **more)[0]
        for heard, more in ((signals, {"vectors": "near"}), (alone, {}), (signals, {}))
    )
    assert all(map(np.array_equal, named, expected)) and not all(map(np.array_equal, named, unnamed))


GIVEN = {"recognizer": ("probabilities",), "similarity": ("vectors",), "mute": ("lengths",)}


@pytest.mark.parametrize(
    ("name", "readers"),
    [("", {"recognizer": "word-vectors"}), ("recognizer", {"recognizer": "word-vectors"}), ("similarity", {})],
)
def test_taggers_are_read_where_there_are_no_vectors(name, readers):
    refiner = NeighbourAgreement(NeighbourAgreement.Config(vectors=name))
    refiner.check(GIVEN)
    assert refiner.readers(GIVEN) == readers


def test_a_method_that_has_the_reader_among_its_teachers_needs_no_other():
    assert NeighbourAgreement().readers({**GIVEN, "word-vectors": ("states",)}) == {}


@pytest.mark.parametrize(
    ("name", "why"),
    [("mute", "gives no vectors and is no tagger"), ("simlarity", "is not among the teachers here")],
)
def test_a_teacher_without_vectors_is_told_before_anything_is_computed(name, why):
    refiner = NeighbourAgreement(NeighbourAgreement.Config(vectors=name))
    with pytest.raises(UsageError) as error:
        refiner.check(GIVEN)
    said = (
        f"refiners.neighbour-agreement.vectors: '{name}' {why}; name one of: recognizer, similarity, or leave it empty."
    )
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("settings", [{"neighbours": 0}, {"share": 0}, {"share": 0.6}, {"slope": -1}, {"probes": 0}])
def test_settings_that_are_none_are_refused(settings):
    with pytest.raises(ValueError, match="should be"):
        NeighbourAgreement.Config(**settings)
