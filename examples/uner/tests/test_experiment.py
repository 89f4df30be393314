from pathlib import Path

import experiment
import pytest
import results

from xner.errors import DataError, UsageError


def test_other_settings_have_other_names(place):
    what = experiment.read(place / "experiment.toml")
    shorter = experiment.narrowed(what, (), (), {"source.limit": 9})
    names = [{job.name for job in experiment.jobs(one, place)} for one in (what, shorter)]
    assert len(names[0]) == len(names[1]) == 24 and not names[0] & names[1]


def test_the_cells_go_by_seed_and_then_by_target(jobs):
    assert [(job.seed, job.target) for job in jobs[::6]] == [(0, "xx"), (0, "zz"), (1, "xx"), (1, "zz")]


def test_a_limit_holds_for_rows_with_a_limit_of_their_own_and_for_no_other_setting_of_theirs(place):
    what = experiment.narrowed(experiment.read(place / "several.toml"), (), (), {"source.limit": 9, "target.limit": 8})
    configs = {job.row: job.config for job in experiment.jobs(what, place)}
    assert {config.source.limit for config in configs.values()} == {9}
    assert {config.target.limit for config in configs.values()} == {8}
    assert what.rows[0].settings == {"source.languages": ["en"], "source.limit": 9}  # as the page says it
    assert configs["direct, en only"].source.languages == ("en",)


@pytest.mark.parametrize(
    ("name", "sources", "cells"),
    [("experiment", ("en",), 354), ("short-trainings", ("en",), 168), ("several-sources", ("en", "pt", "zh"), 105)],
)
def test_the_experiments_of_the_docs_are_valid(name, sources, cells):
    what = experiment.read(results.HERE / f"{name}.toml")
    jobs = experiment.jobs(what, Path("x"))
    assert what.sources == sources and not {*sources} & ({*what.targets} - {"pt"}) and len(jobs) == cells
    assert {*what.targets, *sources} == {*what.corpora}
    assert all({"train", "dev"} <= {*what.corpora[source]} for source in sources)
    assert all({"train", "test"} <= {*what.corpora[target]} for target in what.targets)
    assert jobs[0].config.labels.map == {"PERS": "PER", "*": "O"}


def test_rows_of_the_docs_learn_from_equally_many_sentences():
    jobs = experiment.jobs(experiment.read(results.HERE / "several-sources.toml"), Path("x"))
    assert {job.config.source.limit * len(job.config.source.languages) for job in jobs} == {3000}


def test_a_row_may_be_for_some_targets_alone(place, tmp_path):
    text = (place / "experiment.toml").read_text()
    file, named = tmp_path / "e.toml", 'name = "longer, warmer"\n'
    file.write_text(text.replace(named, f'{named}targets = ["zz"]\n'))
    jobs = experiment.jobs(experiment.read(file), tmp_path)
    assert {job.target for job in jobs if job.row == "longer, warmer"} == {"zz"} and len(jobs) == 24 - 2
    file.write_text(text.replace(named, f'{named}targets = ["yy"]\n'))
    with pytest.raises(UsageError, match=r"e\.toml: targets of 'longer, warmer': there is no 'yy'; there are: xx, zz"):
        experiment.read(file)


def test_weights_of_a_row_with_several_sources(place, tmp_path):
    (tmp_path / "e.toml").write_text('weights = "tsl-multi"\n' + (place / "several.toml").read_text())
    with pytest.raises(UsageError, match="weights: 'tsl-multi' learns from en, xx; weights can be looked at where"):
        experiment.read(tmp_path / "e.toml")


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
