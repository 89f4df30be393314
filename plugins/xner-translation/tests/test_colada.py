import pytest

from xner.base import TransferTask
from xner.errors import DataError
from xner.plugin.manager import Plugins
from xner.runs.mixing import configure
from xner.store.ragged import Ragged
from xner.teachers.labelled import SIGNALS
from xner.testing import MethodContract, tiny_corpus
from xner_translation.colada import CoLaDa

QUICK = {"teachers.recognizer.epochs": 1, "student.epochs": 1}
START = ["en in words of xx, by dictionary-file", "teacher recognizer on en"]
ROUND = [
    "signals of {before} on en",
    "signals of word-vectors of {before} on en",
    "neighbour-agreement of the signals on en",
    "labels of en in its translation, mixed with those of {before}",
    "student {number} on en (tags, uniform)",
    "signals of translated {number} on xx",
    "signals of word-vectors of translated {number} on xx",
    "neighbour-agreement of the signals on xx",
    "student {number} on xx (tags, uniform)",
]


def titles(rounds):
    for number in range(1, rounds + 1):
        before = f"student {number - 1}" if number > 1 else "recognizer"
        yield from (title.format(before=before, number=number) for title in ROUND)


class TestCoLaDa(MethodContract):
    component = "colada"

    @pytest.fixture
    def settings(self):
        return {"rounds": 1}

    @pytest.fixture
    def run_settings(self, words):
        return {**QUICK, **words, "student.tag_loss": "hard_ce"}

    @pytest.fixture
    def context(self, make_context, run_settings):
        return make_context(run_settings)  # the dictionary's file is another one in every test


@pytest.fixture
def run(train, words):
    def run(**settings):
        settings = {"rounds": 2, **settings}
        more = {**words, "freeze": "none", **{f"methods.colada.{name}": value for name, value in settings.items()}}
        return train("colada", more=more, batch_size=16, learning_rate=5e-3)

    return run


def planned(make_context, words, more=None, **settings):
    context = make_context({**QUICK, "student.tag_loss": "hard_ce", **words, **(more or {})}, dry=True)
    task = TransferTask((tiny_corpus(size=20),), tiny_corpus("xx", size=20).without_labels())
    CoLaDa(CoLaDa.Config(**settings)).run(task, context)
    return context


def test_its_stages(run):
    done = run()
    assert [stage.title for stage in done.stages] == [*START, *titles(2)]
    by_title = {stage.title: stage for stage in done.stages}
    mixed, trained = by_title["labels of en in its translation, mixed with those of student 1"], done.stages[-5]
    assert mixed in trained.inputs and by_title["signals of student 1 on en"] in mixed.inputs
    weights, student = done.stages[-2:]
    assert weights in student.inputs and Ragged(weights.folder / SIGNALS).columns == ("weight",)
    config = done.config
    assert (config.student.tag_loss, config.decoding.rule, config.freeze) == ("hard_ce", "legal", "none")


def test_rounds_go_on_from_the_tagger_before_and_mix_less_of_the_tags(make_context, words):
    keys = {
        name: [stage.key for stage in planned(make_context, words, **settings).stages]
        for name, settings in (("two", {"rounds": 2}), ("one", {"rounds": 1}), ("less", {"rounds": 2, "later": 0.2}))
    }
    assert keys["two"][:11] == keys["one"] and keys["less"][:14] == keys["two"][:14]
    assert keys["less"][14] != keys["two"][14]  # the second mixture
    first = planned(make_context, words, rounds=1, first=0.4).stages
    assert [a == b.key for a, b in zip(keys["one"], first, strict=True)] == [True] * 5 + [False] * 6


def test_the_tagger_of_the_translation_learns_softly_whatever_the_student_does(make_context, words):
    hard, soft, fresh = (
        [stage.key for stage in planned(make_context, words, more, rounds=1).stages]
        for more in ({}, {"student.tag_loss": "soft_ce"}, {"student.start": "encoder"})
    )
    assert hard[:-1] == soft[:-1] == fresh[:-1] and len({hard[-1], soft[-1], fresh[-1]}) == 3


def test_the_method_has_asked_for_a_student(make_context, words):
    assert planned(make_context, words, rounds=1).distilled


def test_without_agreement_nothing_is_weighed(make_context, words):
    stages = [stage.title for stage in planned(make_context, words, rounds=1, agreement=False).stages]
    assert stages == [*START, *(t for t in titles(1) if "neighbour" not in t and "word-vectors" not in t)]


def test_the_dictionary_and_its_coverage_stand_beside_the_score_and_on_the_card(run):
    done = run(rounds=1)
    note = next(note for note in done.notes if note.startswith("translation: "))
    assert note.startswith("translation: en to xx by the dictionary dictionary-file (6 words): ")
    assert note in (done.folder / "student" / "README.md").read_text()


def test_a_killed_run_goes_on_where_it_was(run, monkeypatch):
    whole = run()
    other = str(whole.folder.parent / "other")
    made = []

    def killed(given, said, weights, own):
        if own == 0.1:
            raise KeyboardInterrupt
        made.append(own)
        return mixed(given, said, weights, own)

    from xner_translation import mixed_labels

    mixed = mixed_labels.mixed
    with monkeypatch.context() as patch:
        patch.setattr(mixed_labels, "mixed", killed)
        patch.setenv("XNER_CACHE", other)
        with pytest.raises(KeyboardInterrupt):
            run()
    monkeypatch.setenv("XNER_CACHE", other)
    monkeypatch.setattr(mixed_labels, "mixed", lambda *given: made.append(given[-1]) or mixed(*given))
    before = len(made)
    again = run()
    assert set(made[:before]) == {0.5} and set(made[before:]) == {0.1}  # the first round is not done again
    assert again.metrics == whole.metrics and [s.key for s in again.stages] == [s.key for s in whole.stages]


def test_a_dictionary_that_is_not_there_is_told_before_anything_is_trained(train):
    more = {"resources.dictionary": "dictionary-file", "resources.dictionary-file.path": "nothing.txt"}
    with pytest.raises(DataError, match=r"^nothing\.txt: no such dictionary from en to xx"):
        train("colada", more=more)


def test_preset():
    config = configure(Plugins.load(), {"method": "colada"}, preset="authors")
    student = config.student
    assert (student.start, student.learning_rate, student.epochs, student.tag_loss) == ("encoder", 2e-5, 10, "hard_ce")
    assert (config.freeze, config.resources.dictionary) == ("quarter", "freedict")
    assert config.component("methods", "colada") == {"rounds": 8}
