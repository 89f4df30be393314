import json
import sys
from collections import Counter
from pathlib import Path

import pytest

from xner.comparing import cells, comparison, work
from xner.comparing.comparison import compare, jobs_of, seeds_of
from xner.comparing.record import Comparison
from xner.comparing.tables import markdown
from xner.errors import UsageError, XnerError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.scoring.scores import RULES, Metrics, Score

METHODS = ["direct", "tsl", "mtmt-no-weighting"]


def metrics(f1):
    overall = Score(precision=50, recall=40, f1=f1, entities=3)
    return Metrics(overall=overall, by_type={}, rule=RULES["conlleval"], corpus="c", sentences=1)


@pytest.mark.parametrize(
    ("text", "seeds"),
    [("1", [0]), ("3", [0, 1, 2]), ("10", list(range(10))), ("0,", [0]), ("0,7", [0, 7]), ("7,0", [7, 0]), ("5,", [5])],
)
def test_seeds(text, seeds):
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "a", "-1", "1.5", "5,,", "1,,2", ",", "0", "00", "٣", "1 2", ",1", "0,-1"])
def test_malformed_seeds(text):
    with pytest.raises(UsageError) as error:
        seeds_of(text)
    assert str(error.value) == (
        f"--seeds {text}: expected a number of seeds such as 3, or seeds with commas such as 0,7 (one alone: 7,)"
    )


# cells that run


