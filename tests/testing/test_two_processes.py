import time
from multiprocessing import forkserver

import pytest

from xner.machine import processes
from xner.testing import two_processes
from xner.testing.two_processes import on_two_processes

RANK = "__import__('os').environ['RANK']"


def test_both_work_as_one_run(tmp_path):
    shares = on_two_processes(processes.share, (5,), tmp_path / "share")
    assert [list(share) for share in shares] == [[0, 2, 4], [1, 3]]
    said = f"__import__('xner.machine.processes').machine.processes.agreed({RANK})"
    assert on_two_processes(eval, (said,), tmp_path / "agreed") == ["0", "0"]


def test_they_have_the_environment_of_the_test(tmp_path, monkeypatch):
    for value in ("one", "other"):  # the server that starts them is the same
        monkeypatch.setenv("XNER_CACHE", value)
        said = "__import__('os').environ['XNER_CACHE']"
        assert on_two_processes(eval, (said,), tmp_path / value) == [value, value]


def test_they_have_nothing_else_of_the_environment_in_which_the_server_began(tmp_path, monkeypatch):
    forkserver._forkserver._stop()
    said = "__import__('os').environ.get('XNER_PLUGINS')"
    monkeypatch.setenv("XNER_PLUGINS", "demo")
    assert on_two_processes(eval, (said,), tmp_path / "then") == ["demo", "demo"]
    monkeypatch.delenv("XNER_PLUGINS")
    assert on_two_processes(eval, (said,), tmp_path / "now") == [None, None]


def test_if_one_fails_the_other_does_not_wait_for_ever(tmp_path):
    waits = "__import__('xner.machine.processes').machine.processes.wait()"
    for rank in ("0", "1"):
        with pytest.raises(RuntimeError, match="ZeroDivisionError: division by zero"):
            on_two_processes(eval, (f"1 / 0 if {RANK} == '{rank}' else {waits}",), tmp_path / rank)


def test_if_one_dies_that_is_an_error_too(tmp_path):
    with pytest.raises(RuntimeError, match=r"process \d terminated with exit code 7"):
        on_two_processes(eval, ("__import__('os')._exit(7)",), tmp_path / "said")


def test_if_they_hang_they_are_ended(tmp_path, monkeypatch):
    monkeypatch.setattr(two_processes, "_SECONDS", 1)
    start = time.monotonic()
    with pytest.raises(TimeoutError, match="are not done after 1 seconds; does one wait for the other"):
        on_two_processes(time.sleep, (60,), tmp_path / "said")
    assert time.monotonic() - start < 30
