import os
import shutil
import sys
from importlib.metadata import entry_points
from pathlib import Path

from xner.machine.jobs import quiet

os.environ.update(quiet(), HF_HUB_OFFLINE="1", OMP_NUM_THREADS="1")  # before the libraries are imported

import pytest
from filelock import FileLock
from hypothesis import settings

from tests.installing import OURS
from xner.cli import main as cli
from xner.comparing.record import RECORD, Cell, Comparison
from xner.comparing.summary import summarized
from xner.machine.progress import Progress
from xner.runs.config import build
from xner.runs.settings import RunConfig
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus, tiny_workbench
from xner.training.settings import TrainingSettings
from xner.using import exporting, onnx

settings.register_profile("xner", deadline=None)  # a laptop's first forward pass takes long
settings.load_profile("xner")


def pytest_configure(config):
    missing = {*OURS} - {entry.name for entry in entry_points(group="xner")}
    if missing or not config.pluginmanager.has_plugin("xner"):
        names = ", ".join(sorted(missing)) or "xner's own for pytest"
        pytest.exit(f"plugins not installed: {names}. Run: python -m pip install -r requirements.txt", returncode=4)


@pytest.fixture
def ours(xner_isolation, monkeypatch):
    """Loads the plugins of this repository and no others that may be installed."""
    monkeypatch.setenv("XNER_PLUGINS", ",".join(OURS))


@pytest.fixture
def xner(monkeypatch, capsys):
    """Runs the command line; returns exit code, stdout and stderr."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["xner", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out, err

    monkeypatch.setenv("COLUMNS", "200")
    return call


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def config(encoder_folder, data_folder):
    """Settings of a short run on tiny corpora."""
    return build(
        {
            "target.language": "xx",
            "source.dataset": str(data_folder),
            "target.dataset": str(data_folder),
            "encoder": str(encoder_folder),
            "student.epochs": 1,
            "teachers.recognizer.epochs": 1,
            "teachers.similarity.epochs": 1,
        }
    )


@pytest.fixture(scope="module")
def values(encoder_folder, data_folder):
    """Settings of a run in which a tiny model learns something."""
    return {
        "target.language": "xx",
        "source.dataset": str(data_folder),
        "target.dataset": str(data_folder),
        "encoder": str(encoder_folder),
        "student.epochs": 2,
        "student.batch_size": 8,
        "student.learning_rate": 5e-3,
        "teachers.recognizer.batch_size": 8,
        "teachers.recognizer.learning_rate": 5e-3,
        "freeze": "none",
        "precision": "fp32",
    }


@pytest.fixture
def task(encoder_folder, data_folder, cache, tmp_path, monkeypatch):
    """Options of a small run, in an empty working folder."""
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    quick = ("--set", "student.epochs=1", "--set", "teachers.recognizer.epochs=1")
    return ("--src", "en", "--tgt", "xx", "--dataset", data_folder, "--encoder", encoder_folder, *quick)


@pytest.fixture
def write_comparison():
    """Writes a comparison's folder with a cell whose scores are given; nothing is trained."""

    def write(folder, metrics, run="x"):
        asked = {"methods": ["mtmt"], "targets": ["de"], "seeds": [0]}
        cell = Cell(method="mtmt", target="de", seed=0, folder=str(run), metrics=metrics)
        made = summarized(Comparison(settings=RunConfig().model_dump(mode="json") | asked, cells=(cell,)))
        folder.mkdir()
        (folder / RECORD).write_text(made.model_dump_json(), encoding="utf-8")

    return write


@pytest.fixture(scope="session")
def made_once(request, tmp_path_factory):
    """Makes a folder once for all processes of pytest-xdist, and returns it; read it, never write to it."""
    root = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        root = root.parent  # of all workers of this run

    def made(name, make):
        folder, partial = root / f"once-{name}", root / f"partial-{name}"
        with FileLock(root / f"{name}.lock"):
            if not folder.is_dir():
                make(partial)
                partial.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def tagger_folder(made_once, encoder_folder, tmp_path_factory):
    """A tagger that knows the tiny corpus's entities; read it, never write to it."""

    def make(folder):
        workbench = tiny_workbench(encoder_folder, tmp_path_factory.mktemp("tagger") / "stage")
        tagger = workbench.new_tagger()
        settings = TrainingSettings(epochs=12, learning_rate=5e-3, batch_size=16)
        workbench.train(tagger, GoldTags(tagger), tiny_corpus(size=120), settings)
        tagger.save(folder)

    return made_once("tagger", make)


@pytest.fixture(scope="session")
def exports(made_once, tagger_folder):
    """A folder with that tagger as student/, with a model card, and its exports onnx/ and onnx-int8/; only read it."""

    def make(root):
        shutil.copytree(tagger_folder, root / "student")
        (root / "student" / "README.md").write_text("---\nlanguage: xx\nlicense: mit\n---\n\n# xx: the card\n")
        for name, int8 in (("onnx", False), ("onnx-int8", True)):
            exporting.export(root / "student", root / name, exporting.Form("onnx", int8), Progress(quiet=True))

    return made_once("exports", make)


@pytest.fixture
def quick_export(exports, monkeypatch):
    """Lets every export write the graph of the tiny tagger, which takes no time; all else of it is done."""
    names = {False: "onnx", True: "onnx-int8"}
    monkeypatch.setattr(onnx, "write", lambda _, to, int8: shutil.copy(exports / names[int8] / onnx.MODEL, to))


@pytest.fixture(scope="module")
def predictor(tagger_folder):
    """What `xner predict` and `xner serve` ask."""
    from xner import load

    return load(tagger_folder)


@pytest.fixture
def client(predictor):
    """A client of a service that answers with that tagger."""
    from fastapi.testclient import TestClient

    from xner.using.serving import application

    with TestClient(application({"runs/mine": predictor}), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def real_data():
    """The folder in XNER_TEST_DATA, with one of <language>/<split>.conll and so on inside."""
    folder = os.environ.get("XNER_TEST_DATA")
    if not folder:
        pytest.skip("set XNER_TEST_DATA to a folder with <language>/<split>.conll to run the tests on real text")
    if not Path(folder).is_dir():
        pytest.fail(f"XNER_TEST_DATA={folder}: there is no such folder")
    return Path(folder)


@pytest.fixture
def world(encoder_folder, data_folder, tmp_path, monkeypatch):
    """A working folder with a corpus in data/, an encoder in enc/ and an empty runs/."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(data_folder, "data")
    shutil.copytree(encoder_folder, "enc")
    (tmp_path / "runs").mkdir()
    return tmp_path


@pytest.fixture
def fails(monkeypatch, capsys, world):
    """Runs the command line on bad input and returns its message, after checking its manners."""

    def call(command, code):
        monkeypatch.setattr(sys, "argv", ["xner", *(command.split() if isinstance(command, str) else command)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        assert out == ""
        assert err.count("\n") == 1 and err.endswith("\n"), err
        assert err.startswith("xner: ")
        assert "Traceback" not in err
        assert stop.value.code == code
        assert list((world / "runs").iterdir()) == []
        assert not (world / "cache").exists()
        return err.removeprefix("xner: ").rstrip("\n")

    return call
