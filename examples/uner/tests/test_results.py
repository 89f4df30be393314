import json
import re
import shutil

import experiment
import numpy as np
import page
import pytest
import running
from collected import collect
from scores import _seconds, gain
from store import Store

from xner.comparing.record import Difference


def table(text, title):
    """The first table below a heading, as lists of cells."""
    section = text.partition(f"\n{title}\n")[2]
    lines = re.search(r"((?:^\|.*\n)+)", section, re.MULTILINE)[1].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("|---")]


def test_the_page_has_the_scores_of_every_row_and_target(whole, place, jobs):
    rows = table(whole, "## F1")
    assert rows[0] == ["", "xx", "zz", "mean"]
    assert [row[0] for row in rows[1:]] == [
        "direct",
        "tsl",
        "mtmt",
        "longer, warmer",
        "mtmt-no-similarity",
        "mtmt-joint",
    ]
    for row in rows[1:]:
        for target, shown in zip(("xx", "zz"), row[1:], strict=False):
            folders = [job.request.folder for job in jobs if (job.row, job.target) == (row[0], target)]
            f1 = [json.loads((folder / "metrics.json").read_text())["overall"]["f1"] for folder in folders]
            assert shown.replace("**", "") == f"{np.mean(f1):.2f} ± {np.std(f1, ddof=1):.2f}"
    assert max(float(row[1].replace("**", "").split()[0]) for row in rows[1:]) > 20  # there is something to compare


def test_differences_are_against_both_rows(whole):
    f1 = {row[0]: [float(cell.replace("**", "").split()[0]) for cell in row[1:]] for row in table(whole, "## F1")[1:]}
    for first in ("direct", "tsl"):
        rows = table(whole, f"## Against {first}")
        assert first not in [row[0] for row in rows] and len(rows) == 6
        for title, *cells in rows[1:]:
            for cell, here, there in zip(cells, f1[title], f1[first], strict=True):
                gain, low, high = map(float, re.findall(r"[+-][\d.]+", cell))
                assert gain == pytest.approx(here - there, abs=0.02) and low <= gain <= high


def test_a_shared_student_counts_for_both_rows_but_is_trained_once(whole, jobs, place, store):
    done = {cell.job.name: cell for cell in collect(jobs, store)}
    one, other = (
        next(cell for cell in done.values() if (cell.job.row, cell.job.target, cell.job.seed) == (row, "zz", 1))
        for row in ("tsl", "mtmt-no-similarity")
    )
    assert one.keys == other.keys and one.whole and other.whole
    assert one.costs.keys() - other.costs.keys() == {one.job.name}
    titles = [json.loads(file.read_text())["title"] for file in (place / "out/records/cost").glob("*.json")]
    assert sum(title.startswith("student") for title in titles) == 4 * 4  # of five rows with students
    costs = {row[0]: row for row in table(whole, "## Time and memory")[1:]}
    assert costs["tsl"][1:4] == costs["mtmt-no-similarity"][1:4]
    assert costs["direct"][2:4] == ["", ""]


def test_every_teacher_has_its_auc_on_source_dev_and_on_the_targets(whole, place):
    dev = table(whole, "## Evaluators")
    assert [row[0] for row in dev[1:]] == ["recognizer, hidden states", "similarity", "similarity", "joint"] * 2
    assert {row[1] for row in dev[1:]} == {"en"}
    assert [row[2] for row in dev[1:5]][1:] == ["mtmt", "longer, warmer", "mtmt-joint"]
    assert [row[3] for row in dev[1:]] == ["0"] * 4 + ["1"] * 4
    assert all(0 <= float(auc) <= 1 for row in dev[1:] for auc in row[4].split(" / "))
    assert table(whole, "### On the targets, after the fact")[0][-2:] == ["xx", "zz"]
    assert len(list((place / "out/records/quality").glob("*.json"))) == 8 * 3


