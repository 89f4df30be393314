import numpy as np
import pytest

from xner.testing import RefinerContract
from xner_neighbours.prototypes import Prototypes

LENGTHS = [3, 1, 5, 4, 2]
TEXT = [" ".join(["w"] * length) for length in LENGTHS]


class TestPrototypes(RefinerContract):
    component = "prototypes"


class TestPrototypesWithMomentum(RefinerContract):
    component = "prototypes"

    @pytest.fixture
    def settings(self):
        return {"momentum": 0.99, "rounds": 2, "margin": 0.1}


@pytest.fixture
def drawn():
    """Draws probabilities of five tags in which one type, PER, may be left out."""

    def draw(seed=0, without=False):
        rng = np.random.default_rng(seed)
        rows = [rng.dirichlet(np.full(5, 0.6), length) for length in LENGTHS]
        for row in rows if without else []:
            row[:, 0] += row[:, 3:].sum(1) * 0.999
            row[:, 3:] *= 0.001
        return [row.astype(np.float32) for row in rows]

    return draw


def refined(target, signals, **settings):
    refiner = Prototypes(Prototypes.Config(**settings))
    refiner.prepare(target(*TEXT), signals)
    return [refiner.refine(number, signals)["probabilities"] for number in range(len(TEXT))], refiner.notes


def unit(values):
    length = sum(value * value for value in values) ** 0.5
    return [value / length for value in values] if length else values


