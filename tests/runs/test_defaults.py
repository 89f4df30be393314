"""A method's own defaults of a run: above the run's, below a preset, a file and what is asked for."""

import pytest

from xner.comparing.comparison import compare
from xner.errors import UsageError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.mixing import configure, configure_comparison, given, with_defaults

METHOD = "unitrans-no-translation"


@pytest.fixture(scope="module")
def plugins():
    return Plugins.load()


def test_they_stand_above_a_runs(plugins):
    config = configure(plugins, {"method": METHOD})
    assert (config.max_length, config.freeze, config.student.tag_loss) == (256, "quarter", "mse_prob")
    assert config.decoding.rule == "legal" and not config.teachers
    assert config.student.paired_words == 512  # of which the method says nothing
    assert configure(plugins, {"method": "tsl"}).max_length == 128


def test_a_preset_a_file_and_what_is_asked_for_stand_above_them(plugins, tmp_path):
    file = tmp_path / "run.toml"
    file.write_text(f'method = "{METHOD}"\nmax_length = 64\n[teachers.recognizer]\nepochs = 7\n')
    config = configure(plugins, {"student.epochs": 1, "student.start": "teacher"}, file, "authors")
    assert (config.student.epochs, config.student.start) == (1, "teacher")
    assert (config.max_length, config.component("teachers", "recognizer")["epochs"]) == (64, 7)
    assert config.encoder == "google-bert/bert-base-multilingual-cased"
    assert (config.student.tag_loss, config.component("teachers", "recognizer")["learning_rate"]) == ("mse_prob", 5e-5)


def test_what_is_asked_for_stays_if_it_is_what_a_run_has_by_default(plugins):
    assert configure(plugins, {"method": METHOD, "max_length": 128}).max_length == 128


def test_parts_are_mixed_in_beside_them(plugins):
    config = configure(plugins, {"method": f"{METHOD}+tag-chain", "student.epochs": 2})
    assert (config.method, config.student.refiners, config.title) == (METHOD, ("tag-chain",), f"{METHOD}+tag-chain")
    assert (config.student.epochs, config.student.tag_loss, config.max_length) == (2, "mse_prob", 256)


def test_written_and_read_again_they_are_the_same(plugins):
    config = configure(plugins, {"method": METHOD, "seed": 3})
    again = build(config.model_dump())
    assert with_defaults(plugins, again) == config
    assert given(config)["seed"] == 3 and "encoder" not in given(config)


def test_a_method_that_is_not_there(plugins):
    with pytest.raises(UsageError, match="there is no 'tls' among the methods"):
        configure(plugins, {"method": "tls"})


def test_in_a_comparison_they_are_of_their_own_method_alone(plugins, encoder_folder, data_folder, tmp_path):
    settings = {
        "method": METHOD,  # as it may stand in a file
        "encoder": str(encoder_folder),
        "source.dataset": str(data_folder),
        "target.dataset": str(data_folder),
        "target.language": "xx",
        "student.epochs": 1,
        "teachers.recognizer.epochs": 1,
        "precision": "fp32",
    }
    shared, targets = configure_comparison(plugins, settings)
    assert shared.max_length == 128 and targets == ["xx"]
    methods = ["tsl", METHOD, f"{METHOD}+tag-chain"]
    comparison, folder = compare(shared, methods, targets, [0], plugins, tmp_path / "out", Progress(quiet=True))
    assert [cell.problem for cell in comparison.cells] == [""] * 3
    written = {place.name: (place / "config.toml").read_text() for place in folder.iterdir() if place.is_dir()}
    assert len(written) == 3
    for name, text in written.items():
        own = name.startswith(METHOD)
        assert ("max_length = 256" in text, 'freeze = "quarter"' in text, 'tag_loss = "mse_prob"' in text) == (own,) * 3
        assert "epochs = 1" in text and "epochs = 3" not in text
