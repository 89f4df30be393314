import numpy as np
import pytest

from xner.testing import RefinerContract
from xner_consensus.form_agreement import FormAgreement

TEXT = ("Ann met ann", "Rome Ann", "ANN saw Rome in Rome", "once")
LENGTHS = [len(text.split()) for text in TEXT]


class TestFormAgreement(RefinerContract):
    component = "form-agreement"


class TestFormAgreementInLowerCase(RefinerContract):
    component = "form-agreement"

    @pytest.fixture
    def settings(self):
        return {"key": "lower", "share": 1, "shrinkage": 0, "trust": 1}


def refined(refiner, target, signals):
    refiner.prepare(target, signals)
    return [refiner.refine(number, signals)["probabilities"] for number in range(len(target))]


def made(**settings):
    return FormAgreement(FormAgreement.Config(**settings))


def naive(texts, rows, key, share, shrinkage):
    """A second reading: word by word, over all words of the text."""
    words = [(number, place, key(token)) for number, text in enumerate(texts) for place, token in enumerate(text)]

    def types(number, place):
        p = [float(value) for value in rows[number][place]]
        return [p[0], p[1] + p[2], p[3] + p[4]]

    result = {}
    for number, place, mine in words:
        others = [types(n, i) for n, i, form in words if form == mine and (n, i) != (number, place)]
        new = own = types(number, place)
        if others:
            w = share * len(others) / (len(others) + shrinkage)
            means = [sum(values) / len(others) for values in zip(*others, strict=True)]
            new = [(1 - w) * a + w * b for a, b in zip(own, means, strict=True)]
        p = [new[0]]
        for kind in (1, 2):
            begin = rows[number][place][2 * kind - 1] / own[kind] if own[kind] else 0.5
            p += [new[kind] * begin, new[kind] * (1 - begin)]
        result[number, place] = p
    return [[result[number, place] for place in range(len(text))] for number, text in enumerate(texts)]


@pytest.mark.parametrize(("key", "fold"), [("form", str), ("lower", str.lower)])
@pytest.mark.parametrize(("share", "shrinkage", "trust"), [(0.9, 2.0, 1.0), (1.0, 0.0, 1.0), (0.5, 7.0, 0.3)])
def test_it_is_what_a_naive_reading_gives(target, heard, drawn, key, fold, share, shrinkage, trust):
    one, other = drawn(LENGTHS), drawn(LENGTHS, 1)
    signals = heard(("one", one), ("other", other))
    mean = [(a.astype(float) + b) / 2 for a, b in zip(one, other, strict=True)]
    got = refined(made(key=key, share=share, shrinkage=shrinkage, trust=trust), target(*TEXT), signals)
    expected = naive([text.split() for text in TEXT], mean, fold, trust * share, shrinkage)
    for rows, theirs in zip(got, expected, strict=True):
        assert rows.dtype == np.float32 and np.allclose(rows, theirs, atol=1e-6)
        assert np.allclose(rows.sum(-1), 1, atol=1e-6)


def test_one_case_by_hand(target, heard):
    rows = [[[0.2, 0.6, 0.2, 0, 0]], [[0.5, 0.1, 0, 0.3, 0.1]], [[0.1, 0.1, 0.8, 0, 0]]]
    first = refined(made(trust=1), target("x", "x", "x"), heard(("one", rows)))[0][0]
    # w = 0.9 * 2 / 4 = 0.45; the others' mean is O 0.3, LOC 0.5, PER 0.2; LOC is divided 3 : 1 as it was, PER in halves
    assert np.allclose(first, [0.11 + 0.135, 0.665 * 0.75, 0.665 * 0.25, 0.045, 0.045], atol=1e-6)


def test_a_word_that_stands_once_stays_as_it_is(target, heard, drawn):
    rows = drawn(LENGTHS)
    for shrinkage in (0, 2):
        got = refined(made(trust=1, shrinkage=shrinkage), target(*TEXT), heard(("one", rows)))
        assert np.allclose(got[3], rows[3], atol=1e-6) and np.allclose(got[0][1], rows[0][1], atol=1e-6)


