import json
import shutil
from pathlib import Path

import pytest

import xner
from xner import api
from xner.corpora.labels import LabelSet
from xner.errors import DataError, UsageError, XnerError
from xner.machine.hardware import Hardware
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.mixing import configure
from xner.using.predicting import Predictor


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def tiny(encoder_folder, data_folder, cache, tmp_path, monkeypatch):
    """The arguments of a small run, in an empty working folder."""
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    quick = {"student.epochs": 1, "teachers.recognizer.epochs": 1}
    return {"tgt": "xx", "dataset": str(data_folder), "encoder": str(encoder_folder), "settings": quick, "quiet": True}


@pytest.fixture
def student(tiny_workbench, tmp_path):
    tagger = tiny_workbench.new_tagger()
    tagger.save(tmp_path / "run" / "student")
    return tmp_path / "run"


def test_the_public_names_are_the_documented_ones():
    assert sorted(xner.__all__) == sorted(xner._HOMES)
    for name in xner.__all__:
        assert getattr(xner, name).__name__ == name
    with pytest.raises(AttributeError, match="module 'xner' has no attribute 'trian'"):
        xner.trian  # noqa: B018


def test_train_then_load_then_predict(tiny, capsys):
    run = xner.train("tsl", "en", seed=3, **tiny)
    assert isinstance(run, xner.Run)
    assert run.folder == Path("runs/tsl-en-xx-s3")
    assert (run.config.method, run.config.seed, run.config.student.epochs) == ("tsl", 3, 1)
    assert run.metrics.sentences == 60
    predictor = xner.load(run.folder)
    assert isinstance(predictor, Predictor)
    text = "ta Ada um Rome"
    for entity in predictor.predict([text, ""])[0]:
        assert text[entity.start : entity.end] == entity.text
    assert capsys.readouterr().out == ""


def test_quiet_prints_no_progress_and_otherwise_it_does(tiny, capsys):
    xner.train("direct", **tiny)
    assert "teacher recognizer" not in capsys.readouterr().err
    xner.train("direct", **tiny | {"quiet": False})
    captured = capsys.readouterr()
    assert "teacher recognizer on en: done before\n" in captured.err
    assert captured.out == ""


def test_several_sources_and_an_out_folder(tiny, tmp_path):
    run = xner.train("direct", ["en", "xx"], out=str(tmp_path / "mine"), **tiny)
    assert run.folder == tmp_path / "mine"
    assert run.config.source.languages == ("en", "xx")


def test_settings_reach_the_run_and_win_over_the_arguments(tiny):
    tiny["settings"] |= {"seed": 9, "source.limit": 11, "labels.map": {"ORG": "O"}}
    run = xner.train("direct", seed=1, **tiny)
    assert run.config.seed == 9
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert manifest["corpora"][0]["counts"].startswith("11 sentences")
    assert manifest["labels"] == ["LOC", "PER"]


def test_a_preset_lies_under_the_settings(tiny, monkeypatch):
    seen = {}
    monkeypatch.setattr(api, "run_training", lambda config, *rest: seen.update(config=config))
    xner.train("mtmt", preset="authors", **tiny)
    assert (seen["config"].student.tag_coefficient, seen["config"].student.epochs) == (0.5, 1)
    assert seen["config"].encoder == tiny["encoder"]


def test_the_defaults_of_train_and_compare_are_those_of_the_settings(monkeypatch):
    seen = []
    monkeypatch.setattr(api, "run_training", lambda config, *rest: seen.append(config))
    monkeypatch.setattr(api, "run_comparison", lambda config, methods, targets, *rest: seen.append(targets) or [None])
    xner.train()
    xner.compare()
    xner.compare(settings={"target.language": "fr"})
    assert seen == [configure(Plugins.load()), [build().target.language], ["fr"]]


def test_the_record_of_a_comparison_names_its_first_target(monkeypatch):
    seen = []
    monkeypatch.setattr(api, "run_comparison", lambda config, *rest: seen.append(config.target.language) or [None])
    xner.compare(tgt=["es", "nl"])
    xner.compare(tgt="es")
    assert seen == ["es", "es"]


