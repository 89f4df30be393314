"""Where a run goes, and that nothing half-written is left there."""

import json
import time
from pathlib import Path

import pytest

from xner.errors import DataError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.config import build, read_file
from xner.runs.prepared import prepare
from xner.runs.run import default_folder, train
from xner.tagging.tagger import Tagger


def silent():
    return Progress(quiet=True)


@pytest.fixture(scope="module")
def plugins():
    return Plugins.load()


@pytest.fixture
def warm(cache, monkeypatch):
    """All tests here share their stages."""
    monkeypatch.setenv("XNER_CACHE", str(cache))


def test_the_default_folder_names_method_languages_and_seed():
    config = build({"method": "mtmt/mtmt", "source.languages": ["en", "fr"], "target.language": "sw", "seed": 3})
    assert default_folder(config) == Path("runs/mtmt.mtmt-en+fr-sw-s3")


@pytest.mark.parametrize(
    ("student", "name"),
    [
        ({"tasks": ["one", "a/two"]}, "tsl+one+a.two-en-de-s0"),
        ({"weighting": "entropy"}, "tsl+entropy-en-de-s0"),
        ({"tasks": ["one"], "weighting": "entropy"}, "tsl+one+entropy-en-de-s0"),
    ],
)
def test_the_default_folder_names_what_is_mixed_in(student, name):
    assert default_folder(build({"method": "tsl", "student": student})).name == name


@pytest.mark.usefixtures("warm")
def test_a_run_with_parts_says_so_everywhere_and_its_config_does_it_again(plugins, values, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plain = build(values, {"method": "mtmt", "student.epochs": 0.2})
    config = build(plain.model_dump(), {"student.tasks": ["similarity"], "student.weighting": "unweighted"})
    run = train(config, plugins, None, silent())
    assert run.folder.name == "mtmt+similarity+unweighted-en-xx-s0"
    assert run.stages[-1].title == "student on xx (tags + similarity, unweighted)"
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert manifest["settings"]["student"]["tasks"] == ["similarity"]
    assert manifest["settings"]["student"]["weighting"] == "unweighted"
    assert list(manifest["components"]["weightings"]) == ["unweighted"]  # the method's own has no part in it
    assert "the method\n`mtmt+similarity+unweighted`" in (run.folder / "student" / "README.md").read_text()
    assert "<h1>mtmt+similarity+unweighted: en" in (run.folder / "report.html").read_text()
    again = build(read_file(run.folder / "config.toml"))
    assert again.student == config.student and default_folder(again) == run.folder
    assert [stage.key for stage in prepare(again, plugins, silent()).plan.stages] == [stage.key for stage in run.stages]
    assert (
        prepare(again, plugins, silent()).plan.stages[-1].done
        and not prepare(plain, plugins, silent()).plan.stages[-1].done
    )


@pytest.mark.usefixtures("warm")
def test_another_run_is_not_overwritten(plugins, values, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = build(values, {"method": "direct"})
    first = train(config, plugins, None, silent())
    assert first.folder == Path("runs/direct-en-xx-s0")
    assert train(config, plugins, None, silent()).folder == first.folder
    other = build(values, {"method": "direct", "max_length": 100})
    assert train(other, plugins, None, silent()).folder == Path("runs/direct-en-xx-s0-2")
    with pytest.raises(DataError, match=r"^runs/direct-en-xx-s0: is there already and holds something else"):
        train(other, plugins, Path("runs/direct-en-xx-s0"), silent())
    assert json.loads((first.folder / "manifest.json").read_text())["settings"] == config.model_dump(mode="json")


@pytest.mark.usefixtures("warm")
def test_a_cell_keeps_no_student(plugins, values, tmp_path):
    prepared = prepare(build(values, {"method": "direct"}), plugins, silent())
    runs.complete(prepared, tmp_path / "cell", time.monotonic(), keep_student=False)
    expected = ["config.toml", "counts.parquet", "manifest.json", "metrics.json", "predictions.conll", "report.html"]
    expected += ["sections.json"]
    assert sorted(path.name for path in (tmp_path / "cell").iterdir()) == expected


class Killed(BaseException):
    pass


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("moment", ["write_card", "write_conll", "whole_folder", "tag_and_score"])
def test_a_killed_run_leaves_no_run_folder_and_the_next_takes_its_place(plugins, values, tmp_path, monkeypatch, moment):
    def kill(*args):
        raise Killed

    config = build(values, {"method": "direct"})
    with monkeypatch.context() as patch:
        patch.setattr(runs, moment, kill)
        with pytest.raises(Killed):
            train(config, plugins, tmp_path / "runs" / "x", silent())
    assert list((tmp_path / "runs").glob("*")) == []  # nor anything half-written beside it
    train(config, plugins, tmp_path / "runs" / "x", silent())
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["x"]


def test_a_run_killed_in_a_stage_leaves_no_finished_stage(plugins, values, tmp_path, monkeypatch):
    def kill(*args, **kwargs):
        raise Killed

    monkeypatch.setattr(Tagger, "save", kill)
    with pytest.raises(Killed):
        train(build(values, {"method": "direct"}), plugins, tmp_path / "x", silent())
    assert not (tmp_path / "x").exists()
    (stage,) = prepare(build(values, {"method": "direct"}), plugins, silent()).plan.stages
    assert not stage.done