def test_it_shares_what_refiners_before_it_made(target, heard, drawn):
    rows, before = drawn(LENGTHS), drawn(LENGTHS, 1)
    signals = heard(("one", rows), ("before", before))
    signals = type(signals)(signals.files[:1], ["one"], np.ones(1), (), signals.files[1:], signals.decoder)
    got = refined(made(trust=1), target(*TEXT), signals)
    expected = naive([text.split() for text in TEXT], before, str, 0.9, 2)
    assert np.allclose(got[2], expected[2], atol=1e-6)


def test_more_forms_than_there_was_room_for(target, heard, drawn):
    texts = [f"w{number} w{number + 1}" for number in range(1500)]
    rows = drawn([2] * 1500)
    got = refined(made(trust=1), target(*texts), heard(("one", rows)))
    expected = naive([text.split() for text in texts[-3:]], rows[-3:], str, 0.9, 2)
    assert np.allclose(got[-1], expected[-1], atol=1e-6)


class ByStem(FormAgreement):
    def key(self, token):
        return token[:3]


def test_a_subclass_may_bring_another_key(target, heard, drawn):
    texts, rows = ("Annas haus", "Annes haus"), drawn([2, 2])
    got = refined(ByStem(ByStem.Config(trust=1)), target(*texts), heard(("one", rows)))
    expected = naive([text.split() for text in texts], rows, lambda token: token[:3], 0.9, 2)
    assert np.allclose(got[0], expected[0], atol=1e-6)
    assert not np.allclose(got[0][0], rows[0][0], atol=1e-3)


# trust


AGREEING = "B-PER O B-PER", "B-LOC B-PER", "B-PER O B-LOC O B-LOC", "O"
OTHER = "B-PER O B-LOC", "B-LOC B-PER", "B-PER O B-LOC O O", "O"  # shares 5 of 7 and 6: F1 10 / 13


@pytest.mark.parametrize(("low", "high", "trust"), [(0.5, 0.7, 1), (0.8, 0.9, 0), (0.7, 0.8, (10 / 13 - 0.7) / 0.1)])
def test_it_trusts_teachers_as_far_as_they_agree(target, heard, sure, low, high, trust):
    signals = heard(("one", sure(*AGREEING)), ("other", sure(*OTHER)))
    found, given = made(low=low, high=high), made(trust=min(trust, 1))
    for one, other in zip(*(refined(each, target(*TEXT), signals) for each in (found, given)), strict=True):
        assert np.allclose(one, other, atol=1e-6)
    said = "form-agreement: the teachers agree by F1 76.9 on the raw text; sharing counts {:.2f} of its full weight"
    assert list(found.notes) == [said.format(trust)] and not given.notes


def test_without_trust_nothing_is_shared(target, heard, sure):
    rows = sure(*AGREEING)
    signals = heard(("one", rows), ("other", sure("O O O", "O O", "O O O O O", "O")))
    refiner = made()
    for number, got in enumerate(refined(refiner, target(*TEXT), signals)):
        assert np.allclose(got, signals.row(number)["probabilities"], atol=1e-6)
    assert "F1 0.0 on" in refiner.notes[0] and "0.00 of" in refiner.notes[0]


def test_one_teacher_is_trusted_and_that_is_said(target, heard, drawn):
    rows, alone = drawn(LENGTHS), made()
    got = refined(alone, target(*TEXT), heard(("one", rows)))
    assert np.allclose(got[0], refined(made(trust=1), target(*TEXT), heard(("one", rows)))[0])
    assert list(alone.notes) == [
        "form-agreement: one teacher alone does not show how far to trust it; sharing counts in full"
    ]


@pytest.mark.parametrize(("low", "high"), [(0.7, 0.7), (0.8, 0.7)])
def test_bounds_that_are_out_of_order(low, high):
    with pytest.raises(ValueError, match=f"expected more than low, {low}"):
        FormAgreement.Config(low=low, high=high)
