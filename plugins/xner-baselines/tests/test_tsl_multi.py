import pytest

from xner.errors import UsageError
from xner.testing import MethodContract


class TestTSLMulti(MethodContract):
    component = "tsl-multi"


SOURCES = {"source.languages": ["en", "zz"]}
WELL = {"epochs": 10, "learning_rate": 5e-3, "batch_size": 16}


@pytest.mark.parametrize("weights", ["uniform", "similarity", "sentence-similarity"])
def test_end_to_end(train, weights):
    run = train("tsl-multi", more=SOURCES | {"combination.weights": weights}, **WELL)
    similarity = ["language classifier of en, zz", "language similarity of xx to en, zz"]
    assert [stage.title for stage in run.stages] == [
        "teacher recognizer on en",
        "teacher recognizer on zz",
        *(similarity if weights != "uniform" else []),
        "signals of recognizer (en) on xx",
        "signals of recognizer (zz) on xx",
        "student on xx (tags, uniform)",
    ]
    assert run.metrics.sentences == 60 and run.metrics.overall.f1 > 20  # the names are shared, the words are not


def test_with_one_source_it_is_tsl(train):
    one, other = train("tsl", batch_size=32), train("tsl-multi", batch_size=32)
    assert [stage.key for stage in one.stages] == [stage.key for stage in other.stages]
    assert other.seconds < one.seconds and one.metrics == other.metrics


def test_parts_are_mixed_in_as_into_tsl(train):
    assert train("tsl-multi", more=SOURCES).stages[-1].title == "student on xx (tags, uniform)"
    with pytest.raises(UsageError, match="no 'nobodys' among the weightings"):
        train("tsl-multi", more=SOURCES | {"student.weighting": "nobodys"})
