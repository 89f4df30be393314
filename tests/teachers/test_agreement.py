import numpy as np
import pytest

from xner.errors import UsageError
from xner.store.ragged import Ragged, write
from xner.teachers.agreement import Agreement
from xner.teachers.signals import Signals
from xner.testing import RefinerContract


class TestAgreement(RefinerContract):
    component = "agreement"


class TestAgreementInARatio(RefinerContract):
    component = "agreement"

    @pytest.fixture
    def settings(self):
        return {"ratio": {"joint": 3, "recognizer": 1}}


LENGTHS = 2, 3


@pytest.fixture
def said():
    """For each of three teachers, of which two have one name, the probabilities of two sentences."""
    draw = np.random.default_rng(0)
    return [[draw.dirichlet(np.ones(5), length).astype(np.float32) for length in LENGTHS] for _ in range(3)]


@pytest.fixture
def signals(said, tmp_path):
    for number, rows in enumerate(said):
        write(tmp_path / str(number), [[{"probabilities": row} for row in rows]])
    write(tmp_path / "v", [[{"vectors": np.ones((length, 4), np.float32)} for length in LENGTHS]])
    files = [Ragged(tmp_path / name) for name in ("0", "1", "2", "v")]
    return Signals(files, ["one", "two", "two", "mute"], np.array([1, 0.25, 0.75, 1]), ("vectors",))


def refined(signals, **ratio):
    return [Agreement(Agreement.Config(ratio=ratio)).refine(number, signals)["probabilities"] for number in range(2)]


def test_without_a_ratio_each_name_counts_the_same(signals, said):
    for number, got in enumerate(refined(signals)):
        first, second, third = (rows[number] for rows in said)
        assert np.allclose(got, (first + 0.25 * second + 0.75 * third) / 2, atol=1e-6)


def test_the_ratio(signals, said):
    for number, got in enumerate(refined(signals, one=3, two=1)):
        first, second, third = (rows[number] for rows in said)
        assert np.allclose(got, (3 * first + 0.25 * second + 0.75 * third) / 4, atol=1e-6)


def test_who_is_not_named_counts_nothing(signals, said):
    assert np.allclose(refined(signals, one=2)[1], said[0][1], atol=1e-6)


@pytest.mark.parametrize("ratio", [{"one": -1}, {"one": 0}, {"one": float("nan")}, {"one": float("inf")}])
def test_ratios_that_are_none(ratio):
    with pytest.raises(ValueError, match="expected numbers of 0 or more, and one above 0"):
        Agreement.Config(ratio=ratio)


@pytest.mark.parametrize("name", ["twp", "mute"])
def test_a_teacher_that_is_not_there_or_says_no_tags(name):
    refiner = Agreement(Agreement.Config(ratio={name: 1}))
    with pytest.raises(UsageError, match=rf"ratio: no teacher '{name}' says tags here; there are: one, two\."):
        refiner.check({"one": ("probabilities",), "two": ("probabilities",), "mute": ("vectors",)})
