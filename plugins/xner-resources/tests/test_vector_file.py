import numpy as np
import pytest

from xner.errors import DataError
from xner_resources.vector_file import read_vectors


@pytest.fixture
def file(tmp_path):
    def write(content):
        (tmp_path / "v.vec").write_bytes(content if isinstance(content, bytes) else content.encode())
        return tmp_path / "v.vec"

    return write


@pytest.mark.parametrize("head", ["", "4 2\n"])
def test_words_in_small_letters_each_once(file, head):
    words, rows = read_vectors(file(head + "the 1 0.5\nThe 9 9\nNew 0 -1e-1 \nü 2 3\n"), 100)
    assert words == ["the", "new", "ü"] and np.allclose(rows, [[1, 0.5], [0, -0.1], [2, 3]])


def test_no_more_than_the_limit(file):
    assert read_vectors(file("a 1 2 3\nb 1 2 3\nc oh\n"), 2)[0] == ["a", "b"]


def test_a_word_may_have_a_space(file):
    assert read_vectors(file("2 3\na 1 2 3\nx\u00a0y 1 2 3\nnew york 4 5 6\n"), 9)[0] == ["a", "x\u00a0y", "new york"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a 1 2 3\nb 1 two 3\n", r"v\.vec:2: expected a word and 3 numbers: 'b 1 two 3'$"),
        ("a 1 2 3\nb 1 2\n", r"v\.vec:2: expected a word and 3 numbers: 'b 1 2'$"),
        ("a 1 2 3\n1 2 3\n", r"v\.vec:2: expected a word and 3 numbers"),
        ("a 1 nan 3\n", r"v\.vec:1: expected a word and 3 numbers"),
        ("word\n", r"v\.vec:1: expected a word"),
        ("", r"v\.vec: has no vector of a word"),
        (b"a 1 2 3\n\xff 1 2 3\n", r"v\.vec: is not UTF-8"),
    ],
)
def test_what_is_none_is_told(file, content, message):
    with pytest.raises(DataError, match=message):
        read_vectors(file(content), 9)
