import json
from pathlib import Path

import pytest

from xner.base import TransferTask, text_of
from xner.errors import DataError, UsageError
from xner.plugin.manager import Plugins
from xner.runs.mixing import configure
from xner.testing import MethodContract, tiny_corpus
from xner_projection.tmp import TMP, candidates_of
from xner_resources.translators.precomputed import Precomputed

QUICK = {"teachers.recognizer.epochs": 1}
TITLES = [
    "translation of en into xx by precomputed",
    "entities of en in its translation into xx",
    "teacher recognizer on en (projected)",
]


class TestTMP(MethodContract):
    component = "tmp"

    @pytest.fixture
    def run_settings(self, translations):
        return {**QUICK, **translations}

    @pytest.fixture
    def context(self, make_context, run_settings):
        return make_context(run_settings)  # the translations' file is another one in every test


@pytest.fixture
def run(train, translations):
    def run(**settings):
        more = {**translations, **{f"methods.tmp.{name}": value for name, value in settings.items()}}
        return train("tmp", parts=("teachers.recognizer",), more=more)

    return run


def test_its_stages_and_what_stands_with_the_score(run):
    done = run()
    assert [stage.title for stage in done.stages] == TITLES
    assert done.stages[1].inputs == (done.stages[0],)
    (note,) = done.notes
    assert note.startswith("tmp: en to xx by the translator precomputed (") and "found by matching" in note
    assert "sentences were left out" in note
    assert note in (done.folder / "student" / "README.md").read_text()
    assert run().notes == (note,)  # nothing is computed anew
    known = json.loads((done.folder / "manifest.json").read_text())
    assert {"projection", "resources"} <= known["plugins"].keys()


def test_entities_are_found_where_the_translation_has_them(make_context, translations):
    context, source = make_context({**QUICK, **translations}), tiny_corpus(size=20)
    made = TMP()._projected(source, tiny_corpus("xx", size=20).without_labels(), context)
    lines = dict(line.split("\t") for line in Path(translations["resources.precomputed.path"]).read_text().splitlines())
    assert len(made) == 20
    for old, new in zip(source, made, strict=True):
        assert new.tokens == lines[text_of(old.tokens)].split()
        assert [tag[2:] for tag in new.tags] == [tag[2:] for tag in reversed(old.tags)]


def test_a_sentence_with_an_entity_that_is_lost_is_left_out_or_stays(make_context, translations):
    file, source = Path(translations["resources.precomputed.path"]), tiny_corpus(size=20)
    first = text_of(source[0].tokens)
    lines = [line.split("\t") for line in file.read_text().splitlines()]
    file.write_text("".join(f"{a}\t{'zed zed' if a == first else b}\n" for a, b in lines))
    assert sum(text_of(sentence.tokens) == first for sentence in source) == 1
    for drop, size in ((True, 19), (False, 20)):
        context = make_context({**QUICK, **translations})
        made = TMP(TMP.Config(drop=drop))._projected(source, tiny_corpus("xx", size=20).without_labels(), context)
        assert len(made) == size
        (note,) = context.stages[-1].notes
        assert f"; {20 - size} of 20 sentences were left out" in note and "100.0% were found" not in note


def test_candidates():
    senses = {"new": ("nueva", "nuevo"), "sea": ("mar",)}
    found = candidates_of(("New", "York"), "Nueva York", senses)
    assert found == (("Nueva", "York"), ("New", "York"), ("Nuevo", "York"))
    assert candidates_of(("York",), "York", {}) == (("York",),)
    many = {word: tuple(f"{word}{n}" for n in range(20)) for word in ("a", "b")}
    assert len(candidates_of(("A", "B"), "x y", many)) == 102


def test_word_by_word_is_refused(make_context, tmp_path):
    (tmp_path / "words.txt").write_text("sees zed\n")
    words = {"resources.dictionary": "dictionary-file", "resources.dictionary-file.path": str(tmp_path / "words.txt")}
    context = make_context({**QUICK, **words, "resources.translator": "word-by-word"}, dry=True)
    task = TransferTask((tiny_corpus(size=20),), tiny_corpus("xx", size=20).without_labels())
    with pytest.raises(UsageError, match=r"^resources\.translator = 'word-by-word': .*--method unitrans"):
        TMP().run(task, context)


def test_a_killed_run_goes_on_where_it_was(run, monkeypatch, tmp_path):
    whole = run()
    translate, seen = Precomputed.translate, []

    def killed(self, texts, sides):
        for number, one in enumerate(translate(self, texts, sides)):
            if number == 10:
                raise KeyboardInterrupt
            yield one

    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "other"))
    with monkeypatch.context() as patch:
        patch.setattr(Precomputed, "translate", killed)
        with pytest.raises(KeyboardInterrupt):
            run()

    def watched(self, texts, sides):
        seen.append(len(texts))
        return translate(self, texts, sides)

    monkeypatch.setattr(Precomputed, "translate", watched)
    again = run()
    assert again.metrics == whole.metrics and [s.key for s in again.stages] == [s.key for s in whole.stages]
    total = len((whole.stages[0].folder / "translations.jsonl").read_text().splitlines())
    assert seen == [total - 10]


def test_a_translation_that_is_not_there_is_told_before_anything_is_trained(train):
    with pytest.raises(DataError, match=r"^nothing\.tsv: no such translations from en to xx"):
        train("tmp", more={"resources.translator": "precomputed", "resources.precomputed.path": "nothing.tsv"})


def test_preset_and_settings():
    config = configure(Plugins.load(), {"method": "tmp"}, preset="authors")
    assert config.resources.translator == "apertium"
    assert config.component("methods", "tmp") == {"phonetic": "ipa", "drop": False}
