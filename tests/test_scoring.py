import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xner.errors import XnerError
from xner.scoring import RULE, score

TYPES = ("LOC", "PER", "ORG")
TAGS = ("O", *(f"{prefix}-{kind}" for kind in TYPES for prefix in "BI"))


def chunks(sentences):
    """The entities as conlleval.pl finds them, written anew: a chunk starts at B-, or at I- after O or another type."""
    found, start, kind = set(), None, None
    for number, tags in enumerate(sentences):
        for position, tag in enumerate([*tags, "O"]):
            prefix, _, now = tag.partition("-")
            goes_on = prefix == "I" and now == kind
            if kind is not None and not goes_on:
                found.add((number, start, position, kind))
                kind = None
            if prefix == "B" or (prefix == "I" and not goes_on):
                start, kind = position, now
    return found


def conlleval(gold, predicted, kind=None):
    right, guessed = chunks(gold), chunks(predicted)
    if kind:
        right, guessed = ({chunk for chunk in side if chunk[3] == kind} for side in (right, guessed))
    both = len(right & guessed)
    precision = 100 * both / len(guessed) if guessed else 0
    recall = 100 * both / len(right) if right else 0
    f1 = 2 * precision * recall / (precision + recall) if both else 0
    return pytest.approx((precision, recall, f1, len(right)), abs=0.00501)


def numbers(result):
    return result.precision, result.recall, result.f1, result.entities


def check(gold, predicted):
    metrics = score(gold, predicted, "x")
    assert numbers(metrics.overall) == conlleval(gold, predicted)
    assert set(metrics.by_type) == {chunk[3] for chunk in chunks(gold) | chunks(predicted)}
    for kind, result in metrics.by_type.items():
        assert numbers(result) == conlleval(gold, predicted, kind)
    assert metrics.sentences == len(gold)


@settings(max_examples=300)
@given(st.lists(st.lists(st.tuples(*[st.sampled_from(TAGS)] * 2), max_size=8), min_size=1, max_size=6))
def test_like_conlleval_for_any_tags(pairs):
    check([[gold for gold, _ in sentence] for sentence in pairs], [[guess for _, guess in s] for s in pairs])


def test_like_conlleval_for_thousands_of_tags():
    draw = random.Random(0)
    for share in (0.0, 0.1, 0.5, 0.9):
        for _ in range(10):
            gold = [draw.choices(TAGS, k=draw.randint(1, 20)) for _ in range(50)]
            check(gold, [[draw.choice(TAGS) if draw.random() < share else tag for tag in tags] for tags in gold])


@pytest.mark.parametrize(
    ("gold", "predicted", "expected"),
    [
        (["B-PER", "I-PER", "O"], ["B-PER", "I-PER", "O"], (100, 100, 100, 1)),
        (["B-PER", "I-PER", "O"], ["B-PER", "O", "O"], (0, 0, 0, 1)),
        (["B-PER", "I-PER", "O"], ["I-PER", "I-PER", "O"], (100, 100, 100, 1)),  # an I- that continues nothing
        (["B-PER", "I-PER", "O"], ["B-PER", "B-PER", "O"], (0, 0, 0, 1)),
        (["B-PER", "O", "B-LOC"], ["B-PER", "O", "B-ORG"], (50, 50, 50, 2)),
        (["B-PER", "O", "B-LOC"], ["B-PER", "I-LOC", "B-LOC"], (66.67, 100, 80, 2)),
        (["O", "O"], ["O", "O"], (0, 0, 0, 0)),
        (["O", "O"], ["B-PER", "O"], (0, 0, 0, 0)),
        (["B-PER", "O"], ["O", "O"], (0, 0, 0, 1)),
    ],
)
def test_by_hand(gold, predicted, expected):
    metrics = score([gold], [predicted], "demo de/test")
    assert numbers(metrics.overall) == expected
    assert (metrics.corpus, metrics.rule, metrics.chosen_on) == ("demo de/test", RULE, "last step")


def test_by_type():
    metrics = score([["B-PER", "O", "B-LOC"]], [["B-PER", "O", "B-ORG"]], "x")
    assert {kind: numbers(result) for kind, result in metrics.by_type.items()} == {
        "PER": (100, 100, 100, 1),
        "LOC": (0, 0, 0, 1),
        "ORG": (0, 0, 0, 0),
    }


@pytest.mark.parametrize("guess", [["O"], ["O", "O", "O"]])
def test_another_number_of_tags(guess):
    with pytest.raises(XnerError, match=f"x: sentence 1 has 2 words but {len(guess)} predicted tags"):
        score([["O"], ["O", "O"]], [["O"], guess], "x")


def test_another_number_of_sentences():
    with pytest.raises(ValueError, match="longer"):
        score([["O"]], [["O"], ["O"]], "x")
