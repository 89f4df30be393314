import json

import pytest

from tests.installing import OURS
from xner.plugin.manager import Plugins


def test_a_broken_plugin_is_a_warning_and_not_the_end(xner, monkeypatch):
    load = Plugins.load

    def with_broken():
        plugins = load()
        plugins.register("odd", lambda: 1 / 0, "3.1")
        return plugins

    monkeypatch.setattr(Plugins, "load", with_broken)
    code, out, err = xner("list", "methods", "--json")
    assert code == 0
    assert "mtmt" in {row["name"] for row in json.loads(out)}
    assert err == "warning: the plugin 'odd' 3.1 is not loaded: ZeroDivisionError: division by zero\n"


@pytest.mark.usefixtures("ours")
def test_plugins(xner):
    code, out, err = xner("plugins")
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in out.splitlines() if "loaded" in line] == ["xner", *OURS]
    rows = json.loads(xner("plugins", "--json")[1])
    assert {row["name"]: row["problem"] for row in rows} == dict.fromkeys(("xner", *OURS), "")


def test_plugins_shows_broken_ones_as_rows(xner, monkeypatch):
    load = Plugins.load

    def with_broken():
        plugins = load()
        plugins.register("odd", lambda: __import__("nothing_[/here]"), "3.1")
        return plugins

    monkeypatch.setattr(Plugins, "load", with_broken)
    code, out, err = xner("plugins")
    assert (code, err) == (0, "")
    assert "broken: ModuleNotFoundError: No module named 'nothing_[/here]'" in out
    assert json.loads(xner("plugins", "--json")[1])[-1]["problem"].startswith("ModuleNotFoundError")


@pytest.mark.usefixtures("ours")
def test_list_shows_methods_unless_told_otherwise(xner):
    code, out, _ = xner("list")
    assert code == 0
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [
        ["needs", "nothing"],
        ["advce", "adversarial"],
        ["advpicker", "adversarial"],
        ["consensus", "consensus"],
        ["direct", "baselines"],
        ["mtmt", "mtmt"],
        ["mtmt-joint", "mtmt"],
        ["mtmt-no-similarity", "mtmt"],
        ["mtmt-no-weighting", "mtmt"],
        ["mtmt-progressive", "mtmt"],
        ["mtst", "mtmt"],
        ["rikd", "iterative"],
        ["rikd-confidence", "iterative"],
        ["rikd-no-iteration", "iterative"],
        ["rikd-random", "iterative"],
        ["tsl", "baselines"],
        ["tsl-iterative", "baselines"],
        ["tsl-multi", "baselines"],
        ["unitrans-no-translation", "baselines"],
        ["needs", "a"],
        ["colada", "translation"],
        ["tof", "tof"],
        ["unitrans", "translation"],
        ["needs", "a"],
        ["wiki", "gazetteers"],
        ["needs", "a"],
        ["tmp", "projection"],
        ["needs", "parallel"],
        ["ws", "projection"],
    ]
    assert xner("list", "method") == (0, out, "")


@pytest.mark.usefixtures("ours")
def test_list_groups_only_what_needs_more(xner):
    assert "\nneeds nothing but text:" in xner("list", "methods")[1]
    assert "\nneeds a dictionary:" in xner("list", "methods")[1]
    assert "needs " not in xner("list", "encoders")[1]
    needs = {row["name"]: row["needs"] for row in json.loads(xner("list", "methods", "--json")[1])}
    assert (needs["unitrans"], needs["direct"]) == ("a dictionary", "")


@pytest.mark.usefixtures("ours")
def test_list_as_json(xner):
    rows = json.loads(xner("list", "encoders", "--json")[1])
    assert [(row["name"], row["plugin"]) for row in rows] == [("e5-small", "demo"), ("hub", "xner")]
    assert all(row["summary"] for row in rows)


def test_describe_shows_settings_and_presets(xner):
    code, out, err = xner("describe", "method", "mtmt")
    assert (code, err) == (0, "")
    assert "methods.mtmt.teachers" in out
    assert '["recognizer", "similarity"]' in out
    assert "--preset paper" in out
    assert '  student.tag_loss = "soft_ce"' in out


def test_describe_shows_a_methods_own_defaults_of_a_run(xner):
    out = xner("describe", "method", "unitrans-no-translation")[1]
    assert "\nIts own defaults of a run\n  max_length = 256\n" in out
    assert "Its own defaults" not in xner("describe", "method", "tsl")[1]


def test_describe_run_shows_all_settings_of_a_run(xner):
    code, out, err = xner("describe", "run")
    assert (code, err) == (0, "")
    for setting in ("seed", "source.languages", "student.tag_loss", "labels.map", "teachers"):
        assert any(line.startswith(f"{setting} ") for line in out.splitlines()), setting


def test_data_show(xner, data_folder):
    code, out, err = xner("data", "show", data_folder, "--lang", "xx")
    assert (code, err) == (0, "")
    assert "sentences" in out
    document = json.loads(xner("data", "show", data_folder, "--lang", "xx", "--json")[1])
    assert document["language"] == "xx"
    assert document["splits"]["train"]["sentences"] == 60
    assert json.loads(xner("data", "show", "demo", "--json")[1])["language"] == "en"


def test_data_show_says_how_a_file_was_read_and_takes_settings(xner, tmp_path):
    (tmp_path / "x.tsv").write_bytes("#\tx\n1\tZoë\tB-PER\tB-LOC\n2\tran\t0\tO\n".encode("latin-1"))
    settings = ("--set", "corpora.folder.encoding=latin-1")
    train = json.loads(xner("data", "show", tmp_path / "x.tsv", *settings, "--json")[1])["splits"]["train"]
    assert (train["layout"], train["entities"]) == ("columns: 2 words, 3 tags", {"PER": 1})
    assert [note.rpartition("x.tsv")[2] for note in train["notes"]] == [
        ":2: column 4 has tags, too, which are not read; corpora.folder.tag_column=3 reads them",
        ":3: the tag '0' is read as O",
    ]
    other = xner("data", "show", tmp_path / "x.tsv", *settings, "--set", "corpora.folder.tag_column=3", "--json")[1]
    assert json.loads(other)["splits"]["train"]["entities"] == {"LOC": 1}
    assert xner("data", "show", tmp_path / "x.tsv")[0] == 1
    assert "columns: 2 words, 3 tags" in xner("data", "show", tmp_path / "x.tsv", *settings)[1]
    code, _, err = xner("data", "show", tmp_path / "x.tsv", "--set", "corpora.folder.tag=3")
    assert (code, err.startswith("xner: there is no setting 'corpora.folder.tag'.")) == (2, True)