def dot(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


def naive_prototypes(labels, v, before, momentum):
    """A prototype of each type, one word after the other."""
    protos = before if momentum is not None else {c: [0.0] * len(v[0][0]) for c in range(3)}
    for n, row in enumerate(v):
        for i, word in enumerate(row):
            c, (old, new) = labels[n, i], (1, 1) if momentum is None else (momentum, 1 - momentum)
            protos[c] = [old * a + new * b for a, b in zip(protos[c], word, strict=True)]
        if momentum is not None:
            protos = {c: unit(proto) for c, proto in protos.items()}
    return {c: unit(proto) for c, proto in protos.items()}


def naive(rows, vectors, rounds, first, last, margin, momentum):
    """A second reading, word by word in plain Python."""
    p = [[[float(x) for x in word] for word in row] for row in rows]
    v = [[unit([float(x) for x in word]) for word in row] for row in vectors]
    t = [[[w[0], w[1] + w[2], w[3] + w[4]] for w in row] for row in p]
    places = [(n, i) for n, row in enumerate(p) for i in range(len(row))]
    protos = {c: [0.0] * len(v[0][0]) for c in range(3)}
    for number in range(rounds):
        labels = {(n, i): t[n][i].index(max(t[n][i])) for n, i in places}
        protos = naive_prototypes(labels, v, protos, momentum)
        margins = {0: -2.0}
        for c in (1, 2):
            own = [dot(v[n][i], protos[c]) for n, i in places if labels[n, i] == c]
            margins[c] = margin if margin is not None else sum(own) / len(own) if own else 9.0
        keep = first + (last - first) * number / rounds
        for n, i in places:
            near = {c: dot(v[n][i], proto) for c, proto in protos.items() if any(proto)}
            best = max(near, key=lambda c: (near[c], -c))
            if near[best] > margins[best] + 1e-6:
                t[n][i] = [keep * x + (1 - keep) * (c == best) for c, x in enumerate(t[n][i])]
    return [[naive_tags(word, t[n][i]) for i, word in enumerate(row)] for n, row in enumerate(p)]


def naive_tags(before, types):
    result = [types[0]]
    for c in (1, 2):
        own = before[2 * c - 1] + before[2 * c]
        begin = before[2 * c - 1] / own if own else 0.5
        result += [types[c] * begin, types[c] * (1 - begin)]
    return result


@pytest.mark.parametrize("momentum", [None, 0, 0.9])
@pytest.mark.parametrize("margin", [None, 0.3])
@pytest.mark.parametrize(("rounds", "first", "last"), [(1, 0.5, 0.5), (4, 0.95, 0.2)])
@pytest.mark.parametrize(("seed", "without"), [(0, False), (1, False), (2, True)])
def test_it_is_what_a_naive_reading_gives(
    target, heard, vectors, drawn, seed, without, rounds, first, last, margin, momentum
):
    rows, states = drawn(seed, without), vectors(LENGTHS, seed)
    signals = heard(("recognizer", {"probabilities": rows}), ("word-vectors", {"states": states}))
    settings = {"rounds": rounds, "first": first, "last": last, "margin": margin, "momentum": momentum}
    got, _ = refined(target, signals, **settings)
    for mine, expected in zip(got, naive(rows, states, **settings), strict=True):
        assert mine.dtype == np.float32 and np.allclose(mine, expected, atol=1e-5)
        assert np.allclose(mine.sum(1), 1, atol=1e-5)
    assert not all(np.allclose(mine, row, atol=1e-3) for mine, row in zip(got, rows, strict=True))


def of_words(*words):
    """Puts the words (type's probabilities, vector) into the sentences."""
    cut = np.cumsum(LENGTHS)[:-1]
    rows = np.array([[o, loc, 0, per, 0] for (o, loc, per), _ in words], np.float32)
    return np.split(rows, cut), np.split(np.array([vector for _, vector in words], np.float32), cut)


LOC, PER, OUT = [1, 0, 0], [0, 1, 0], [0, 0, 1]


def test_a_word_moves_to_the_type_whose_words_are_near_and_b_and_i_stay(target, heard):
    sure = [((1, 0, 0), OUT)] * 7 + [((0, 1, 0), LOC)] * 5 + [((0, 0, 1), [0.1, 1, 0])] * 2
    rows, states = of_words(*sure, ((0.2, 0.2, 0.6), LOC))
    rows[-1][-1] = [0.2, 0.05, 0.15, 0.6, 0]
    signals = heard(("recognizer", {"probabilities": rows}), ("word-vectors", {"states": states}))
    got, notes = refined(target, signals, rounds=1, first=0.5, margin=0.9)
    types = [0.1, 0.5 * 0.2 + 0.5, 0.3]
    assert np.allclose(got[-1][-1], [types[0], types[1] / 4, types[1] * 3 / 4, types[2], 0], atol=1e-6)
    assert np.allclose(np.concatenate(got)[:14], np.concatenate(rows)[:14])
    assert list(notes) == ["prototypes: 1 of 15 words have another most probable type than before"]


def test_a_type_that_had_no_probability_is_divided_in_halves(target, heard):
    sure = [((1, 0, 0), OUT)] * 7 + [((0, 1, 0), LOC)] * 7
    rows, states = of_words(*sure, ((0.4, 0, 0.6), LOC))
    signals = heard(("recognizer", {"probabilities": rows}), ("word-vectors", {"states": states}))
    got, _ = refined(target, signals, rounds=1, first=0.5, margin=0.5)
    assert np.allclose(got[-1][-1], [0.2, 0.25, 0.25, 0.3, 0], atol=1e-6)


@pytest.mark.parametrize(("margin", "moves"), [(0.99, False), (0.5, True)])
def test_only_what_beats_the_margin_moves_to_an_entity_and_anything_to_o(target, heard, margin, moves):
    sure = [((1, 0, 0), OUT)] * 7 + [((0, 1, 0), LOC)] * 6
    rows, states = of_words(*sure, ((0.6, 0.4, 0), [1, 0, 0.6]), ((0.4, 0.6, 0), [0.3, 0, 1]))
    signals = heard(("recognizer", {"probabilities": rows}), ("word-vectors", {"states": states}))
    got, _ = refined(target, signals, rounds=1, first=0.5, margin=margin)
    toward, away = got[-1]
    assert np.allclose(toward[1], 0.7 if moves else 0.4) and np.allclose(away[0], 0.7)


def test_a_type_that_stands_once_keeps_its_word_and_one_that_is_never_said_gets_none(target, heard):
    sure = [((1, 0, 0), OUT)] * 14
    rows, states = of_words(*sure, ((0.1, 0.9, 0), LOC))
    signals = heard(("recognizer", {"probabilities": rows}), ("word-vectors", {"states": states}))
    got, _ = refined(target, signals)
    assert np.allclose(np.concatenate(got), np.concatenate(rows))


@pytest.mark.parametrize("settings", [{"rounds": 0}, {"first": 1.1}, {"last": -1}, {"margin": 2}, {"momentum": 1}])
def test_settings_that_are_none_are_refused(settings):
    with pytest.raises(ValueError, match="should be"):
        Prototypes.Config(**settings)
