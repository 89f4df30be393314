from pathlib import Path

import pytest

from xner.base import TransferTask, spans
from xner.errors import DataError, UsageError
from xner.testing import MethodContract, tiny_corpus
from xner_projection.parallel.ws import WS

QUICK = {"teachers.recognizer.epochs": 1, "student.epochs": 1, "resources.aligner": "argmax"}
END = [
    "labels of en projected onto xx",
    "teacher recognizer on en (projected)",
    "co-decoding of both taggers",
    "signals of co-decoding on xx",
    "student on xx (tags, uniform)",
]
LOOSE = {"quality": 0.0, "longer": 9, "margin": 0.01}


class TestWS(MethodContract):
    component = "ws"

    @pytest.fixture
    def settings(self):
        return {**LOOSE, "pairs": "translated"}

    @pytest.fixture
    def run_settings(self, translations):
        return {**QUICK, **translations}

    @pytest.fixture
    def context(self, make_context, run_settings):
        return make_context(run_settings)  # the translations' file is another one in every test


@pytest.fixture
def run(train, translations):
    def run(**settings):
        more = {**translations, **{f"methods.ws.{name}": value for name, value in (LOOSE | settings).items()}}
        return train("ws", more=more, batch_size=16, learning_rate=5e-3)

    return run


@pytest.fixture
def parallel(tmp_path):
    """A file of tiny sentences, each with itself in another order of words."""
    file = tmp_path / "en-xx.tsv"
    rows = (" ".join(s.tokens) + "\t" + " ".join(reversed(s.tokens)) for s in tiny_corpus(split="dev", size=30))
    file.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
    return str(file)


def test_translated_pairs(run):
    done = run(pairs="translated")
    begin = ["teacher recognizer on en", "translation of en into xx by precomputed"]
    assert [stage.title for stage in done.stages] == [*begin, *END]


def test_mined_pairs_and_what_stands_with_the_score_and_on_the_card(run):
    done = run()
    assert [stage.title for stage in done.stages] == ["teacher recognizer on en", *END]
    told, alone = done.notes[:2]
    assert told.startswith("ws: source sentences with mined xx ones, margin 0.01, ")
    assert (
        ", aligned by argmax: of " in told and " entities were projected" not in told and "were projected; of " in told
    )
    assert alone.startswith("co-decoding alone, without a student: F1 ")
    for file in (done.folder / "student" / "README.md", done.folder / "report.html"):
        text = file.read_text(encoding="utf-8")
        assert told in text and alone in text
    assert run().notes[:2] == (told, alone)  # nothing is computed anew


def test_a_files_source_is_tagged_by_the_sources_tagger(run, parallel):
    done = run(parallel=parallel)
    begin = ["teacher recognizer on en", "tags of the source's tagger on en"]
    assert [stage.title for stage in done.stages] == [*begin, *END]
    assert done.notes[0].startswith(
        "ws: parallel text of the file en-xx.tsv, whose en the source's tagger tagged, 30 p"
    )
    assert str(done.config.component("methods", "ws")["parallel"]) == parallel


def test_labels_follow_the_words_that_are_aligned(make_context, translations):
    context = make_context({**QUICK, **translations})
    source, target = tiny_corpus(size=20), tiny_corpus("xx", size=20).without_labels()
    method = WS(WS.Config(pairs="translated", quality=0, longer=0, entities=1))
    tagger = context.fit("recognizer", source).stage
    made = list(method._projected(source, target, tagger, context))
    kinds = {}
    for tokens, tags in source:
        for word, tag in zip(tokens, tags, strict=True):
            kinds.setdefault(word, set()).add(tag[2:])
    assert made and all(spans(tags) for _, tags in made)
    typed = [(word, tag[2:]) for tokens, tags in made for word, tag in zip(tokens, tags, strict=True) if tag != "O"]
    right = [kind in kinds.get(word, ()) for word, kind in typed]
    assert sum(right) > 0.7 * len(right)  # names are the same in both, and even a tiny encoder sees it


def test_keys_follow_the_file_and_the_settings(make_context, translations, parallel):
    def key(**settings):
        context = make_context({**QUICK, **translations}, dry=True)
        task = TransferTask((tiny_corpus(size=20),), tiny_corpus("xx", size=20).without_labels())
        WS(WS.Config(**settings)).run(task, context)
        return next(stage.key for stage in context.stages if "projected onto" in stage.title)

    before, file = key(parallel=parallel), Path(parallel)
    assert key(parallel=parallel) == before != key(parallel=parallel, quality=0.6)
    file.write_text(file.read_text(encoding="utf-8").replace("\n", " more\n", 1), encoding="utf-8")
    assert key(parallel=parallel) != before
    assert len({key(), key(pairs="translated"), before}) == 3


def test_a_killed_run_goes_on_where_it_was(run, monkeypatch):
    whole = run()
    other = str(whole.folder.parent / "other")

    def killed(self, folder):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("xner_projection.parallel.co_decoding.CoDecoding.save", killed)
        patch.setenv("XNER_CACHE", other)
        with pytest.raises(KeyboardInterrupt):
            run()
    monkeypatch.setenv("XNER_CACHE", other)
    monkeypatch.setattr("xner_projection.parallel.ws.mined", None)  # what was projected is there
    again = run()
    assert again.metrics == whole.metrics and [s.key for s in again.stages] == [s.key for s in whole.stages]


def test_what_leaves_nothing_to_learn_from_is_told_with_its_figures(run):
    with pytest.raises(
        DataError, match=r"^ws: source sentences with mined xx ones, margin 99, 0 pairs, .* lower its se"
    ):
        run(margin=99)


def test_what_is_not_there_is_told_before_anything_is_trained(train):
    with pytest.raises(DataError, match=r"^nothing\.tsv: no such parallel text of en and xx"):
        train("ws", more={"methods.ws.parallel": "nothing.tsv"})
    with pytest.raises(UsageError, match=r"^this needs a translator, and the run names none"):
        train("ws", more={"methods.ws.pairs": "translated"})
