"""What people see of results; names and texts of users are never taken for markup, and lines are not cut."""

import json
import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.scored import score
from xner.cli import results
from xner.comparing.record import Cell, Comparison, Difference
from xner.comparing.summary import summarized
from xner.corpora.labels import LabelSet
from xner.runs.config import build
from xner.runs.loading import RunCorpora
from xner.runs.run import Run
from xner.store.integrity.stage import seal
from xner.store.stages import Stage
from xner.testing import tiny_corpus

ODD = "da[/x]ta :smile: " + "/long" * 30


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")


def metrics(corpus=ODD):
    return score([["B-PER"], ["B-LOC"]], [["B-PER"], ["O"]], corpus)


def run(scored=True, **settings):
    return Run(Path(ODD), build(settings), metrics() if scored else None, 12.34, 1234, ())


def test_a_run_shows_scores_folder_and_next_step(capsys):
    results.show_run(run(**{"source.dataset": "x", "target.dataset": "x"}), as_json=False)
    out = capsys.readouterr().out
    assert f"{ODD}, 2 sentences" in out
    assert f"run folder   {ODD}  (12 s)" in out
    assert f"student      {ODD}/student  (loads in transformers.pipeline)" in out
    assert f'xner predict {ODD} "..."' in out
    assert out.endswith('"..."\n')


def test_what_is_to_be_said_of_scores_stands_below_them(capsys):
    results.show_run(replace(run(), notes=(f"one {ODD}", "two")), as_json=False)
    assert f"checkpoint: last step\n\none {ODD}\n\ntwo\n\nrun folder   " in capsys.readouterr().out
    results.show_run(replace(run(), notes=("one", "two")), as_json=True)
    assert json.loads(capsys.readouterr().out)["notes"] == ["one", "two"]


def test_a_run_without_scores_says_so(capsys):
    results.show_run(run(scored=False), as_json=False)
    out = capsys.readouterr().out
    assert out.startswith("not scored: the target has no labelled test split\n")
    results.show_run(run(scored=False), as_json=True)
    assert json.loads(capsys.readouterr().out) == {"folder": ODD, "seconds": 12.34, "metrics": None, "notes": []}


def test_scores_are_rows_overall_and_by_type_with_their_rule(capsys):
    results.show_metrics(metrics("c"), as_json=False)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[1] == "c, 2 sentences"
    assert [line.split() for line in lines[2:6]] == [
        ["precision", "recall", "F1", "entities"],
        ["all", "100.00", "50.00", "66.67", "2"],
        ["LOC", "0.00", "0.00", "0.00", "1"],
        ["PER", "100.00", "100.00", "100.00", "1"],
    ]
    assert lines[6].startswith("scored by conlleval: exact words and type; ")
    assert lines[6].endswith("; checkpoint: last step")


def test_scores_as_json(capsys):
    results.show_metrics(metrics(), as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert (document["corpus"], document["overall"]["f1"]) == (ODD, 66.67)


@pytest.fixture
def comparison():
    cells = [
        Cell(method="direct", target="de", seed=0, folder="x", metrics=metrics()),
        Cell(method="direct", target="de", seed=1, folder="x", metrics=metrics(), seconds=6.0),
        Cell(method="tsl", target="de", seed=0, folder="x", problem=f"{ODD}: no such file"),
        Cell(method="tsl", target="fr", seed=0, folder="x", metrics=metrics()),
    ]
    return summarized(Comparison(settings={"methods": ["direct", "tsl"], "targets": ["de", "fr"]}, cells=cells))


def test_a_comparison_has_rows_failed_cells_and_its_folder(comparison, capsys):
    results.show_comparison(comparison, Path(ODD), as_json=False)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0].split() == ["method", "target", "P", "R", "F1", "±", "sd", "n", "s"]
    assert lines[1].split() == ["direct", "de", "100.00", "50.00", "66.67", "0.00", "2", "3.0"]
    assert lines[3].split() == ["tsl", "fr", "100.00", "50.00", "66.67", "1", "0.0"]
    assert (lines[2], lines[4]) == ("", "")
    assert lines[5] == f"failed tsl on de, seed 0: {ODD}: no such file"
    assert lines[6].endswith("checkpoint: last step")
    assert lines[7:] == [f"by type and by cell: --details, or {ODD}/comparison.md", f"with pictures: xner report {ODD}"]


