"""What is taken from a teacher; what is refused is in tests/methods/test_misbehaviour_stages.py."""

import numpy as np
import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.teachers.fitting import Fitting, MisfitError

BLOCK = Corpus.from_sentences("x", "de", "train", [Sentence(["a", "b"]), Sentence(["c"])])


def rows(*shapes, name="p", dtype=np.float32):
    return [{name: np.ones(shape, dtype)} for shape in shapes]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, np.uint8, bool])
@pytest.mark.parametrize("width", [(), (1,), (3,)])
def test_numbers_of_any_kind_and_width_are_taken_as_they_are(dtype, width):
    given = rows((2, *width), (1, *width), dtype=dtype)
    assert Fitting(["p"], tags=7).rows(BLOCK, iter(given)) == given


def test_probabilities_of_half_precision_are_probabilities():
    half = [{"probabilities": np.full((n, 7), 1 / 7, np.float16)} for n in (2, 1)]
    assert Fitting(["probabilities"], tags=7).rows(BLOCK, half) == half
    assert Fitting(["probabilities"]).rows(BLOCK, half) == half  # how many tags there are need not be known


def test_the_width_is_that_of_the_blocks_before():
    fitting = Fitting(["p"])
    fitting.rows(BLOCK, rows((2, 3), (1, 3)))
    with pytest.raises(MisfitError, match=r"^gives 'p' of the width 4, and before of 3$"):
        fitting.rows(BLOCK, rows((2, 4), (1, 4)))
    with pytest.raises(MisfitError, match=r"^gives 'p' of the width none, and before of 3$"):
        fitting.rows(BLOCK, rows((2,), (1,)))


def test_a_block_without_rows_has_none_too_few():
    assert Fitting(["p"]).rows(BLOCK.part(0, 0), []) == []
