"""A comparison that is asked for again: after a kill, a failure, a move or with another rule."""

from pathlib import Path

import pytest

from xner.comparing import work
from xner.comparing.comparison import compare
from xner.comparing.record import Comparison
from xner.errors import DataError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.scoring.scores import RULES


def run(config, methods, out, targets=("xx",), seeds=(0,)):
    return compare(config, methods, list(targets), list(seeds), Plugins.load(), out, Progress(quiet=True))


class Killed(BaseException):
    pass


@pytest.mark.parametrize("survivors", [0, 1])
def test_after_a_kill_the_same_command_goes_on_in_its_folder(config, cache, tmp_path, monkeypatch, survivors):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    complete, done = work.complete, []

    def killed(*args, **kwargs):
        if len(done) == survivors:
            raise Killed
        done.append(1)
        return complete(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(work, "complete", killed)
        with pytest.raises(Killed):
            run(config, ["direct"], tmp_path / "out", seeds=[0, 1])
    record = Comparison.model_validate_json((tmp_path / "out" / "comparison.json").read_text())
    assert len(record.cells) == survivors
    monkeypatch.setattr(work, "complete", lambda *args, **kwargs: done.append(2) or complete(*args, **kwargs))
    made, folder = run(config, ["direct"], tmp_path / "out", seeds=[0, 1])
    assert folder == tmp_path / "out"
    assert made.cells[:survivors] == record.cells
    assert [(row.method, row.seeds) for row in made.rows] == [("direct", 2)]
    assert done == [1] * survivors + [2] * (2 - survivors)  # what is finished is not repeated


def test_failed_cells_are_tried_again_and_the_others_are_not(config, cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XNER_CACHE", str(cache))

    def broken(prepared, *rest, **named):
        if prepared.config.target.language == "en":
            raise OSError(28, "No space left on device")
        return complete(prepared, *rest, **named)

    complete = work.complete
    with monkeypatch.context() as patch:
        patch.setattr(work, "complete", broken)
        first, _ = run(config, ["direct"], tmp_path / "out", ["en", "xx"])
    assert [cell.problem[:17] for cell in first.cells] == ["the disk is full;", ""]
    second, folder = compare(config, ["direct"], ["en", "xx"], [0], Plugins.load(), tmp_path / "out", Progress())
    assert [cell.metrics is None for cell in second.cells] == [False, False]
    assert second.cells[1] == first.cells[1]
    lines = capsys.readouterr().err.splitlines()
    assert "direct on en, seed 0 ..." in lines and "direct on xx, seed 0: done before" in lines
    assert Comparison.model_validate_json((folder / "comparison.json").read_text()) == second


def test_a_comparison_that_has_moved_is_still_done(config, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    first, _ = run(config, ["direct"], tmp_path / "out")
    (tmp_path / "out").rename(tmp_path / "there")
    monkeypatch.setattr(work, "complete", None)
    second, _ = run(config, ["direct"], tmp_path / "there")
    assert second.cells[0].metrics == first.cells[0].metrics
    assert second.cells[0].folder == str(tmp_path / "there" / "direct-en-xx-s0")


def test_another_rule_trains_nothing_and_takes_no_finished_cell(config, cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    first, folder = run(config, ["direct"], None)
    strict = build(config.model_dump(), {"scoring.rule": "strict"})
    second, other = compare(strict, ["direct"], ["xx"], [0], Plugins.load(), None, Progress())
    assert (folder, other) == (Path("runs/compare-direct-en-xx"), Path("runs/compare-direct-en-xx-2"))
    lines = capsys.readouterr().err.splitlines()
    assert "teacher recognizer on en: done before" in lines and "direct on xx, seed 0: done before" not in lines
    rules = [made.cells[0].metrics.rule for made in (first, second)]
    assert rules == [RULES["conlleval"], RULES["strict"]]
    for rule, place in zip(rules, (folder, other), strict=True):
        assert f"| scoring rule | {rule} |" in (place / "comparison.md").read_text()
    with pytest.raises(DataError, match="is there already and holds something else"):
        run(strict, ["direct"], folder)


def test_a_cell_without_counts_is_scored_again(config, cache, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    first, folder = run(config, ["direct", "tsl"], tmp_path / "out")
    (folder / "tsl-en-xx-s0" / "counts.parquet").unlink()
    second, _ = compare(config, ["direct", "tsl"], ["xx"], [0], Plugins.load(), folder, Progress())
    lines = capsys.readouterr().err.splitlines()
    assert "direct on xx, seed 0: done before" in lines and "tsl on xx, seed 0 ..." in lines
    assert "student on xx (tags, uniform): done before" in lines
    assert second.rows[1].difference == first.rows[1].difference and second.rows[1].difference.low is not None


def test_what_is_asked_for_twice_counts_once(config, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    made, _ = run(config, ["direct", "direct"], tmp_path / "out", ["xx", "xx"], [1, 1])
    assert [(row.method, row.target, row.seeds) for row in made.rows] == [("direct", "xx", 1)]
