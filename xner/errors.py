"""What xner raises when something expected goes wrong: one line for a person, and an exit code.

XnerError              exit code 1
├── UsageError         exit code 2: a name, option or setting that does not exist or does not fit
└── DataError          exit code 1: a file, corpus or folder that cannot be used
"""

import os
import re
import sysconfig
import traceback
from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType

_FULL = "No space left on device"
_UNWRITTEN = "inline_container.cc"
"""Where torch fails that could not write a file; it does not pass on what the system said."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LIBRARIES = ("accelerate", "datasets", "numpy", "pluggy", "pyarrow", "pydantic", "torch", "transformers", "typer")
"""Packages in which a plugin's mistake may surface, far from its cause."""


class XnerError(Exception):
    """A failure that the user can fix; its text is one line that says what is wrong, where, and what to do."""

    exit_code = 1
    """The exit code of the command line."""


class UsageError(XnerError):
    """The request itself is wrong: an unknown name, a setting that does not exist, options that clash."""

    exit_code = 2


class DataError(XnerError):
    """A file, corpus or folder cannot be read, written or used."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known name closest to `name`, or nothing if none is close."""
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def require(extra: str, module: str) -> ModuleType:
    """Import a module that an extra of xner brings.

    Args:
        extra: such as "serve".
        module: such as "fastapi".

    Raises:
        XnerError: it, or something that it needs, is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        package = (error.name or module).partition(".")[0]
        raise XnerError(f'this needs the package {package}; install it with: pip install "xner[{extra}]"') from error


def one_line(text: str) -> str:
    """Return a text in which control characters are written out, so that a name ends no line and paints no terminal."""
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def named(error: BaseException) -> str:
    """Return the kind of an error and its text, in one line."""
    text = one_line(" ".join(str(error).split()))
    return f"{type(error).__name__}: {text:.400}" if text else type(error).__name__


def told(error: BaseException) -> str:
    """Return any failure as one line; with XNER_DEBUG=1 its traceback is also printed.

    Args:
        error: an `XnerError`, or something unexpected: a plugin may raise anything, even SystemExit, and a disk may be
            full.
    """
    debug = bool(os.environ.get("XNER_DEBUG"))
    if debug:
        traceback.print_exception(error)
    if isinstance(error, XnerError):
        return one_line(str(error))
    text = named(error)
    if _FULL in str(error):  # each library that writes has an error of its own for it
        return f"the disk is full; make room, and the same command goes on from here ({text:.200})"
    if _UNWRITTEN in str(error):
        return (
            "a checkpoint cannot be written, most likely since the disk is full; make room, and the same command goes "
            f"on from here ({text:.200})"
        )
    return text if debug else f"{text} ({_place(error)}; XNER_DEBUG=1 shows more)"


def _place(error: BaseException) -> str:
    """Return the line where an error arose: the last one of a plugin's, or else the last of all."""
    frames = traceback.extract_tb(error.__traceback__)
    theirs = [frame for frame in frames if frame.name != "<module>" and _is_plugins(frame.filename)]
    return next((f"{frame.filename}:{frame.lineno}" for frame in (theirs or frames)[::-1]), "nowhere")


def _is_plugins(file: str) -> bool:
    """Return whether code is neither Python's nor xner's nor a library's."""
    if file.startswith(("<", str(Path(__file__).parent) + os.sep)):
        return False
    _, installed, name = file.rpartition(f"site-packages{os.sep}")
    if installed:
        return Path(name).parts[0] not in _LIBRARIES
    return not file.startswith(sysconfig.get_path("stdlib") + os.sep)
