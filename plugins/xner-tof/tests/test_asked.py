import numpy as np
import pytest

from xner.errors import DataError
from xner.testing import tiny_corpus
from xner_tof.asked import Asked, stretch
from xner_tof.questions import Question


@pytest.mark.parametrize(
    ("sizes", "room", "kept", "expected"),
    [
        ([1, 1, 1], 3, (0, 1), (0, 3)),
        ([1] * 9, 5, (4, 5), (2, 7)),  # as much before as behind
        ([1] * 9, 5, (0, 1), (0, 5)),
        ([1] * 9, 5, (8, 9), (4, 9)),  # what is not needed behind is used before
        ([1] * 9, 5, (1, 2), (0, 5)),
        ([1, 4, 1, 4, 1], 3, (2, 3), (2, 3)),
        ([1, 4, 1], 3, (1, 2), None),
        ([1, 1], 0, (0, 1), None),
    ],
)
def test_a_stretch_of_a_text(sizes, room, kept, expected):
    assert stretch(np.array(sizes), room, kept) == expected


@pytest.fixture
def asked(tiny_workbench):
    def asked(*questions, room=20):
        tagger = tiny_workbench.new_tagger()
        tagger.max_length = room
        made = Asked(tagger, widest=2)
        return made, list(made.corpus(questions, tiny_corpus().without_labels()))

    return asked


def test_a_question_stands_before_its_text_with_a_separator_between(asked):
    made, (sentence,) = asked(Question(["who", "?"], ["Ada", "of", "Rome"], [(0, 1), (2, 3)]))
    assert sentence.tokens == ["who", "?", "[SEP]", "Ada", "of", "Rome"] and sentence.tags is None
    row = made.row(0)
    assert row["context"].ravel().tolist() == [0, 0, 0, 1, 1, 1]
    assert row["starts"].ravel().tolist() == row["ends"].ravel().tolist() == [0, 0, 0, 1, 0, 1]
    assert row["answers"].tolist() == [[0, 0], [0, 0], [0, 0], [1, 0], [0, 0], [1, 0]]
    (window,) = made.tagger.windower.windows([sentence])
    separator = made.tagger.tokenizer.sep_token_id
    assert window.input_ids[window.positions[2]] == separator and window.sizes[2] == 1


def test_answers_that_are_wider_than_a_candidate_still_begin_and_end(asked):
    made, _ = asked(Question(["who"], ["a", "b", "c", "d"], [(0, 2), (1, 4)]))
    row = made.row(0)
    assert row["starts"].ravel().tolist() == [0, 0, 1, 1, 0, 0]
    assert row["ends"].ravel().tolist() == [0, 0, 0, 1, 0, 1]
    assert row["answers"].tolist() == [[0, 0], [0, 0], [0, 1], [0, 0], [0, 0], [0, 0]]


def test_long_texts_are_cut_around_their_first_answer(asked):
    text = [*"abcdefghijklmno"]
    made, (sentence,) = asked(Question(["x"], text, [(9, 11), (0, 1)]), room=10)  # 10 - [CLS] - [SEP] - x - [SEP] = 6
    assert sentence.tokens == ["x", "[SEP]", *"hijklm"]
    assert made.answers == [[(2, 4)]] and made.cut == 1 and made.left_out == 0
    (window,) = made.tagger.windower.windows([sentence])
    assert len(window.input_ids) == 10  # the whole of it is one window


def test_what_does_not_fit_is_left_out_and_counted(asked):
    long, short, wide = Question([*"abcdefg"], ["a"], []), Question(["x"], ["a"], []), ["abcd", "efgh"]
    made, (sentence,) = asked(long, short, Question(["x"], wide, [(0, 2)]), room=10)
    assert sentence.tokens == ["x", "[SEP]", "a"] and made.places == [(2, 1)] and made.left_out == 2
    with pytest.raises(DataError, match="is empty"):
        asked(Question([*"abcdefg"], ["a"], []), room=10)
