"""What a tagger has said once, it is not asked again."""

from dataclasses import replace

import pytest

from xner.base import Corpus
from xner.errors import DataError
from xner.tagging.tagger import Tagger
from xner.testing import tiny_workbench
from xner.testing.viewing import random_column, tiny_view


@pytest.fixture
def view(encoder_folder, tmp_path):
    return tiny_view(tiny_workbench(encoder_folder, tmp_path), tmp_path / "run", ("vectors",), random_column)


@pytest.fixture
def asked(monkeypatch):
    """How many sentences each call of a tagger was given."""
    sizes, tag = [], Tagger.tag

    def noting(self, corpus):
        sentences = list(corpus)
        sizes.append(len(sentences))
        return tag(self, sentences)

    monkeypatch.setattr(Tagger, "tag", noting)
    return sizes


def test_the_student_is_not_asked_for_what_was_scored_by_whatever_name(view, asked):
    said = list(view.student.tag(view.tested))
    scored = replace(view, said=said, last=view.stages[-1])
    assert asked.pop() == len(said)
    assert scored.decoded() == said == scored.decoded(view.stages[-1])
    assert scored.decoded(view.stages[-1], [1, 2]) == said[1:3]
    assert asked == []


def test_without_that_it_is_asked_once(view, asked):
    expected = list(view.student.tag(view.tested))
    again = replace(view, last=view.stages[-1])
    assert again.decoded(sentences=[0, 2]) == [expected[0], expected[2]]
    assert again.decoded() == expected == again.decoded(view.stages[-1])
    assert asked == [len(expected), 2, len(expected) - 2]


def test_a_teacher_tags_only_what_is_wanted_and_that_once(view, asked):
    teacher = view.stages[0]
    (few,) = view.decoded(teacher, [2])
    whole = view.decoded(teacher)
    assert asked == [1, len(view.tested) - 1]
    assert (few.best, few.scores) == (whole[2].best, pytest.approx(whole[2].scores, abs=1e-5))
    own = view.workbench.load_tagger(teacher.folder / "tagger").tags(view.tested)
    assert [one.tags for one in whole] == own != [one.tags for one in view.decoded()]


def test_what_is_no_tagger_any_more(view):
    with pytest.raises(DataError, match="the tagger of 'signals of speaker on xx' is not in the cache any more"):
        view.decoded(view.stages[1])
    with pytest.raises(DataError, match="the student is not in the cache any more"):
        replace(view, student=None).decoded()
    assert isinstance(view.tested, Corpus)
