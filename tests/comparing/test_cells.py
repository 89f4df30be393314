import json
import shutil
import sys
from collections import Counter
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from xner.comparing import cells, work
from xner.comparing.cells import run
from xner.comparing.work import CellWork, Request
from xner.corpora.folder import Folder
from xner.errors import DataError, UsageError, XnerError
from xner.machine.jobs import call
from xner.machine.memory import peak_memory
from xner.machine.progress import Progress
from xner.methods import context
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.config import build
from xner.runs.loading import Library
from xner.runs.run import default_folder
from xner.store.stages import StageStore

METHODS = ["direct", "tsl", "mtmt-no-weighting"]
SILENT = Progress(quiet=True)


class Here:
    """A pool without processes; every task takes so many `seconds`."""

    seconds = 0.0

    def __init__(self, environments):
        self.size, self.closed = len(environments), False
        assert self.size == 2

    def submit(self, job):
        future = Future()
        future.set_result(replace(call(job.payload()), seconds=self.seconds))
        return future

    def close(self):
        self.closed = True


@pytest.fixture
def here(monkeypatch):
    """Tasks of --jobs are done in this process, one after the other; returns the pools that were made."""
    made = []
    monkeypatch.setattr(cells, "LocalPool", lambda environments: made.append(Here(environments)) or made[-1])
    return made


@pytest.fixture
def computed(monkeypatch):
    """Counts how often each stage is computed, by key."""
    counts, do = Counter(), StageStore._do

    def counted(self, stage, *rest):
        counts[stage.key] += 1
        do(self, stage, *rest)

    monkeypatch.setattr(StageStore, "_do", counted)
    return counts


@pytest.fixture
def requests(config, tmp_path):
    """Makes the requests for cells such as ("tsl", "xx", 0)."""

    def make(*wanted, folder=tmp_path / "out", **settings):
        for method, target, seed in wanted:
            cell = build(config.model_dump(), {"method": method, "target.language": target, "seed": seed}, settings)
            yield Request(cell, folder / default_folder(cell).name)

    return lambda *wanted, **settings: list(make(*wanted, **settings))


def done(requests, jobs=2, progress=SILENT):
    return list(run(requests, Plugins.load(), progress, jobs))


def keys(cell):
    return [stage["key"] for stage in json.loads((Path(cell.folder) / "manifest.json").read_text())["stages"]]


def test_several_at_once_give_what_one_after_the_other_gives(here, requests, computed, tmp_path, monkeypatch):
    wanted = [(method, "xx", 0) for method in METHODS]
    first = {cell.method: cell for cell in done(requests(*wanted), jobs=1)}
    alone, _ = Counter(computed), computed.clear()
    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "another cache"))
    second = {cell.method: cell for cell in done(requests(*wanted, folder=tmp_path / "others"))}
    assert len(here) == 1 and here[0].closed
    for method in METHODS:
        assert first[method].metrics == second[method].metrics is not None
        assert keys(first[method]) == keys(second[method])
        predictions = [Path(cell.folder) / "predictions.conll" for cell in (first[method], second[method])]
        assert predictions[0].read_bytes() == predictions[1].read_bytes()
    # two teachers, two labellings and two students, each once
    assert computed == alone == dict.fromkeys(alone, 1) and len(alone) == 6


def test_a_shared_stage_counts_for_the_first_cell_that_needs_it(here, requests, monkeypatch):
    monkeypatch.setattr(Here, "seconds", 1000.0)
    peaks = iter((700, 800, 300))  # teacher; signals and student
    monkeypatch.setattr(work, "peak_memory", lambda: next(peaks))
    monkeypatch.setattr(runs, "peak_memory", lambda: 500)  # scoring
    ended = done(requests(("direct", "xx", 0), ("tsl", "xx", 0)))
    assert {cell.method: cell.seconds // 1000 for cell in ended} == {"direct": 1, "tsl": 2}
    assert {cell.method: cell.peak_memory_mb for cell in ended} == {"direct": 700, "tsl": 800}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process forget its peak")
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_peak_memory_of_a_cell_is_not_that_of_the_one_before(here, requests, jobs):
    held = bytearray(300 << 20)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])  # touch every page
    high = peak_memory()
    del held
    (cell,) = done(requests(("direct", "xx", 0)), jobs)
    assert 50 < cell.peak_memory_mb < high - 100


