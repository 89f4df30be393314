from pathlib import Path

import experiment
import pytest
import results

from xner.errors import DataError, UsageError


def test_other_settings_have_other_names(place):
    what = experiment.read(place / "experiment.toml")
    names = [{job.name for job in experiment.jobs(what, place, limits)} for limits in ({}, {"source.limit": 9})]
    assert len(names[0]) == len(names[1]) == 24 and not names[0] & names[1]


def test_the_cells_go_by_seed_and_then_by_target(jobs):
    assert [(job.seed, job.target) for job in jobs[::6]] == [(0, "xx"), (0, "zz"), (1, "xx"), (1, "zz")]


def test_the_experiment_of_the_docs_is_valid():
    what = experiment.read(Path(results.HERE / "experiment.toml"))
    assert {*what.targets, "en"} == {*what.corpora} and len(experiment.jobs(what, Path("x"), {})) >= 126
    assert experiment.jobs(what, Path("x"), {})[0].config.labels.map == {"PERS": "PER", "*": "O"}


def test_corpora_that_are_not_there_are_named_together(place, tmp_path):
    what = experiment.read(place / "experiment.toml")
    with pytest.raises(DataError, match=r"no file .*en/train\.conll.*zz/dev\.conll.*README\.md says where to get"):
        experiment.lay_out(what, tmp_path, tmp_path / "out")


@pytest.mark.parametrize("option", ["--targets", "--rows"])
def test_names_that_are_not_in_the_experiment(run, option, capsys):
    assert run(option, "nope")[0] == 2
    assert f"{option}: there is no 'nope'; there are: " in capsys.readouterr().err


def test_two_rows_of_one_name(place, tmp_path):
    (tmp_path / "e.toml").write_text((place / "experiment.toml").read_text().replace('name = "longer, warmer"', ""))
    with pytest.raises(UsageError, match="there are several rows 'mtmt'; give them names"):
        experiment.read(tmp_path / "e.toml")
