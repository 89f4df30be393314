"""What nobody expected: a plugin's mistakes and full disks are one line, too."""

import json
import re
import shutil
import sys
from functools import partial

import pytest
import torch

from xner.cli import lookup
from xner.cli import main as cli
from xner.errors import UsageError, XnerError, told


def test_what_nobody_expected_is_one_line_with_its_place(fails, monkeypatch):
    def broken(*_):
        raise ValueError("my bug\nof two lines")

    monkeypatch.setattr(lookup, "plugins_in_use", broken)
    message = fails("list methods", 1)
    assert re.fullmatch(r"ValueError: my bug of two lines \(\S+unexpected.py:\d+; XNER_DEBUG=1 shows more\)", message)


def test_a_plugin_that_ends_the_program_has_failed(fails, monkeypatch):
    monkeypatch.setattr(lookup, "plugins_in_use", lambda: sys.exit(0))
    message = fails("list methods", 1)
    assert re.fullmatch(r"SystemExit: 0 \(\S+unexpected.py:\d+; XNER_DEBUG=1 shows more\)", message)


def test_the_place_of_a_failure_is_the_plugins_where_there_is_one(fails, monkeypatch):
    monkeypatch.setattr(lookup, "plugins_in_use", lambda: torch.ones(2) @ torch.nn.Linear(3, 3)(torch.ones(2)))
    assert re.search(r"\(\S+unexpected.py:\d+; XNER_DEBUG=1", fails("list methods", 1))
    monkeypatch.setattr(lookup, "plugins_in_use", lambda: json.loads("["))
    assert re.search(r"\(\S+unexpected.py:\d+; XNER_DEBUG=1", fails("list methods", 1))
    monkeypatch.setattr(lookup, "plugins_in_use", None)
    assert re.search(r"\(\S+lookup.py:\d+; XNER_DEBUG=1", fails("list methods", 1))


@pytest.mark.parametrize("error", [ValueError("my bug"), UsageError("this does not exist")])
def test_debug_shows_the_traceback_too(monkeypatch, capsys, error):
    monkeypatch.setenv("XNER_DEBUG", "1")
    monkeypatch.setattr(lookup, "plugins_in_use", partial(_raise, error))
    monkeypatch.setattr(sys, "argv", ["xner", "list", "methods"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Traceback (most recent call last):" and any("unexpected.py" in line for line in lines)
    said = str(error) if isinstance(error, XnerError) else "ValueError: my bug"
    assert (stop.value.code, lines[-1]) == (getattr(error, "exit_code", 1), f"xner: {said}")


def _raise(error):
    raise error


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device", "there/model.safetensors"),
        shutil.Error([("a", "b", "[Errno 28] No space left on device: 'b'")]),
        RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)"),
    ],
)
def test_a_full_disk_has_many_names(error):
    assert told(error).startswith("the disk is full; make room, and the same command goes on from here (")


def test_a_checkpoint_that_torch_could_not_write():
    error = RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 186883 vs 186836")
    assert told(error) == (
        "a checkpoint cannot be written, most likely since the disk is full; make room, and the same command goes on "
        f"from here (RuntimeError: {error})"
    )