@pytest.fixture(scope="module")
def compared(config, cache, tmp_path_factory):
    """Three methods with two seeds; read it, never write to it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XNER_CACHE", str(cache))
        place = tmp_path_factory.mktemp("compared") / "out"
        return compare(config, METHODS, ["xx"], [0, 1], Plugins.load(), place, Progress(quiet=True))


def run(config, methods, out, targets=("xx",), seeds=(0,)):
    return compare(config, methods, list(targets), list(seeds), Plugins.load(), out, Progress(quiet=True))


def failing(complete, *methods):
    """A `complete` that some methods do not survive."""

    def completed(prepared, *rest, **named):
        if prepared.config.method in methods:
            raise XnerError(f"{prepared.config.method} is broken")
        return complete(prepared, *rest, **named)

    return completed


def test_every_cell_is_a_run_folder_without_a_student(compared):
    made, folder = compared
    assert [(cell.seed, cell.method) for cell in made.cells] == [(seed, m) for seed in (0, 1) for m in METHODS]
    assert {path.name for path in folder.iterdir()} == {
        "comparison.html",
        "comparison.json",
        "comparison.md",
        *(f"{method}-en-xx-s{seed}" for method in METHODS for seed in (0, 1)),
    }
    for cell in made.cells:
        names = {path.name for path in Path(cell.folder).iterdir()}
        assert names == {
            "config.toml",
            "counts.parquet",
            "manifest.json",
            "metrics.json",
            "predictions.conll",
            "report.html",
            "sections.json",
        }
        assert json.loads((Path(cell.folder) / "metrics.json").read_text()) == cell.metrics.model_dump()
        manifest = json.loads((Path(cell.folder) / "manifest.json").read_text())
        assert manifest["settings"]["seed"] == cell.seed
        assert (manifest["seconds"], manifest["peak_memory_mb"]) == (cell.seconds, cell.peak_memory_mb)
        assert 50 < cell.peak_memory_mb < 100_000


def test_the_record_is_the_comparison(compared):
    made, folder = compared
    assert Comparison.model_validate_json((folder / "comparison.json").read_text()) == made
    assert made.settings["methods"] == METHODS
    assert (made.settings["targets"], made.settings["seeds"]) == (["xx"], [0, 1])
    assert made.settings["student"]["epochs"] == 1
    assert [(row.method, row.seeds) for row in made.rows] == [(method, 2) for method in METHODS]
    assert (made.command, len(made.corpora)) == (tuple(sys.argv), 3)
    assert made.corpora[2].endswith("xx/test: 60 sentences, 380 words, PER 45, LOC 42, ORG 38")
    assert (folder / "comparison.md").read_text() == markdown(made)


def test_every_method_but_the_first_has_a_difference_with_its_interval(compared):
    first, *others = compared[0].rows
    assert first.difference is None
    for row in others:
        assert row.difference.f1 == pytest.approx(row.f1 - first.f1)
        assert row.difference.low <= row.difference.f1 <= row.difference.high
        assert (0 < row.difference.p <= 1, row.difference.seeds) == (True, 2)


@pytest.mark.usefixtures("compared")
def test_teachers_are_fitted_once_and_heard_once_for_all_methods(cache):
    kinds = Counter(json.loads(file.read_text())["stage"] for file in cache.glob("*/stage.json"))
    # per seed: recognizer and similarity evaluator; each labels once; tsl and mtmt-no-weighting have a student each
    assert kinds == {"fit": 2 * 2, "label": 2 * 2, "distill": 2 * 2}


def test_the_default_folder_and_another_comparison_beside_it(config, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    first = run(config, ["direct"], None)[1]
    assert first == Path("runs/compare-direct-en-xx")
    assert run(config, ["direct"], None)[1] == first
    assert run(config, ["direct"], None, seeds=[1])[1] == Path("runs/compare-direct-en-xx-2")
    assert run(config, ["direct", "baselines/direct"], None)[1] == Path("runs/compare-direct+baselines.direct-en-xx")


def test_a_failed_cell_does_not_lose_the_others(config, cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.setattr(work, "complete", failing(work.complete, "tsl"))
    made, folder = compare(config, ["tsl", "direct"], ["xx"], [0], Plugins.load(), tmp_path / "out", Progress())
    assert [cell.metrics is None for cell in made.cells] == [True, False]
    assert made.cells[0].problem == "tsl is broken"
    assert [row.method for row in made.rows] == ["direct"]
    assert "tsl on xx, seed 0: failed: tsl is broken" in capsys.readouterr().err
    assert Comparison.model_validate_json((folder / "comparison.json").read_text()) == made


def test_if_all_cells_fail_it_is_one_error_and_nothing_is_left(config, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "complete", failing(work.complete, "direct", "tsl"))
    with pytest.raises(XnerError, match=r"^direct is broken$"):
        run(config, ["direct", "tsl"], tmp_path / "runs" / "out")
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("target", ["yy", "xx"])
def test_what_cannot_be_planned_leaves_nothing(config, tmp_path, target):
    (tmp_path / "raw" / "xx").mkdir(parents=True)
    (tmp_path / "raw" / "xx" / "train.txt").write_text("ta Ada\n")
    raw = build(config.model_dump(), {"target.dataset": str(tmp_path / "raw")})
    with pytest.raises(XnerError, match={"yy": "no language 'yy'", "xx": "no labelled split 'test'"}[target]):
        run(raw, ["direct", "tsl"], tmp_path / "runs" / "out", [target])
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize(
    ("methods", "targets", "seeds", "message"),
    [
        (["direct", "mtm"], ["xx"], [0], "there is no 'mtm' among the methods"),
        (
            ["direct", "tsl+uniformly"],
            ["xx"],
            [0],
            r"^tsl\+uniformly: 'uniformly' is no auxiliary task, no weighting and no refiner",
        ),
        (["direct", "mtm+uniform"], ["xx"], [0], "there is no 'mtm' among the methods"),
        ([], ["xx"], [0], "nothing to compare: there are no methods"),
        (["direct"], [], [0], "nothing to compare: there are no targets"),
        (["direct"], ["xx"], [], "nothing to compare: there are no seeds"),
        (["direct"], ["xx"], [0, -1], "seed = -1: input should be greater than or equal to 0"),
    ],
)
def test_what_cannot_run_fails_before_the_first_cell(config, tmp_path, monkeypatch, methods, targets, seeds, message):
    monkeypatch.setattr(work, "complete", None)
    with pytest.raises(UsageError, match=message):
        run(config, methods, tmp_path / "runs" / "out", targets, seeds)
    assert not (tmp_path / "runs").exists()


def test_a_method_with_parts_is_a_row_of_its_own(config, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    made, folder = run(config, ["direct", "tsl", "tsl+unweighted"], None)
    assert folder == Path("runs/compare-direct+tsl+tsl+unweighted-en-xx")
    assert made.settings["methods"] == ["direct", "tsl", "tsl+unweighted"]
    assert [(row.method, row.difference is None) for row in made.rows] == [
        ("direct", True),
        ("tsl", False),
        ("tsl+unweighted", False),
    ]
    assert [Path(cell.folder).name for cell in made.cells] == [f"{m}-en-xx-s0" for m in made.settings["methods"]]
    titles = [json.loads((Path(c.folder) / "manifest.json").read_text())["stages"][-1]["title"] for c in made.cells]
    assert titles == ["teacher recognizer on en", "student on xx (tags, uniform)", "student on xx (tags, unweighted)"]
    assert "| tsl+unweighted | xx |" in (folder / "comparison.md").read_text()


def test_parts_for_all_methods_are_named_at_each_that_distils(config, cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    shared = build(config.model_dump(), {"student.weighting": "unweighted"})
    methods = ["direct", "tsl", "tsl+uniform", "tsl+unweighted"]
    made, folder = compare(shared, methods, ["xx"], [0], Plugins.load(), None, Progress())
    names = ["direct", "tsl+unweighted", "tsl+uniform"]  # a method's own parts go before; no name twice
    assert made.settings["methods"] == names and folder.name == f"compare-{'+'.join(names)}-en-xx"
    assert [(row.method, row.difference is None) for row in made.rows] == [
        (name, number == 0) for number, name in enumerate(names)
    ]
    assert capsys.readouterr().err.splitlines()[:3] == [
        "direct: distils no student, so it goes without unweighted",
        "some methods are asked for twice; each is done once: direct, tsl+unweighted, tsl+uniform",
        "checking 3 cells ...",
    ]


def test_parts_named_behind_a_method_that_does_not_distil_are_refused(config, tmp_path, monkeypatch):
    monkeypatch.setattr(work, "complete", None)
    with pytest.raises(UsageError, match=r"^direct\+unweighted on xx, seed 0: the method 'direct' distils no "):
        run(config, ["direct", "direct+unweighted"], tmp_path / "out")


# several at once


def test_with_several_jobs_the_record_is_the_same(config, compared, tmp_path):
    """In processes of their own, with a cache of their own; and a cell has the curves of what was trained for it."""
    methods = ["tsl", "direct"]
    followed = build(config.model_dump(), {"report_to": "tensorboard"})
    made, folder = compare(followed, methods, ["xx"], [0], Plugins.load(), tmp_path / "out", Progress(quiet=True), 2)
    assert [cell.method for cell in made.cells] == methods
    assert Comparison.model_validate_json((folder / "comparison.json").read_text()) == made
    for cell in made.cells:
        (alone,) = [other for other in compared[0].cells if (other.method, other.seed) == (cell.method, 0)]
        assert cell.metrics == alone.metrics
        manifests = [json.loads((Path(c.folder) / "manifest.json").read_text()) for c in (cell, alone)]
        assert manifests[0]["stages"] == manifests[1]["stages"]
        assert manifests[0]["command"] == manifests[1]["command"]
    stages = sorted(json.loads(file.read_text())["stage"] for file in (tmp_path / "cache").glob("*/stage.json"))
    assert stages == ["distill", "fit", "label"]
    curves = {file.parent.relative_to(folder).as_posix() for file in folder.rglob("events.out.tfevents.*")}
    trained = ("teacher recognizer on en", "student on xx (tags, uniform)")  # direct finds its teacher done
    assert curves == {f"tensorboard/tsl-en-xx-s0/{title}" for title in trained}


def test_the_order_is_that_of_the_request_whatever_ends_first(config, tmp_path, monkeypatch):
    def backwards(requests, *_):
        yield from (request.cell.model_copy(update={"metrics": metrics(1.0)}) for request in reversed(requests))

    def save(made, folder):
        folder.mkdir(exist_ok=True)
        saved.append([cell.method for cell in made.cells])

    saved = []
    monkeypatch.setattr(comparison, "run", backwards)
    monkeypatch.setattr(comparison, "_save", save)
    made, _ = run(config, METHODS, tmp_path / "out")
    assert [cell.method for cell in made.cells] == METHODS
    assert saved == [[], METHODS[2:], METHODS[1:], METHODS, METHODS]  # the last time with all that it amounts to


def test_an_interrupt_ends_the_workers(config, tmp_path, monkeypatch):
    made = []

    class Pool:
        size = 1

        def submit(self, payload):
            raise KeyboardInterrupt

        def close(self):
            made.append("closed")

    monkeypatch.setattr(cells, "LocalPool", lambda environments: Pool())
    with pytest.raises(KeyboardInterrupt):
        compare(config, ["direct"], ["xx"], [0], Plugins.load(), tmp_path / "out", Progress(quiet=True), 2)
    assert made == ["closed"]


@pytest.mark.parametrize(("text", "jobs"), [("1", 1), ("16", 16), ("07", 7), ("ray", "ray")])
def test_jobs(text, jobs):
    assert jobs_of(text) == jobs


@pytest.mark.parametrize("text", ["", "0", "00", "-1", "1.5", "two", "Ray", "2 ", "2,3", "²"])
def test_malformed_jobs(text):
    with pytest.raises(UsageError) as error:
        jobs_of(text)
    assert str(error.value) == f"--jobs {text}: expected a number of processes such as 4, or ray"


def test_a_folder_of_many_methods_has_a_short_name(config):
    methods = [f"tsl+part{number}" for number in range(40)]
    asked = {"methods": methods, "targets": ["xx", "zz"], "seeds": [0]}
    assert comparison._place(config, asked) == Path("runs/compare-40-methods-1-sources-2-targets")
    assert comparison._place(config, asked | {"methods": methods[:2]}).name == "compare-tsl+part0+tsl+part1-en-xx+zz"
