import numpy as np
import pytest

from xner.base import Signals
from xner.store.ragged import Ragged, write
from xner.testing import RefinerContract
from xner_adversarial.surest_teacher import SurestTeacher

LENGTHS = (1, 4, 2, 7, 3)


class TestSurestTeacher(RefinerContract):
    component = "surest-teacher"


@pytest.fixture
def heard(tmp_path):
    """Makes signals of teachers, each a row of columns for each sentence."""

    def make(*teachers):
        for number, rows in enumerate(teachers):
            write(tmp_path / str(number), [rows])
        files = [Ragged(tmp_path / str(number)) for number in range(len(teachers))]
        return Signals(files, ["one"] * len(files), np.full(len(files), 1 / len(files)))

    return make


def drawn(seed):
    draw = np.random.default_rng(seed)
    return [
        {
            "probabilities": draw.dirichlet(np.full(5, 0.4), length).astype(np.float32),
            "source_probability": np.full((length, 1), draw.random(), np.float32),
        }
        for length in LENGTHS
    ]


def test_a_sentence_is_what_its_surest_teacher_says(heard):
    teachers = [drawn(seed) for seed in range(4)]
    signals = heard(*teachers)
    chosen = set()
    for sentence in range(len(LENGTHS)):
        sure = []
        for rows in teachers:
            words = rows[sentence]["probabilities"].tolist()
            sure.append(sum(max(word) for word in words) / len(words))
        best = sure.index(max(sure))
        chosen.add(best)
        refined = SurestTeacher().refine(sentence, signals)
        assert refined.keys() == {"probabilities", "source_probability"}
        for name, values in refined.items():
            assert np.array_equal(values, teachers[best][sentence][name])
    assert len(chosen) > 1


def test_of_equal_teachers_the_first_counts(heard):
    one, other = drawn(0), drawn(0)
    for row in other:
        row["probabilities"] = row["probabilities"][:, ::-1].copy()
    refined = SurestTeacher().refine(3, heard(one, other))
    assert np.array_equal(refined["probabilities"], one[3]["probabilities"])


def test_teachers_that_say_something_else_are_not_asked(heard):
    mute = [{"probabilities": np.eye(5, dtype=np.float32)[[0] * length]} for length in LENGTHS]
    told = drawn(1)
    refined = SurestTeacher().refine(1, heard(mute, told))
    assert np.array_equal(refined["probabilities"], told[1]["probabilities"])
