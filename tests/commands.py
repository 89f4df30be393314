"""The command line without a new Python: in this process, or in processes that are forked with the libraries loaded."""

import io
import os
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from xner.cli import main as cli
from xner.machine import processes
from xner.testing.two_processes import on_two_processes


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    returncode: int
    stdout: str
    stderr: str


def command(words, **environment):
    """Run `xner WORDS` in this process."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, str(value))
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            code = _call(patch, words)
    return Done(code, out.getvalue(), err.getvalue())


def command_on_two_processes(words, folder, **environment):
    """Run `xner WORDS` on two processes of one run; what both say is in one text, as torchrun's is.

    The folder is an empty one.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, str(value))
        folder.mkdir(parents=True, exist_ok=True)
        codes = on_two_processes(_in_own_process, (words, folder), folder / "said")
    out, err = ("".join((folder / f"{rank}.{what}").read_text() for rank in (0, 1)) for what in ("out", "err"))
    return Done(max(codes), out, err)


def _in_own_process(words, folder):
    with pytest.MonkeyPatch.context() as patch, _written_to(folder / str(processes.state().process_index)):
        return _call(patch, words)


def _call(patch, words):
    patch.setattr(sys, "argv", ["xner", *map(str, words)])
    try:
        cli.main()
    except SystemExit as stop:
        return stop.code or 0
    raise AssertionError("the command line always says how it ended")


@contextmanager
def _written_to(file: Path):
    """Write what comes out of this process, from whatever library, to files."""
    kept = {number: os.dup(number) for number in (1, 2)}
    for number, suffix in ((1, ".out"), (2, ".err")):
        with file.with_suffix(suffix).open("wb") as stream:
            os.dup2(stream.fileno(), number)
    try:
        yield
    finally:
        for number, stream in ((1, sys.stdout), (2, sys.stderr)):
            stream.flush()
            os.dup2(kept[number], number)
