import json
import operator
import os
import pickle
import secrets
import socket
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from xner.comparing.comparison import compare
from xner.errors import XnerError
from xner.machine import rayjobs
from xner.machine.jobs import Job
from xner.machine.progress import Progress
from xner.machine.rayjobs import RayPool
from xner.plugin.manager import Plugins
from xner.runs.config import build


class Fake:
    """Ray's functions, as far as a pool uses them, without a cluster; what was called is in `calls`."""

    def __init__(self, nodes, running=False):
        self.machines, self.running, self.calls = nodes, running, []

    def is_initialized(self):
        return self.running

    def init(self, **options):
        self.calls.append("init")

    def shutdown(self):
        self.calls.append("shutdown")

    def cluster_resources(self):
        return {name: sum(node.get(name, 0) for node in self.machines) for node in self.machines for name in node}

    def nodes(self):
        return [{"Alive": True, "Resources": node} for node in self.machines] + [{"Alive": False, "Resources": {}}]

    def remote(self, **share):
        self.share = share
        return lambda function: SimpleNamespace(remote=lambda *arguments: Reference(function, arguments))

    def cancel(self, reference, force):
        self.calls.append("cancel")


class Reference:
    def __init__(self, function, arguments):
        self.future = lambda: function(*arguments)


@pytest.fixture
def fake(monkeypatch):
    """Puts a fake in Ray's place; its arguments are the machines' resources."""
    monkeypatch.delenv("RAY_ADDRESS", raising=False)

    def make(*nodes, running=False):
        ray = Fake(nodes or [{"CPU": 2.0}], running)
        monkeypatch.setitem(sys.modules, "ray", ray)
        return ray

    return make


@pytest.mark.parametrize(
    ("nodes", "width", "share"),
    [
        ([{"CPU": 8.0}], 3, {"num_cpus": 2}),
        ([{"CPU": 8.0}], 1, {"num_cpus": 8}),
        ([{"CPU": 2.0}], 9, {"num_cpus": 1}),
        ([{"CPU": 4.0}, {"CPU": 16.0}], 2, {"num_cpus": 4}),  # more no call could have on the smaller machine
        ([{"memory": 9.0}, {"CPU": 16.0}], 2, {"num_cpus": 8}),
        ([{"memory": 9.0}], 2, {"num_cpus": 1}),
        ([{"CPU": 8.0}, {"CPU": 8.0, "GPU": 1.0}], 2, {"num_gpus": 1}),
    ],
)
def test_each_call_has_its_share_of_the_cluster(fake, nodes, width, share):
    ray = fake(*nodes)
    RayPool(width, {})
    assert ray.share == share


@pytest.mark.parametrize("running", [True, False])
def test_a_cluster_that_was_there_before_stays(fake, running):
    ray = fake(running=running)
    pool = RayPool(1, {})
    pool.submit(Job("x", "x", str, ()))
    pool.close()
    assert ray.calls == (["cancel"] if running else ["init", "shutdown"])


def test_a_call_is_done_in_the_environment_and_folder_of_who_asks(fake, monkeypatch, tmp_path):
    fake()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["xner", "compare"])
    monkeypatch.setenv("XNER_PLUGINS", "demo")
    monkeypatch.setenv("SECRET", "here")
    pool = RayPool(1, {"XNER_CACHE": "/shared"})
    environment, folder, arguments = pool._place
    assert (folder, arguments) == (str(tmp_path), ["xner", "compare"])
    assert (environment["XNER_CACHE"], environment["XNER_PLUGINS"]) == ("/shared", "demo")
    assert environment["HF_HUB_OFFLINE"] == "1" and "SECRET" not in environment
    monkeypatch.setattr(os, "environ", {})
    monkeypatch.chdir("/")
    monkeypatch.setattr(sys, "argv", ["worker"])
    assert pool.submit(Job("x", "x", os.getcwd, ())).value == str(tmp_path)
    assert (os.environ["XNER_CACHE"], sys.argv) == ("/shared", ["xner", "compare"])


def test_a_machine_without_the_folder_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["worker"])
    outcome = rayjobs._call_there({}, str(tmp_path / "gone"), [], pickle.dumps((str, ())))
    assert outcome.problem.startswith(f"{tmp_path}/gone: is not there on {socket.gethostname()} (No such file")


def test_without_ray_it_is_one_line_that_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(XnerError, match=r'^this needs the package ray; install it with: pip install "xner\[ray\]"$'):
        RayPool(1, {})


def test_nobody_at_the_address(fake, monkeypatch):
    ray = fake()
    with socket.socket() as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        address = f"ray://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        with pytest.raises(XnerError, match=f"^Ray does not answer: .*refused .at RAY_ADDRESS={address}; without it, "):
            RayPool(1, {})
    assert ray.calls == []


def test_ray_that_does_not_begin(fake, monkeypatch):
    ray = fake()

    def refuse(**options):
        raise ValueError("no room\nat all")

    ray.init = refuse
    with pytest.raises(XnerError, match=r"^Ray does not answer: no room \(on this machine\)$"):
        RayPool(1, {})


# a Ray of one's own


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'xner[ray]'")
    token = tmp_path_factory.mktemp("ray") / "token"
    token.write_text(secrets.token_hex(32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XNER_CACHE", "/nowhere")  # workers are to have that of the comparison
        patch.setenv("RAY_AUTH_TOKEN_PATH", str(token))  # else Ray keeps one in the user's home
        patch.setenv("RAY_AUTH_MODE", "")
        patch.delenv("RAY_AUTH_MODE")  # Ray sets it itself; after the tests it is what it was
        ray.init("local", num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
        yield ray
        ray.shutdown()


@pytest.mark.usefixtures("cluster")
def test_calls_on_ray():
    pool = RayPool(2, {"XNER_CACHE": "/shared"})
    calls = [(os.getenv, ("XNER_CACHE",)), (operator.truediv, (1, 0)), (os.getpid, ()), (os.getcwd, ())]
    ends = [pool.submit(Job("x", "x", *one)).result(timeout=100) for one in calls]
    assert ends[0].value == "/shared"
    assert ends[1].problem.startswith("ZeroDivisionError: division by zero (")
    assert ends[2].value != os.getpid()
    assert ends[3].value == str(Path.cwd())
    pool.close()


def test_a_comparison_on_ray(cluster, encoder_folder, data_folder, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"source.dataset": str(data_folder), "target.dataset": str(data_folder), "encoder": str(encoder_folder)}
    config = build(names, {"student.epochs": 1, "teachers.recognizer.epochs": 1, "precision": "fp32"})

    def compared(folder, jobs):
        monkeypatch.setenv("XNER_CACHE", f"cache of {folder}")
        asked = config, ["tsl", "direct"], ["xx"], [0], Plugins.load(), Path(folder), Progress(quiet=True), jobs
        return compare(*asked)[0].cells

    there, here = compared("ray", "ray"), compared("here", 1)
    assert [(cell.method, cell.metrics) for cell in there] == [(cell.method, cell.metrics) for cell in here]
    assert [cell.method for cell in there if cell.metrics] == ["tsl", "direct"]
    stages = [{file.parent.name for file in Path(f"cache of {x}").glob("*/stage.json")} for x in ("ray", "here")]
    assert stages[0] == stages[1] and len(stages[0]) == 3
    manifests = [json.loads((Path(cell.folder) / "manifest.json").read_text()) for cell in (there[0], here[0])]
    assert manifests[0]["stages"] == manifests[1]["stages"] and manifests[0]["command"] == manifests[1]["command"]
    assert cluster.is_initialized()