def test_details_are_the_types_and_the_cells(comparison, capsys):
    results.show_comparison(comparison, Path(ODD), as_json=False, details=True)
    out = capsys.readouterr().out
    lines = [line.split() for line in out.splitlines()]
    assert ["method", "target", "type", "P", "R", "F1", "entities"] in lines
    assert ["direct", "de", "LOC", "0.00", "0.00", "0.00", "1"] in lines
    assert ["direct", "de", "1", "100.00", "50.00", "66.67", "6.0"] in lines
    assert out.endswith(f"checkpoint: last step\n{ODD}/comparison.md\nwith pictures: xner report {ODD}\n")


@pytest.mark.parametrize(
    ("columns", "heads"),
    [
        (200, ["method", "target", "P", "R", "F1", "± sd", "n", "Δ F1", "95 % interval", "p", "s", "MiB"]),
        (100, ["method", "target", "P", "R", "F1", "± sd", "n", "Δ F1", "95 % interval", "p"]),
        (80, ["method", "target", "F1", "± sd", "n", "Δ F1", "95 % interval", "p"]),
        (70, ["method", "target", "F1", "± sd", "n", "Δ F1", "95 % interval"]),
        (66, ["method", "target", "F1", "± sd", "Δ F1", "95 % interval"]),
    ],
)
def test_a_wide_comparison_drops_columns_rather_than_wrap(columns, heads, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    methods, cost = ["mtmt-no-similarity", "mtmt-no-weighting"], {"seconds": 12345, "peak_memory_mb": 12345}
    cells = [
        Cell(method=method, target="de", seed=seed, folder="x", metrics=metrics(), **cost)
        for seed in (0, 1)
        for method in methods
    ]
    made = summarized(Comparison(settings={"methods": methods, "targets": ["de"]}, cells=cells))
    gain = Difference(f1=-12.34, low=-13.21, high=-10.11, p=0.0456, seeds=2)
    rows = (made.rows[0], made.rows[1].model_copy(update={"difference": gain}))
    results.show_comparison(made.model_copy(update={"rows": rows}), Path("x"), as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert re.split("  +", lines[0].strip()) == heads
    assert lines[2].split()[:2] == ["mtmt-no-weighting", "de"] and "[-13.21, -10.11]" in lines[2]
    assert lines[3].strip() == ""


@pytest.mark.parametrize("method", ["direct", "unitrans-no-translation", "rikd-no-iteration+contrastive+entropy"])
def test_all_tables_of_a_comparison_fit_into_80_columns(method, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    methods, cost = ["tsl", method], {"seconds": 123456, "peak_memory_mb": 123456}
    cells = [
        Cell(method=name, target="zh-hant", seed=10 + seed, folder="x", metrics=metrics("c"), **cost)
        for seed in (0, 1)
        for name in methods
    ]
    made = summarized(Comparison(settings={"methods": methods, "targets": ["zh-hant"]}, cells=cells))
    gain = Difference(f1=-12.34, low=-13.21, high=-10.11, p=0.0456, seeds=2)
    rows = (made.rows[0], made.rows[1].model_copy(update={"difference": gain}))
    results.show_comparison(made.model_copy(update={"rows": rows}), Path("x"), as_json=False, details=True)
    tables = capsys.readouterr().out.partition("entity scores in per cent")[0]
    assert tables.count("F1") == 4  # of three tables, and of the difference
    assert max(map(len, tables.splitlines())) <= 80
    if len(method) < 30:
        assert tables.count(method) == 1 + 2 + 2  # in one piece: scores, types, cells


def test_a_comparison_as_json_has_cells_and_rows(comparison, capsys):
    results.show_comparison(comparison, Path(ODD), as_json=True)
    document = json.loads(capsys.readouterr().out)
    assert document["folder"] == ODD
    assert [row["method"] for row in document["rows"]] == ["direct", "tsl"]
    assert document["cells"][2]["problem"] == f"{ODD}: no such file"


def test_a_plan_is_not_cut(tmp_path, capsys):
    (tmp_path / "b").mkdir()
    seal(tmp_path / "b", {}, "")
    stages = [Stage(f"one {ODD}", "k1", tmp_path / "a"), Stage("two", "k2", tmp_path / "b")]
    corpus = tiny_corpus()
    planned = SimpleNamespace(
        config=build({"source.dataset": ODD}),
        corpora=RunCorpora((corpus,), LabelSet(("PER",)), corpus.without_labels(), corpus),
        plan=SimpleNamespace(stages=stages),
        notes=(ODD,),
        unused=("no effect",),
    )
    results.show_plan(planned, as_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert f'dataset = "{ODD}"' in lines
    assert lines[-6:] == [f"to do        k1  one {ODD}", "done before  k2  two", "", ODD, "", "no effect"]
    assert sum(line.startswith("tiny en/train: 60 sentences, ") for line in lines) >= 1
