import platform
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from xner.machine import memory
from xner.machine.memory import forget_peak, give_back, peak_memory

LARGE = 300 << 20


@pytest.fixture(autouse=True)
def after_a_peak():
    held = bytearray(LARGE)
    held[:: 1 << 12] = b"x" * len(held[:: 1 << 12])  # touch every page
    del held


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process forget its peak")
def test_the_peak_stays_until_it_is_forgotten():
    high = peak_memory()
    assert high >= LARGE >> 20
    forget_peak()
    assert peak_memory() < high - 100


def test_where_the_peak_cannot_be_forgotten_it_is_the_process_s(monkeypatch):
    monkeypatch.setattr(memory, "_PROC", Path("/nowhere"))
    high = peak_memory()
    assert high >= LARGE >> 20
    forget_peak()
    assert peak_memory() >= high


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a child begins with nothing of its parent")
def test_a_child_does_not_inherit_the_peak():
    script = "from xner.machine.memory import peak_memory; print(peak_memory())"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 200


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be told to give memory back")
def test_what_is_free_between_what_is_used_is_given_back():
    pieces = [bytearray(10_000) for _ in range(20_000)]
    kept = pieces[::100]
    del pieces
    before = psutil.Process().memory_info().rss
    give_back()
    assert before - psutil.Process().memory_info().rss > 100 << 20
    assert len(kept) == 200
