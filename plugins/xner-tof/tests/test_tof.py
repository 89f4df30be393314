import pytest

from xner.base import TransferTask
from xner.errors import DataError, UsageError
from xner.plugin.manager import Plugins
from xner.runs.mixing import configure
from xner.testing import MethodContract, tiny_corpus
from xner_tof.tof import TOF

DEFINITIONS = {"LOC": "where", "ORG": "what", "PER": "who"}
QUICK = {"teachers.recognizer.epochs": 1}
TITLES = [
    "en in words of xx, by dictionary-file",
    "reading comprehension on en",
    "teacher recognizer on en, going on",
    "tags of the first tagger on xx",
    "equal parts of en + en + xx",
    "teacher recognizer on en (equal parts), going on",
    "tags of the second tagger on xx",
    "reading comprehension on en+xx, going on",
    "equal parts of en + en + xx",
    "teacher recognizer on en (equal parts), going on",
]
RATE = {"batch_size": 16, "learning_rate": 5e-3}


class TestTOF(MethodContract):
    component = "tof"

    @pytest.fixture
    def settings(self):
        return {"definitions": DEFINITIONS, "reading_epochs": 0.5}

    @pytest.fixture
    def run_settings(self, words):
        return {**QUICK, **words}

    @pytest.fixture
    def context(self, make_context, run_settings):
        return make_context(run_settings)  # the dictionary's file is another one in every test


@pytest.fixture
def planned(make_context, words):
    """Returns the stages of a dry run, and what the method says of itself."""

    def planned(**settings):
        context = make_context({**QUICK, **words}, dry=True)
        task = TransferTask((tiny_corpus(size=20),), tiny_corpus("xx", size=12).without_labels())
        TOF(TOF.Config(definitions=DEFINITIONS, **settings)).run(task, context)
        return context

    return planned


def titles(context):
    return [stage.title for stage in context.stages]


def test_its_stages_build_on_each_other(planned):
    context = planned()
    assert titles(context) == TITLES
    translated, first, tagger, tags, _, second, more, again, _, last = context.stages
    builds = {tagger: first, tags: tagger, second: tagger, more: second, again: second, last: again}
    assert all(stage.inputs[0] == on for stage, on in builds.items())
    assert translated in first.inputs and tags in second.inputs  # who learns from a text waits for it


def test_without_its_parts(planned):
    assert titles(planned(continual=False)) == TITLES[:6]
    assert titles(planned(mrc=False)) == [
        TITLES[0],
        "teacher recognizer on en",
        *(title for title in TITLES[3:] if not title.startswith("reading")),
    ]
    bare = titles(planned(translation="none", mrc=False, continual=False))
    assert bare == ["teacher recognizer on en", TITLES[3], "equal parts of en + xx", TITLES[5]]


def test_it_says_which_parts_of_the_papers_method_it_lacks(planned, tmp_path):
    assert planned().notes == ["tof: no question answering but for entities, no tuning of the language model"]
    (note,) = planned(mrc=False, translation="none", continual=False).notes
    assert note == "tof: no MRC, no translation, no continual learning, no tuning of the language model"
    (tmp_path / "qa.jsonl").write_text('{"question": "q", "context": "c", "answers": {"text": [], "answer_start": []}}')
    assert planned(qa=str(tmp_path / "qa.jsonl")).notes == ["tof: no tuning of the language model"]


def test_equal_parts_are_as_large_as_the_smallest(make_context):
    context = make_context({})
    source, target = tiny_corpus(size=20), tiny_corpus("xx", size=12)
    made = TOF()._thirds([source, source, target], context)
    assert len(made) == 36 and made.labelled
    parts = [[*made.part(start, start + 12)] for start in (0, 12, 24)]
    assert parts[2] == [*target]
    assert all(sentence in [*source] for sentence in [*parts[0], *parts[1]])
    assert parts[0] != parts[1]  # each is a draw of its own
    assert [*TOF()._thirds([source, source, target], make_context({}))] == [*made]


def test_what_it_is_and_the_dictionary_stand_beside_the_score_on_the_card_and_in_the_report(train, words):
    done = train("tof", more={**words, "methods.tof.mrc": False, "methods.tof.continual": False}, **RATE)
    itself, dictionary = done.notes
    assert itself.startswith("tof: no MRC, no continual learning")
    assert dictionary.startswith("translation: en to xx by the dictionary dictionary-file (6 words): ")
    card, page = (done.folder / "student" / "README.md").read_text(), (done.folder / "report.html").read_text()
    assert itself in card and dictionary in card and "no MRC" in page
    again = train("tof", more={**words, "methods.tof.mrc": False, "methods.tof.continual": False}, **RATE)
    assert again.notes == done.notes  # nothing is computed anew


def test_a_killed_run_goes_on_where_it_was(train, words, monkeypatch):
    more = {**words, "methods.tof.definitions": DEFINITIONS, "methods.tof.reading_epochs": 0.5}

    def run():
        return train("tof", more=more, **RATE)

    whole = run()

    def killed(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setenv("XNER_CACHE", str(whole.folder.parent / "other"))
    with monkeypatch.context() as patch:
        patch.setattr("xner_tof.reading.renew_head", killed)  # at the end of the second reading
        with pytest.raises(KeyboardInterrupt):
            run()
    monkeypatch.setattr("xner.resources.word_translation.WordTranslation.of", None)  # the translation is there
    again = run()
    assert again.metrics == whole.metrics and [s.key for s in again.stages] == [s.key for s in whole.stages]


def test_what_is_wrong_is_told_before_anything_is_trained(train, words):
    def told(error, match, **settings):
        with pytest.raises(error, match=match):
            train("tof", more={**words, **{f"methods.tof.{name}": value for name, value in settings.items()}})

    told(DataError, r"nothing\.json: no such file of questions", qa="nothing.json")
    told(UsageError, r"^methods\.tof\.definitions\.DIS: the run has no such type", definitions={"DIS": "x"})
    told(UsageError, r"methods\.tof\.reading_length = 4", reading_length=4)
    words["resources.dictionary-file.path"] = "nothing.txt"
    told(DataError, r"^nothing\.txt: no such dictionary from en to xx")


def test_settings_and_preset():
    config = configure(Plugins.load(), {"method": "tof"}, preset="authors")
    assert (config.max_length, config.resources.dictionary) == (128, "freedict")
    method = TOF.Config(**config.component("methods", "tof"))
    assert (method.reading_rate, method.reading_rate_again, method.reading_epochs) == (2e-6, 5e-5, 6)
    recognizer = config.component("teachers", "recognizer")
    assert (recognizer["learning_rate"], recognizer["batch_size"], recognizer["subwords"]) == (5e-5, 32, 0)
