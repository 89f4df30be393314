from collections import Counter

import pytest

from xner.reporting.own.confusion import Confusion
from xner.scoring.scores import count

ROWS = [
    ("Ada saw Rome", "B-PER O B-LOC", "B-PER O B-ORG"),
    ("Acme Inc of Oslo", "B-ORG I-ORG O B-LOC", "B-ORG O O B-LOC"),
    ("Lima", "B-LOC", "O"),
    ("the old one", "O O O", "O B-PER O"),
]


def test_entities_are_counted_by_what_is_wrong(made):
    table, _ = Confusion().look(made(*ROWS))
    assert table.heads == ("verdict", "entities", "LOC", "ORG", "PER")
    assert {row[0]: row[1:] for row in table.rows} == {
        "right": (2, 1, 0, 1),
        "wrong type": (1, 1, 0, 0),
        "wrong boundary": (1, 0, 1, 0),
        "wrong type and boundary": (0, 0, 0, 0),
        "missed": (1, 1, 0, 0),
        "spurious": (1, 0, 0, 1),
    }


def test_types_are_counted_by_what_they_are_taken_for(made):
    _, heat = Confusion().look(made(*ROWS))
    found = {
        (gold, said): count
        for gold, counts in zip(heat.rows, heat.counts, strict=True)
        for said, count in zip(heat.columns, counts, strict=True)
        if count
    }
    assert found == {
        ("PER", "PER"): 1,
        ("LOC", "ORG"): 1,
        ("LOC", "LOC"): 1,
        ("ORG", "ORG"): 1,
        ("LOC", "none"): 1,
        ("none", "PER"): 1,
    }


def test_both_agree_with_the_counts_that_scores_are_made_of(made):
    view = made(*ROWS)
    table, heat = Confusion().look(view)
    counts = count([s.tags for s in view.test], view.tags, "x")
    right, predicted, gold = counts.by_sentence.sum(0)
    verdicts = {row[0]: row[1] for row in table.rows}
    assert verdicts["right"] == right
    assert sum(verdicts.values()) - verdicts["spurious"] == gold
    assert sum(verdicts.values()) - verdicts["missed"] == predicted
    entities = Counter({kind: int(counts.values[:, place, 2].sum()) for place, kind in enumerate(counts.types)})
    assert {kind: sum(row) for kind, row in zip(heat.rows, heat.counts, strict=True) if kind != "none"} == entities


@pytest.mark.parametrize("tags", ["O O", "I-PER O"])
def test_without_entities_on_either_side_there_is_nothing(made, tags):
    assert bool(Confusion().look(made(("a b", "O O", tags)))) == ("PER" in tags)  # an I- of its own opens one
