"""Who is asked about raw text: the student, the teachers of its run in the cache, and students of other runs."""

import json
import shutil

import numpy as np
import pytest

from xner import load
from xner.errors import DataError
from xner.store.places import cache_folder
from xner.testing import tiny_corpus
from xner.using.suggesting.committee import Committee
from xner.using.suggesting.worth import disagreement, doubts

TEACHERS = ("teacher joint on en", "teacher recognizer on en")


@pytest.fixture
def run(train):
    return train("consensus", ("teachers.recognizer", "teachers.joint", "student"), learning_rate=5e-3).folder


def gathered(run, cache=None, **students):
    return Committee.gather(run, load(run).tagger, students, cache or cache_folder())


def test_the_teachers_of_the_run_are_asked_and_its_other_stages_are_not(run):
    for place in (run, run / "student"):
        committee = gathered(place)
        assert committee.names == ("student", *TEACHERS)
        assert committee.notes == ()
        assert all(tagger.decoding == committee.student.decoding for tagger in committee.others.values())
        assert all(tagger.bigrams for tagger in committee.others.values())


def test_what_they_say_is_what_each_tagger_says(run):
    committee, corpus = gathered(run), tiny_corpus("xx", "train", 9).without_labels()
    taggers = (committee.student, *committee.others.values())
    each = [list(tagger.decoder.marginals(tagger.probabilities(corpus))) for tagger in taggers]
    said = list(committee.worth(corpus))
    assert len(said) == len(corpus)
    for number, (unsure, apart) in enumerate(said):
        (decoded,) = committee.student.decoder.decode([list(committee.student.probabilities(corpus))[number]])
        assert unsure == pytest.approx(doubts(decoded, each[0][number]))
        assert apart == pytest.approx(disagreement([rows[number] for rows in each]))
        assert apart.max() > 0


def test_teachers_that_are_no_longer_in_the_cache_are_told(run, tmp_path):
    committee = gathered(run, tmp_path / "empty")
    assert (committee.names, len(committee.notes)) == (("student",), 3)
    for teacher, note in zip(TEACHERS, committee.notes[:2], strict=True):
        assert note == f"{teacher} is not in the cache {tmp_path}/empty, so it is not asked"
    assert committee.notes[2].startswith("there is one tagger alone, so disagreement is 0; --with RUN")
    ((unsure, apart),) = committee.worth(tiny_corpus("xx", "train", 1))
    assert (np.count_nonzero(unsure) > 0, np.count_nonzero(apart)) == (True, 0)


def test_a_student_alone_and_beside_another(run, tagger_folder, tmp_path):
    shutil.copytree(run / "student", tmp_path / "alone")
    assert gathered(tmp_path / "alone").names == ("student",)
    both = gathered(tmp_path / "alone", theirs=load(tagger_folder).tagger)
    assert (both.names, both.notes) == (("student", "theirs"), ())


def test_a_student_of_other_types_cannot_be_compared(run, tagger_folder):
    other = load(tagger_folder).tagger
    other.labels = type(other.labels)(("PER",))
    with pytest.raises(DataError, match=r"^theirs: it tags PER, and .* tags LOC, ORG, PER; only taggers of the same"):
        gathered(run, theirs=other)


def test_a_manifest_that_is_none(run):
    (run / "manifest.json").write_text(json.dumps({"stages": 3}))
    with pytest.raises(DataError, match=r"manifest\.json: is no manifest of a run"):
        gathered(run)