@pytest.mark.parametrize(("given", "names"), [("one", ("one",)), (["one", "two"], ("one", "two")), ((), ())])
@pytest.mark.parametrize(("part", "setting"), [("aux", "tasks"), ("refine", "refiners")])
def test_parts_are_arguments(monkeypatch, part, setting, given, names):
    seen = []
    monkeypatch.setattr(api, "run_training", lambda config, *rest: seen.append(config.student))
    monkeypatch.setattr(api, "run_comparison", lambda config, *rest: seen.append(config.student) or [None])
    xner.train("tsl", **{part: given}, weighting="entropy")
    xner.compare(["tsl"], **{part: given}, weighting="entropy")
    assert [(getattr(student, setting), student.weighting) for student in seen] == [(names, "entropy")] * 2


def test_parts_make_a_row_of_a_comparison(tiny):
    result = xner.compare(["tsl", "tsl+unweighted"], **tiny)
    assert [row.method for row in result.rows] == ["tsl", "tsl+unweighted"]
    run = xner.train("tsl", weighting="unweighted", **tiny)
    assert run.folder == Path("runs/tsl+unweighted-en-xx-s0") and run.metrics == result.cells[1].metrics


def test_compare(tiny):
    result = xner.compare(["direct", "tsl"], "en", seeds=[0, 1], **tiny)
    assert isinstance(result, xner.Comparison)
    assert [(row.method, row.target, row.seeds) for row in result.rows] == [("direct", "xx", 2), ("tsl", "xx", 2)]
    assert result.settings["student"]["epochs"] == 1
    assert Path("runs/compare-direct+tsl-en-xx/comparison.json").is_file()


def test_compare_hands_on_how_many_jobs(tiny, monkeypatch):
    asked = []
    monkeypatch.setattr(api, "run_comparison", lambda *given: asked.append(given[-1]) or [None])
    for jobs in (2, "ray"):
        xner.compare(["direct"], **tiny, jobs=jobs)
    xner.compare(["direct"], **tiny)
    assert asked == [2, "ray", 1]
    with pytest.raises(UsageError, match="--jobs 0: expected a number"):
        xner.compare(["direct"], **tiny, jobs=0)


def test_compare_takes_several_targets_and_an_out_folder(tiny, tmp_path):
    result = xner.compare(["direct"], **tiny | {"tgt": ["xx", "en"]}, out=tmp_path / "mine")
    assert [row.target for row in result.rows] == ["xx", "en"]
    assert (tmp_path / "mine" / "comparison.json").is_file()


def test_errors_are_xner_errors(tiny):
    with pytest.raises(UsageError, match="there is no 'mtm' among the methods"):
        xner.train("mtm", **tiny)
    with pytest.raises(xner.XnerError, match="no language 'yy'"):
        xner.train("direct", **tiny | {"tgt": "yy"})
    assert xner.XnerError is XnerError


def test_load_takes_a_run_its_student_or_any_tagger(student):
    for folder in (student, str(student), student / "student"):
        assert xner.load(folder).tagger.labels == LabelSet(("LOC", "ORG", "PER"))


def test_load_in_a_precision(student):
    for precision, bf16 in (("fp32", False), ("bf16", True), ("auto", Hardware.choose().bf16)):
        assert xner.load(student, precision=precision).tagger.hardware.bf16 == bf16
    with pytest.raises(UsageError, match=r"^precision = half: there is none; there are: auto, fp32, bf16$"):
        xner.load(student, precision="half")


def test_load_without_a_folder(tmp_path):
    with pytest.raises(DataError) as error:
        xner.load(tmp_path / "nowhere")
    assert str(error.value) == f"{tmp_path}/nowhere: no such run folder; `xner train` makes one"


def test_load_of_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(DataError, match=r"there is no tagger here; expected a folder with config\.json"):
        xner.load(tmp_path)


def test_load_of_a_cell_says_how_to_get_its_student(tmp_path):
    (tmp_path / "manifest.json").write_text("{}")
    with pytest.raises(DataError) as error:
        xner.load(tmp_path)
    assert str(error.value).endswith(f"get it with: xner train --config {tmp_path}/config.toml")


@pytest.mark.parametrize(("name", "content"), [("config.json", b"{"), ("model.safetensors", b"short")])
def test_load_of_a_damaged_student(student, name, content):
    (student / "student" / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        xner.load(student)
    assert str(error.value).startswith(f"{student}/student: cannot be loaded as a tagger: ")
    assert str(error.value).endswith("; `xner train` makes one")
    assert "\n" not in str(error.value)


def test_load_of_an_encoder_that_is_no_tagger(encoder_folder, tmp_path):
    copy = shutil.copytree(encoder_folder, tmp_path / "encoder")
    with pytest.raises(DataError, match=r"encoder: its 2 classes have no names: LABEL_0, LABEL_1; say what they are"):
        xner.load(copy)
