import random

import numpy as np
import pytest

from xner.decoding.decoder import Decoded
from xner.reporting.own.calibration import Calibration, reliability


def test_scores_are_held_to_what_is_right(made, saying):
    view = made(("Ada saw Rome", "B-PER O B-LOC", "O O O"), ("Oslo", "B-LOC", "O"))
    said = [Decoded(["B-PER", "O", "B-ORG"], [], [0.9, 0.7]), Decoded(["B-LOC"], [], [0.3])]
    error, chart, table = Calibration(Calibration.Config(bins=2)).look(saying(view, _=said))
    gaps = abs(0.3 - 1) * 1 / 3 + abs(0.8 - 0.5) * 2 / 3
    assert error.rows == (("all", round(100 * gaps, 2), 63.33, 66.67, 3),)
    assert chart.lines == {"entities": ((0.3, 1.0), (0.8, 0.5))} and chart.diagonal
    assert table.rows == (("0.00–0.50", 1, 30.0, 100.0), ("0.50–1.00", 2, 80.0, 50.0))


@pytest.mark.parametrize("bins", [1, 3, 10])
def test_against_a_second_reading(bins):
    draw = random.Random(bins)
    scores = [draw.choice([0.0, 1.0, 0.1, 0.3, draw.random()]) for _ in range(200)]
    right = [draw.random() < score for score in scores]
    found = reliability(np.array(scores), np.array(right), bins)
    expected = []
    for number in range(bins):
        inside = [
            (s, r)
            for s, r in zip(scores, right, strict=True)
            if number / bins < s <= (number + 1) / bins or (s == 0 and not number)
        ]
        if inside:
            mean = sum(s for s, _ in inside) / len(inside)
            expected.append(
                (number / bins, (number + 1) / bins, len(inside), mean, sum(r for _, r in inside) / len(inside))
            )
    assert [row[:3] for row in found] == [row[:3] for row in expected]
    assert np.array([row[3:] for row in found]) == pytest.approx(np.array([row[3:] for row in expected]))


def test_without_an_entity_there_is_nothing(made, saying):
    view = saying(made(("Ada", "B-PER", "O")), _=[Decoded(["O"], [1.0], [])])
    assert not Calibration().look(view)
