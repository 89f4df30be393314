import json
from pathlib import Path

import pytest


def settings_of(out):
    return json.loads(out)["settings"]


def test_every_option_of_train_reaches_its_setting(xner, task, data_folder):
    _, out, _ = xner(
        "train",
        *("--method", "direct", "--src", "en,xx", "--tgt", "xx", "--seed", "4", "--encoder", task[7]),
        *("--src-dataset", data_folder, "--tgt-dataset", data_folder / "xx", "--dataset", "unused"),
        *("--labels", "PER,LOC", "--map", "*=O", "--map", "ORG=LOC", "--limit-source", "9", "--limit-target", "8"),
        *("--set", "target.dataset=" + str(data_folder), "--set", "max_length=32", "--dry-run", "--json"),
    )
    settings = settings_of(out)
    assert (settings["method"], settings["seed"], settings["max_length"]) == ("direct", 4, 32)
    assert settings["source"]["languages"] == ["en", "xx"]
    assert (settings["source"]["limit"], settings["target"]["limit"]) == (9, 8)
    assert settings["source"]["dataset"] == str(data_folder)
    assert settings["target"]["dataset"] == str(data_folder)  # --set has the last word
    assert settings["labels"] == {"types": ["PER", "LOC"], "map": {"*": "O", "ORG": "LOC"}}


@pytest.mark.parametrize("options", [("--aux", "similarity,other"), ("--aux", "similarity", "--aux", "other")])
def test_parts_reach_their_settings(xner, task, options):
    command = ("train", *task, "--aux", "similarity", "--weighting", "unweighted", "--dry-run", "--json")
    student = settings_of(xner(*command)[1])["student"]
    assert (student["tasks"], student["weighting"]) == (["similarity"], "unweighted")
    code, _, err = xner("train", *task, *options)
    assert (code, err) == (2, "xner: there is no 'other' among the auxiliary tasks: similarity, voted-tags.\n")


def test_refiners_reach_their_setting(xner, task):
    for command in (("--method", "tsl", "--refine", "agreement"), ("--method", "tsl+agreement")):
        _, out, _ = xner("train", *command, *task, "--dry-run", "--json")
        assert settings_of(out)["student"]["refiners"] == ["agreement"]
    code, _, err = xner("compare", "--methods", "tsl", "--refine", "agreement,nobody", *task)
    assert (code, err.splitlines()[-1]) == (
        2,
        "xner: there is no 'nobody' among the refiners: agreement, form-agreement, language-picking, most-confident, "
        "neighbour-agreement, prototypes, random-share, surest-teacher, tag-chain, votes.",
    )


def test_parts_are_mixed_in_by_name(xner, task):
    code, out, _ = xner("train", "--method", "tsl", "--weighting", "unweighted", *task)
    assert (code, "run folder   runs/tsl+unweighted-en-xx-s0" in out) == (0, True)
    again = ("train", "--config", "runs/tsl+unweighted-en-xx-s0/config.toml", "--dry-run")
    for command in (again, ("train", "--method", "tsl+unweighted", *task, "--dry-run")):
        code, out, _ = xner(*command)
        assert (code, out.count("done before"), out.count("to do")) == (0, 3, 0)
        assert out.endswith("student on xx (tags, unweighted)\n")
    code, out, _ = xner("compare", "--methods", "tsl", "--weighting", "unweighted", *task)
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("tsl")] == [["tsl+unweighted", "xx"]]


def test_a_preset_knows_its_method_by_the_name_without_parts(xner, task):
    command = ("train", "--method", "mtmt+uniform", "--preset", "authors", *task, "--dry-run", "--json")
    settings = settings_of(xner(*command)[1])
    assert (settings["method"], settings["student"]["weighting"]) == ("mtmt", "uniform")
    assert settings["student"]["tag_coefficient"] == 0.5


def test_a_method_that_does_not_distil_refuses_parts_in_one_line(xner, task):
    parts = ("--aux", "similarity", "--weighting", "uniform")
    assert xner("train", "--method", "direct", *task, *parts) == (
        2,
        "",
        "xner: the method 'direct' distils no student, so nothing can be mixed into it: "
        "leave similarity, uniform (--aux, --refine, --weighting) out, or choose another method\n",
    )
    assert not Path("runs").exists() or not list(Path("runs").iterdir())


def test_options_win_over_the_file_and_the_file_over_the_preset(xner, task, tmp_path):
    (tmp_path / "my.toml").write_text("seed = 5\nmax_length = 48\n[student]\nepochs = 7\n")
    arguments = ("train", *task, "--preset", "authors", "--config", "my.toml", "--seed", "6", "--dry-run", "--json")
    settings = settings_of(xner(*arguments)[1])
    assert (settings["seed"], settings["max_length"], settings["student"]["epochs"]) == (6, 48, 1)
    assert settings["student"]["tag_coefficient"] == 0.5


def test_without_options_the_defaults_hold(xner):
    from xner.runs.settings import RunConfig

    settings = settings_of(xner("train", "--method", "direct", "--dry-run", "--json")[1])
    assert settings == RunConfig(method="direct").model_dump(mode="json", exclude_none=True)
