import os
import subprocess
import sys

import pytest
import torch

from xner.machine.hardware import Hardware, shares, waiting

CPU = torch.device("cpu")


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.parametrize("tiles", [True, False])
@pytest.mark.parametrize("vectors", [True, False])
@pytest.mark.parametrize(("precision", "bf16"), [("fp32", False), ("bf16", True), ("auto", None)])
def test_precision_on_a_cpu(no_gpu, monkeypatch, tiles, vectors, precision, bf16):
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: tiles)
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: vectors)
    assert Hardware.choose(precision) == Hardware(CPU, (tiles or vectors) if bf16 is None else bf16)
    assert type(Hardware.choose(precision).bf16) is bool


@pytest.mark.parametrize("fast", [True, False])
def test_precision_on_a_gpu(monkeypatch, fast):
    def supported(including_emulation=True):
        return fast or including_emulation

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", supported)
    assert Hardware.choose() == Hardware(torch.device("cuda", 0), fast)
    assert Hardware.choose("fp32") == Hardware(torch.device("cuda", 0), False)


@pytest.mark.parametrize("bf16", [True, False])
def test_autocast(bf16):
    matrix = torch.ones(2, 2)
    with Hardware(CPU, bf16).autocast():
        assert (matrix @ matrix).dtype == (torch.bfloat16 if bf16 else torch.float32)
    assert (matrix @ matrix).dtype == torch.float32


@pytest.mark.parametrize(
    ("processes", "threads", "each"), [(1, 8, "8"), (2, 8, "4"), (3, 8, "2"), (8, 8, "1"), (9, 8, "1")]
)
def test_processes_share_the_threads(monkeypatch, processes, threads, each):
    monkeypatch.setattr(torch, "get_num_threads", lambda: threads)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    limits = {"OMP_NUM_THREADS": each, "MKL_NUM_THREADS": each, "RAYON_NUM_THREADS": each}
    assert shares(processes) == [limits] * processes


def test_a_share_holds_where_mkl_was_given_all_threads():
    environment = {**os.environ, "MKL_NUM_THREADS": "2", "OMP_NUM_THREADS": "2", **shares(torch.get_num_threads())[0]}
    count = [sys.executable, "-c", "import torch; print(torch.get_num_threads())"]
    assert subprocess.run(count, env=environment, capture_output=True, text=True, check=True).stdout == "1\n"


@pytest.mark.parametrize(
    ("visible", "count", "expected"),
    [("", 2, ["0", "1", "0"]), ("4,7", 2, ["4", "7", "4"]), ("4", 1, ["4", "4", "4"]), (None, 1, ["0", "0", "0"])],
)
def test_processes_share_the_gpus(monkeypatch, visible, count, expected):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: count)
    assert [share["CUDA_VISIBLE_DEVICES"] for share in shares(3)] == expected


def test_threads_that_wait_sleep_soon_unless_someone_said_how_long(monkeypatch):
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        monkeypatch.delenv(name, raising=False)
    assert waiting() == {"GOMP_SPINCOUNT": "2000"}
    for name in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT"):
        with monkeypatch.context() as patch:
            patch.setenv(name, "active")
            assert waiting() == {}


def test_a_command_lets_its_threads_sleep_soon():
    command = "import os, sys; sys.argv = ['xner', '--version']; from xner.cli.main import main; "
    look = "import atexit; atexit.register(lambda: print(os.environ['GOMP_SPINCOUNT'])); main()"
    environment = {name: value for name, value in os.environ.items() if name != "GOMP_SPINCOUNT"}
    done = subprocess.run([sys.executable, "-c", command + look], env=environment, capture_output=True, text=True)
    assert done.stdout.splitlines()[-1] == "2000"