def test_the_passport(whole):
    assert whole.startswith("# Tiny results\n\nFrom en to xx, zz: ")
    rows = dict(table("\n" + whole, "# Tiny results"))
    assert rows["command"].startswith("`python examples/uner/results.py DATA")
    assert rows["seeds"] == "0, 1 (n = 2)" and rows["data"] == "a tiny corpus; all sentences of each training split"
    assert rows["scoring rule"].startswith("conlleval") and rows["checkpoint"] == "last step"
    assert "cores" in rows["hardware"] and rows["threads"] == "1" and "torch" in rows["versions"]
    assert "longer, warmer: `mtmt` with `student.epochs=2`, `teachers.similarity.words=uniform`" in whole
    assert (
        "- zz/train: 60 sentences" in whole
        and whole.count("- en/train") == 1
        and "Not finished" not in whole
        and "Failed" not in whole
    )


def test_what_is_done_is_kept_and_rendering_repeats_itself(whole, run, place, monkeypatch):
    monkeypatch.setattr(running.CellWork, "score", lambda *_: pytest.fail("trained again"))
    code, text = run()
    assert code == 0
    assert [line for line in text.splitlines() if not line.startswith("| time")] == [
        line for line in whole.splitlines() if not line.startswith("| time")
    ]
    assert run("--only-render") == (0, text)


def test_records_are_enough_for_the_page_wherever_they_are(whole, run, place):
    shutil.copytree(place / "out/records", place / "published")
    code, text = run("--only-render", "--records", str(place / "published"), out="elsewhere")
    assert (code, text) == (0, run("--only-render")[1])
    assert not (place / "elsewhere").exists()


def test_students_are_not_kept_but_teachers_are(whole, place):
    records = [json.loads(file.read_text()) for file in (place / "out/stages").glob("*/stage.json")]
    assert {record["stage"] for record in records} == {"fit", "label"}


def test_a_cell_that_fails_does_not_lose_the_others(whole, run, place, monkeypatch):
    real = running.CellWork.score

    def score(self, request):
        if request.config.target.language == "xx":
            raise MemoryError("too much")
        return real(self, request)

    monkeypatch.setattr(running.CellWork, "score", score)
    code, text = run("--rows", "direct", "tsl", "--seeds", "1", "--limit-source", "20", out="failing")
    assert code == 1
    assert "- tsl on xx, seed 0: MemoryError: too much" in text and table(text, "## F1")[1][1] == ""
    monkeypatch.undo()
    code, text = run("--rows", "direct", "tsl", "--seeds", "1", "--limit-source", "20", out="failing")
    assert code == 0 and "Failed" not in text and "20 source sentences" in text


def test_a_run_that_was_stopped_goes_on(run, place, monkeypatch):
    real, done = running.CellWork.score, []

    def score(self, request):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(f"{request.config.method}-{request.config.target.language}")
        return real(self, request)

    monkeypatch.setattr(running.CellWork, "score", score)
    options = ("--rows", "direct", "tsl", "--seeds", "1", "--limit-target", "20")
    with pytest.raises(KeyboardInterrupt):
        run(*options, out="stopped")
    done.clear()
    code, text = run(*options, out="stopped")
    assert (code, done) == (0, ["tsl-zz"])
    assert "Not finished" not in text and "20 target sentences" in text


def test_prose_written_by_hand_is_kept(whole, run, place):
    reading = place / "experiment.reading.md"
    reading.write_text("## What it says\n\n{{ It }} wins.\n", encoding="utf-8")
    (place / "several.reading.md").write_text("It loses.\n", encoding="utf-8")
    code, text = run("--only-render")
    reading.unlink()
    assert code == 0 and "\n## What it says\n\n{{ It }} wins.\n\n## F1\n" in text and "It loses" not in text


def test_an_unfinished_page_says_so(whole, jobs, place, store):
    what = experiment.read(place / "experiment.toml")
    more = experiment.jobs(what.model_copy(update={"seeds": (0, 1, 2)}), store.folder)
    text = page.render(what, more, store, "do it", place / "none.md")
    assert "**Not finished:** 12 cells are still to be run." in text


