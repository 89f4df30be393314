"""Commands that are ended by a signal, from outside: exit code, one line, a checkpoint, and no process that is left."""

import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

LONG = ("--set", "teachers.recognizer.epochs=2000", "--set", "teachers.recognizer.batch_size=8")
TRAIN = ["train", "--method", "direct"]
COMPARE = ["compare", "--methods", "direct", "--seeds", "2", "--jobs", "2"]
XNER = [sys.executable, "-m", "xner"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "xner"]
SECONDS = 240
"""How long things may take on a machine that has much else to do."""
soak = pytest.mark.skipif(not os.environ.get("XNER_SOAK"), reason="takes long; make soak runs it")


def wait_for(what, process):
    end = time.monotonic() + SECONDS
    while not (found := what()):
        assert process.poll() is None and time.monotonic() < end, process.communicate()[1]
        time.sleep(0.05)
    return found


@pytest.fixture
def begun(task, cache, tmp_path):
    """Begins a training, waits until it trains, and returns the process, those that it has begun, and the cache."""
    processes = []

    def begin(program, command, trainings=1):
        environment = os.environ | {"XNER_CACHE": str(tmp_path / "cache"), "OMP_NUM_THREADS": "1"}
        words = [*program, *command, *map(str, task[:8]), *LONG]
        process = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)
        processes.append(process)
        files = "*.partial/scratch/windows.arrow"
        wait_for(lambda: len(list((tmp_path / "cache").glob(files))) == trainings, process)
        time.sleep(2)  # in which it makes its first steps
        return process, psutil.Process(process.pid).children(recursive=True), tmp_path / "cache"

    yield begin
    for process in processes:
        process.kill()
        process.communicate()


def checkpoints(cache):
    return list(cache.glob("*.partial/scratch/checkpoint-*/stage.json"))


@pytest.mark.parametrize(
    ("command", "number", "code", "said"),
    [
        (TRAIN, signal.SIGTERM, 143, "terminated"),
        pytest.param(COMPARE, signal.SIGINT, 130, "interrupted", marks=soak),
        pytest.param(TRAIN, signal.SIGINT, 130, "interrupted", marks=soak),
        pytest.param(COMPARE, signal.SIGTERM, 143, "terminated", marks=soak),
    ],
)
def test_a_signal_ends_a_command_in_order(begun, command, number, code, said):
    trainings = 2 if command is COMPARE else 1
    process, children, cache = begun(XNER, command, trainings)
    assert len(children) == (2 if command is COMPARE else 0)
    assert checkpoints(cache) == []
    process.send_signal(number)
    _, told = process.communicate(timeout=SECONDS)
    assert process.returncode == code, told
    assert told.splitlines()[-1] == f"xner: {said}; the same command goes on from here"
    assert "Traceback" not in told
    assert len(checkpoints(cache)) == trainings
    assert not [child for child in children if child.is_running()]


@soak
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_the_processes_of_torchrun_in_order(begun, number, code):
    process, children, cache = begun(TORCHRUN, TRAIN)
    assert len(children) == 2
    process.send_signal(number)
    _, told = process.communicate(timeout=SECONDS)
    assert told.count("; the same command goes on from here\n") == 2, told  # each process says it
    assert not re.search(r"SIGKILL|xner/.*Traceback", told), told
    assert len(checkpoints(cache)) == 1
    assert psutil.wait_procs(children, timeout=10)[1] == []
