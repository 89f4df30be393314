"""The rule of what is flat."""

import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace

import psutil
import pytest

from tests.endurance.watching import COUNTED, Sample, growth, sample, told

HELD = Sample(memory=500 * 2**20, handles=20, threads=4, children=0, files=3)


def grown(name, by, count=40):
    return [replace(HELD, **{name: getattr(HELD, name) + int(by * number)}) for number in range(count)]


def test_what_stays_is_flat():
    assert growth([HELD] * 8) == []


@pytest.mark.parametrize("name", COUNTED)
def test_one_more_is_not_flat(name):
    assert growth([HELD] * 11 + [replace(HELD, **{name: getattr(HELD, name) + 1})]) != []
    (line,) = growth(grown(name, 0.2))
    assert line.startswith(f"{name}: ")


def test_memory_may_grow_a_little_but_not_steadily():
    assert growth(grown("memory", 2**18)) == []
    (line,) = growth(grown("memory", 2**20))
    assert line.startswith("memory: 53")
    assert growth([*([HELD] * 11), replace(HELD, memory=2 * HELD.memory)]) == []  # once is no growth


def test_what_the_warm_up_takes_does_not_count():
    cold = replace(HELD, memory=HELD.memory // 2, handles=5, threads=1)
    assert growth([cold] * 2 + [HELD] * 6) == []
    assert growth([cold] * 3 + [HELD] * 5) != []


def test_what_falls_is_flat():
    assert growth(list(reversed(grown("memory", 2**20)))) == []


def test_too_few_are_no_proof():
    with pytest.raises(AssertionError, match=r"^6 samples are too few"):
        growth([HELD] * 6)


def test_each_thing_is_seen(tmp_path):
    process, go_on = psutil.Process(), threading.Event()
    before = sample(process, tmp_path)
    thread = threading.Thread(target=go_on.wait)
    thread.start()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        with tempfile.NamedTemporaryFile(dir=tmp_path):
            now = sample(process, tmp_path)
        child.communicate(b"\n")
    go_on.set()
    thread.join()
    more = [getattr(now, name) - getattr(before, name) for name in COUNTED]
    assert more == [2, 1, 1, 1]  # the handles of the pipe and of the file
    assert now.memory > 2**20 and os.getpid() == process.pid


def test_what_is_told():
    lines = told(grown("memory", 2**20)).splitlines()
    assert lines[0] == "after the warm-up: 510.0 MiB, 20 handles, 4 threads, 0 children, 3 files"
    assert [line.partition(":")[0] for line in lines] == ["after the warm-up", "in the middle", "at the end"]