def test_missing_cells_are_filled_and_the_page_has_all_that_is_there(run):
    asked = ("--fill", "--rows", "direct", "--seeds", "1,", "--targets")
    code, text = run(*asked, "xx", out="filled")
    assert code == 0 and "| seeds | 0: 0 of 12 cells; 1: 1 of 12 cells |" in text
    assert "| command | `python examples/uner/results.py DATA --experiment" in text and "--rows" not in text
    code, text = run(*asked, "zz", out="filled")
    assert code == 0 and "1: 2 of 12 cells" in text and "**Not finished:** 22 cells" in text
    assert [row[0] for row in table(text, "## F1")[1:]] == ["direct"]
    assert table(text, "### What each row needs")[1:] == [["direct", "recognizer", "", "none", ""]]


def test_nothing_to_show(run, capsys):
    assert run("--only-render", "--seeds", "7,8")[0] == 1
    assert "no cell has a score to show: nothing was run" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.1, 2.0, "**+1.00**<br>[+0.10, +2.00]"),
        (-0.1, 2.0, "+1.00<br>[-0.10, +2.00]"),
        (-2.0, -0.5, "**+1.00**<br>[-2.00, -0.50]"),
        (None, None, "+1.00"),
    ],
)
def test_a_gain_is_bold_where_its_interval_leaves_zero_out(low, high, shown):
    assert gain(Difference(f1=1.0, low=low, high=high, p=0.1, seeds=1)) == shown


# several source languages, and no row whose weights are looked at


@pytest.fixture(scope="module")
def several(run):
    code, text = run(out="several", name="several")
    assert code == 0
    return text


def test_the_page_speaks_of_its_own_sources(several, place):
    assert several.startswith("# Tiny results of several\n\nFrom en, xx to zz: ")
    assert f"results.py DATA --experiment {place}/several.toml`" in several
    assert "- direct, en only: `direct` with `source.languages=['en']`, `source.limit=60`" in several


def test_what_needs_a_row_with_weights_is_left_out(several):
    assert "unlabelled words\n" not in several and "weights know" not in several


def test_teachers_of_each_source_have_their_quality_on_every_dev_split(several, place):
    rows = table(several, "## Evaluators")
    assert rows[0] == ["vectors of", "learned from", "in", "seed", "en", "xx"]
    multi = "tsl-multi; tsl-multi, uniform; mtmt-joint"
    assert sorted(row[:3] for row in rows[1:]) == [
        ["joint", "en", "mtmt-joint"],
        ["joint", "xx", "mtmt-joint"],
        ["recognizer, hidden states", "en", "direct, en only"],
        ["recognizer, hidden states", "en", multi],
        ["recognizer, hidden states", "en+xx", "direct"],
        ["recognizer, hidden states", "xx", multi],
    ]
    assert all(0 <= float(auc) <= 1 for row in rows[1:] for cell in row[4:] for auc in cell.split(" / "))
    assert len({tuple(row[4:]) for row in rows[1:]}) == 6  # each teacher speaks for itself


def test_changes_are_against_the_teacher_of_all_sources(several, place):
    changes = {row[1]: row for row in table(several, "## What students change")[1:]}
    assert "direct" not in changes and "direct, en only" in changes and len(changes) == 4
    direct, only = (
        [
            line.split()[1]
            for line in next((place / "several/runs").glob(f"{name}-zz-*/predictions.conll")).open()
            if line.strip()
        ]
        for name in ("direct", "direct__en_only")
    )
    assert sum(one != other for one, other in zip(direct, only, strict=True)) == sum(
        int(cell) for cell in changes["direct, en only"][3:8]
    )


def test_all_that_a_cell_took_is_in_one_of_the_columns(several, place):
    folder = (place / "several").resolve()
    done = collect(experiment.jobs(experiment.read(place / "several.toml"), folder), Store(folder / "records"))
    assert len(done) == 5 and all(cell.whole for cell in done)
    for cell in done:
        parts = [_seconds(cell, column) for column in range(4)]
        assert sum(parts) == pytest.approx(sum(cost.seconds for cost in cell.costs.values()))
    titles = [cost.title for cell in done for cost in cell.costs.values()]
    assert {"language classifier of en, xx", "language similarity of zz to en, xx"} <= {*titles}


def test_every_selection_of_a_corpus_is_listed(several):
    lines = [line.split(" sentences")[0] for line in several.splitlines() if line.startswith("- en/train")]
    assert lines == ["- en/train: 60", "- en/train: 30"]
