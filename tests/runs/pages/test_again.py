"""A run is looked at once more: nothing is trained, and what is not there any more is told."""

import json
import shutil

import pytest

from xner import api
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.reporting.shown import FILE, Page, Shown, read
from xner.runs.config import build
from xner.runs.pages.again import look_again
from xner.runs.run import train
from xner.store.places import cache_folder
from xner.testing.progresses import Heard


@pytest.fixture(scope="module")
def trained(values, tmp_path_factory):
    """A run of mtmt and its cache; read them, never write to them."""
    root = tmp_path_factory.mktemp("again")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XNER_CACHE", str(root / "cache"))
        train(build(values), Plugins.load(), root / "run", Progress(quiet=True))
    return root


@pytest.fixture
def run(trained, tmp_path, monkeypatch):
    """Copies of them."""
    for name in ("run", "cache"):
        shutil.copytree(trained / name, tmp_path / name, symlinks=True)
    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "cache"))
    return tmp_path / "run"


def again(run):
    progress = Heard()
    return look_again(run, Plugins.load(), progress), progress.lines


def test_training_leaves_out_what_takes_long_and_says_how_to_get_it(run):
    page, text = read(run), (run / "report.html").read_text()
    assert {one.name for one in page.sections} == {
        "groups",
        "confusion",
        "calibration",
        "changes",
        "mistakes",
        "curves",
    }
    assert not [one.problem for one in page.sections if one.problem]
    assert len(page.left) == 3 and "xner report run" in text and all(title in text for title in page.left)


def test_looking_again_makes_it_and_changes_nothing_else(run):
    before = {file: file.read_bytes() for file in run.rglob("*") if file.is_file()}
    stages = sorted(path.name for path in cache_folder().iterdir())
    first = read(run)
    assert again(run)[0]
    page = read(run)
    assert {"similar-words", "weight-intervals", "word-map"} <= {one.name for one in page.sections}
    assert not [one.problem for one in page.sections if one.problem] and not page.left
    assert [one for one in page.sections if one in first.sections] == list(first.sections)  # the same numbers
    text = (run / "report.html").read_text()
    assert text.count("<section id=") == len(page.sections) + 3 and "Still to be made" not in text
    changed = {file.name for file, content in before.items() if file.read_bytes() != content}
    assert changed == {FILE, "report.html"}
    assert sorted(path.name for path in cache_folder().iterdir()) == stages  # nothing was trained


def test_the_scores_and_settings_on_the_page_are_those_of_the_run(run):
    before = (run / "report.html").read_text()
    again(run)
    after = (run / "report.html").read_text()
    for start, end in (("<header>", "</header>"), ('<section id="corpora">', "</main>")):
        assert after.partition(start)[2].partition(end)[0] == before.partition(start)[2].partition(end)[0]


def test_without_its_stages_what_was_made_before_is_kept(run, tmp_path):
    again(run)
    full = read(run)
    shutil.rmtree(tmp_path / "cache")
    assert again(run)[0]
    assert read(run) == full


def test_a_run_without_sections_as_of_before_gets_them(run):
    (run / FILE).unlink()
    assert again(run)[0] and len(read(run).sections) == 9


def test_what_is_not_the_run_any_more_is_told_and_the_page_stays(run, data_folder, tmp_path):
    page = (run / "report.html").read_text()
    manifest = json.loads((run / "manifest.json").read_text())
    cases = {
        "its corpora would be other ones now": {"corpora": [{"fingerprint": "x"}]},
        "its stages would be other ones now": {"stages": [{"key": "x"}]},
        "its manifest.json cannot be read: KeyError": None,
    }
    for message, change in cases.items():
        record = {**manifest, **change} if change else {}
        (run / "manifest.json").write_text(json.dumps(record))
        done, told = again(run)
        assert not done and told[-1].startswith(f"{run}/report.html: stays as it is: {message}")
    (run / "config.toml").unlink()
    done, told = again(run)
    assert not done and told == [
        f"{run}/report.html: stays as it is: it has no config.toml, so it is not known what it was made of"
    ]
    assert (run / "report.html").read_text() == page


def test_a_section_of_a_plugin_that_is_gone_stays(run):
    (run / FILE).write_text(Page(sections=(Shown(name="old", title="Of a plugin that is gone"),)).model_dump_json())
    assert api.report(run, quiet=True) == run / "report.html"
    assert "Of a plugin that is gone" in (run / "report.html").read_text()
