import json
from pathlib import Path

import numpy as np
import pytest

from naive_unitrans import votes
from xner.base import TransferTask, WordTranslationSettings, translated
from xner.errors import DataError
from xner.plugin.manager import Plugins
from xner.resources.word_translation import WordTranslation
from xner.runs.mixing import configure
from xner.store.ragged import Ragged
from xner.teachers.labelled import SIGNALS
from xner.testing import MethodContract, tiny_corpus
from xner_translation.unitrans import UniTrans

QUICK = {"teachers.recognizer.epochs": 1, "student.epochs": 1}
TITLES = [
    "en in words of xx, by dictionary-file",
    "teacher recognizer on en",
    "teacher recognizer on en (translated)",
    "teacher recognizer on en (translated), going on",
    "signals of fine-tuned on xx",
    "signals of source on xx",
    "signals of translated on xx",
    "votes of the signals on xx",
    "student on xx (tags + voted-tags, uniform)",
]


class TestUniTrans(MethodContract):
    component = "unitrans"

    @pytest.fixture
    def run_settings(self, words):
        return {**QUICK, **words, "student.tag_loss": "mse_mean"}

    @pytest.fixture
    def context(self, make_context, run_settings):
        return make_context(run_settings)  # the dictionary's file is another one in every test


@pytest.fixture
def run(train, words):
    def run(**settings):
        more = {**words, "freeze": "none", **{f"methods.unitrans.{name}": value for name, value in settings.items()}}
        return train("unitrans", more=more, batch_size=16, learning_rate=5e-3)

    return run


def test_its_stages(run):
    done = run()
    assert [stage.title for stage in done.stages] == TITLES
    translated, source, _, fine, *signals, voted, student = done.stages
    assert fine.inputs == (source, translated) and set(signals) <= set(voted.inputs) and voted in student.inputs
    assert (done.config.student.tag_loss, done.config.decoding.rule, done.config.max_length) == (
        "mse_mean",
        "legal",
        256,
    )


def test_the_student_hears_the_fine_tuned_one_and_where_all_three_agree(run):
    *_, fine, source, translated, voted, _ = run().stages
    said = [Ragged(stage.folder / SIGNALS) for stage in (fine, source, translated, voted)]
    agreed = []
    for number in range(len(said[0])):
        rows = [file.row(number)["probabilities"] for file in said]
        assert np.array_equal(rows[0], rows[3])
        found = said[3].row(number)["votes"].ravel().tolist()
        assert found == [float(vote) for vote in votes(*(row.tolist() for row in rows[:3]))]
        agreed += found
    assert 0 < np.mean(agreed) <= 1


def test_the_dictionary_and_its_coverage_stand_beside_the_score_on_the_card_and_in_the_report(run):
    done = run()
    (note,) = (note for note in done.notes if note.startswith("translation: "))
    assert note.startswith("translation: en to xx by the dictionary dictionary-file (6 words): ")
    assert " running words were translated, PER words (" in note
    assert note in (done.folder / "student" / "README.md").read_text()
    assert "by the dictionary dictionary-file (6 words)" in (done.folder / "report.html").read_text()
    assert run().notes == done.notes  # nothing is computed anew


def test_the_translation_is_of_words_and_keeps_persons(make_context, words):
    context, source = make_context({**QUICK, **words}), tiny_corpus(size=20)
    made = translated(source, tiny_corpus("xx", size=20).without_labels(), WordTranslationSettings(), context)
    lines = dict(line.split() for line in Path(words["resources.dictionary-file.path"]).read_text().splitlines())
    for old, new in zip(source, made, strict=True):
        assert new.tags == old.tags
        assert new.tokens == [lines.get(word, word) for word in old.tokens]


def test_whom_it_follows_and_how_many_there_are(make_context, words):
    def stages(**settings):
        context = make_context({**QUICK, **words}, dry=True)
        task = TransferTask((tiny_corpus(size=20),), tiny_corpus("xx", size=20).without_labels())
        UniTrans(UniTrans.Config(**settings)).run(task, context)
        return context.stages

    assert [stage.title for stage in stages(follow="source")][4:6] == TITLES[5:3:-1]
    two = [stage.title for stage in stages(teachers=2)]
    assert len(two) == 1 + 2 * 6 + 2 and two[4] == "teacher recognizer on en, seed 1"
    assert stages(kept=())[0].key != stages()[0].key == stages(follow="source")[0].key


def test_a_killed_run_goes_on_where_it_was(run, monkeypatch):
    whole = run()

    def killed(self, settings, *rest):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("xner_translation.votes.Votes.refine", killed)
        patch.setenv("XNER_CACHE", str(whole.folder.parent / "other"))
        with pytest.raises(KeyboardInterrupt):
            run()
    monkeypatch.setenv("XNER_CACHE", str(whole.folder.parent / "other"))
    monkeypatch.setattr(WordTranslation, "of", None)  # the translation is there
    again = run()
    assert again.metrics == whole.metrics and [s.key for s in again.stages] == [s.key for s in whole.stages]


def test_a_dictionary_that_is_not_there_is_told_before_anything_is_trained(train):
    more = {"resources.dictionary": "dictionary-file", "resources.dictionary-file.path": "nothing.txt"}
    with pytest.raises(DataError, match=r"^nothing\.txt: no such dictionary from en to xx"):
        train("unitrans", more=more)


def test_settings_and_preset(run):
    config = configure(Plugins.load(), {"method": "unitrans"}, preset="authors")
    assert (config.student.start, config.student.learning_rate, config.student.epochs) == ("encoder", 1e-4, 3)
    assert (config.freeze, config.resources.dictionary) == ("quarter", "freedict")
    done = run()
    again = configure(Plugins.load(), config=done.folder / "config.toml")
    assert again.resources.dictionary == "dictionary-file"
    assert again.component("resources", "dictionary-file")["path"].endswith("words.txt")
    known = json.loads((done.folder / "manifest.json").read_text())
    assert "resources" in known["components"] and {"resources", "translation"} <= known["plugins"].keys()