def test_each_stage_says_its_seed_and_each_cell_its_name(here, requests, capsys):
    done(requests(("direct", "xx", 0), ("direct", "xx", 1)), progress=Progress())
    begun = [line for line in capsys.readouterr().err.splitlines() if line.endswith("...")]
    assert begun == [
        "checking 2 cells ...",
        "teacher recognizer on en, seed 0 ...",
        "teacher recognizer on en, seed 1 ...",
        "direct on xx, seed 0 ...",
        "direct on xx, seed 1 ...",
    ]


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ([("direct", "xx", 0), ("direct", "yy", 0)], r"^direct on yy, seed 0: \S*: no language 'yy'; it has"),
        ([("direct", "yy", 0), ("tsl", "yy", 0)], r"^\S*: no language 'yy'; it has"),  # the same with all
        ([("direct", "xx", 0), ("direct", "xx", 1)], r"^direct on xx, seed 1: ValueError: no \(.*test_cells.py:\d+"),
    ],
)
def test_what_cannot_be_done_is_told_before_anything_is(here, requests, computed, monkeypatch, jobs, wanted, message):
    prepare = work.prepare

    def prepared(config, *rest):
        if config.seed == 1:
            raise ValueError("no")
        return prepare(config, *rest)

    monkeypatch.setattr(work, "prepare", prepared)
    with pytest.raises(XnerError, match=message) as caught:
        done(requests(*wanted), jobs)
    assert caught.value.exit_code == 1 and not computed


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_request_that_is_wrong_keeps_its_exit_code(here, requests, computed, jobs):
    wrong = {"student.tasks": ["similarity"]}
    with pytest.raises(UsageError, match=r"^tsl\+similarity on xx, seed 0: the task 'similarity' needs the signal"):
        done([*requests(("direct", "xx", 0)), *requests(("tsl", "xx", 0), **wrong)], jobs)
    assert not computed


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_plugin_that_breaks_is_a_failed_cell(here, requests, monkeypatch, capsys, jobs):
    complete = work.complete

    def broken(prepared, *rest, **named):
        if prepared.config.method == "tsl":
            raise ValueError("my bug\nin two lines")
        return complete(prepared, *rest, **named)

    monkeypatch.setattr(work, "complete", broken)
    ended = {cell.method: cell for cell in done(requests(("tsl", "xx", 0), ("direct", "xx", 0)), jobs, Progress())}
    assert ended["direct"].metrics and not ended["tsl"].metrics
    problem = ended["tsl"].problem
    assert problem.startswith("ValueError: my bug in two lines (") and "test_cells.py:" in problem
    assert f"tsl on xx, seed 0: failed: {ended['tsl'].problem}\n" in capsys.readouterr().err


def test_a_stage_that_fails_is_the_problem_of_every_cell_that_needs_it(here, requests, computed, monkeypatch):
    monkeypatch.setattr(context, "Distillation", lambda *_: int("nobody"))
    wanted = [("direct", "xx", 0), ("tsl", "xx", 0), ("mtmt-no-similarity", "xx", 0)]
    ended = {cell.method: cell for cell in done(requests(*wanted))}
    assert ended["direct"].metrics
    assert ended["tsl"].problem == ended["mtmt-no-similarity"].problem
    assert ended["tsl"].problem.startswith("ValueError: invalid literal")
    assert list(computed.values()) == [1, 1, 1]  # the two share their student, which was tried once


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_target_without_a_test_split_cannot_be_compared(here, requests, computed, tmp_path, jobs):
    (tmp_path / "raw" / "xx").mkdir(parents=True)
    (tmp_path / "raw" / "xx" / "train.txt").write_text("ta Ada\n")
    with pytest.raises(XnerError, match=r"^\S*raw xx: no labelled split 'test', so .* target.test_dataset or "):
        done(requests(("direct", "xx", 0), **{"target.dataset": str(tmp_path / "raw")}), jobs)
    assert not computed


@pytest.mark.parametrize("jobs", [1, 2])
def test_what_has_no_effect_on_any_cell_is_said_once(here, requests, capsys, jobs):
    shared = {"weightings.reliability.beta": "authors", "teachers.similarity.epochs": 1, "student.epochs": 1}

    def without_effect(*methods):
        done(requests(*((method, "xx", 0) for method in methods), **shared), jobs, Progress())
        lines = [line for line in capsys.readouterr().err.splitlines() if "no effect" in line]
        return [line.split()[-1] for line in lines]

    assert without_effect("direct", "tsl") == ["teachers.similarity.epochs", "weightings.reliability.beta"]
    again = without_effect("direct", "tsl", "mtmt-no-weighting")  # two of them are done before
    assert again == ["weightings.reliability.beta"]


def test_stages_that_are_done_are_not_tasks(here, requests, capsys):
    done(requests(("direct", "xx", 0)), jobs=1)
    capsys.readouterr()
    done(requests(("tsl", "xx", 0)), progress=Progress())
    begun = [line.partition(",")[0] for line in capsys.readouterr().err.splitlines() if line.endswith("...")]
    assert begun == ["signals of recognizer on xx", "student on xx (tags", "tsl on xx"]


# what was done before


def again(requests, cells):
    """The same requests, with what became of them."""
    return [Request(request.config, request.folder, cell) for request, cell in zip(requests, cells, strict=True)]


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_finished_cell_is_taken_as_it_is(here, requests, jobs, monkeypatch, capsys):
    wanted = requests(("direct", "xx", 0))
    first = done(wanted, jobs)
    monkeypatch.setattr(CellWork, "score", None)
    assert done(again(wanted, first), jobs, Progress()) == first
    assert capsys.readouterr().err.splitlines()[-1] == "direct on xx, seed 0: done before"


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("change", ["folder gone", "counts gone", "manifest unreadable", "other data"])
def test_a_cell_that_is_not_what_it_would_be_now_is_done_anew(here, data_folder, tmp_path, requests, jobs, change):
    own = shutil.copytree(data_folder, tmp_path / "own")
    wanted = requests(("direct", "xx", 0), **{"target.dataset": str(own)})
    first = done(wanted, jobs)
    if change == "folder gone":
        shutil.rmtree(wanted[0].folder)
    elif change == "counts gone":
        (wanted[0].folder / "counts.parquet").unlink()
    elif change == "manifest unreadable":
        (wanted[0].folder / "manifest.json").write_text("[")
    else:
        (own / "xx" / "test.conll").write_text("zed\tO\nAda\tB-PER\n")
    (second,) = done(again(wanted, first), jobs)
    if change == "manifest unreadable":
        assert "is there already and holds something else" in second.problem
    else:
        assert second.metrics.sentences == (1 if change == "other data" else 60)
        assert (wanted[0].folder / "counts.parquet").is_file()


def test_what_is_to_be_done_for_a_cell(requests):
    (request,) = requests(("mtmt-no-weighting", "xx", 0))
    steps = {step.title: step for step in CellWork(Plugins.load(), SILENT, Library()).plan(request).steps}
    titles = {step.key: title for title, step in steps.items()}
    student = "student on xx (tags + similarity, unweighted)"
    teachers = {"teacher recognizer on en", "teacher similarity on en"}
    assert {title: {titles[need] for need in step.needs} for title, step in steps.items()} == {
        **{teacher: set() for teacher in teachers},
        "signals of recognizer on xx": {"teacher recognizer on en"},
        "signals of similarity on xx": {"teacher similarity on en"},
        student: {"signals of recognizer on xx", "signals of similarity on xx", *teachers},
    }


def test_a_plan_that_fails_raises(requests):
    (request,) = requests(("direct", "yy", 0))
    with pytest.raises(DataError, match="no language 'yy'"):
        CellWork(Plugins.load(), SILENT, Library()).plan(request)


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_cells_of_a_comparison_read_each_corpus_once_in_a_process(here, requests, monkeypatch, jobs):
    read, load = Counter(), Folder.load

    def counted(self, language, split):
        read[language, split] += 1
        return load(self, language, split)

    monkeypatch.setattr(Folder, "load", counted)
    wanted = requests(("direct", "xx", 0), ("direct", "xx", 1), ("tsl", "xx", 0))
    assert len(done(wanted, jobs)) == 3
    assert read == {("en", "train"): 1, ("xx", "train"): 1, ("xx", "test"): 1}
    done(wanted, jobs)  # another comparison may find other files
    assert set(read.values()) == {2}


def test_a_stage_that_is_not_of_the_run_here(requests):
    (request,) = requests(("direct", "xx", 0))
    with pytest.raises(
        XnerError, match=r": this run has no stage 0a here; .* the precision too: --set precision=fp32$"
    ):
        CellWork(Plugins.load(), SILENT, Library()).compute(request, "0a")


@pytest.mark.parametrize(
    ("method", "settings"),
    [("mtmt-progressive", {"teachers.similarity.epochs": 1}), ("direct", {"source.transformers": ["sample"]})],
)
def test_what_makes_a_corpus_comes_before_who_learns_from_it(here, requests, method, settings):
    cells = done(requests((method, "xx", 0), **settings))
    assert [cell.problem for cell in cells] == [""] and cells[0].metrics
