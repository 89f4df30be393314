"""What xner raises when something expected goes wrong: one line for a person, and an exit code.

XnerError              exit code 1
├── UsageError         exit code 2: a name, option or setting that does not exist or does not fit
└── DataError          exit code 1: a file, corpus or folder that cannot be used
"""

import os
import traceback
from collections.abc import Iterable
from difflib import get_close_matches

_FULL = "No space left on device"


class XnerError(Exception):
    """A failure that the user can mend; its text is one line that says what, where and what to do."""

    exit_code = 1


class UsageError(XnerError):
    """The request itself is wrong: an unknown name, a setting that does not exist, options that clash."""

    exit_code = 2


class DataError(XnerError):
    """A file, corpus or folder cannot be read, written or used."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the known name closest to `name`, or nothing if none is close."""
    close = get_close_matches(name, list(known), n=1)
    return f" Did you mean '{close[0]}'?" if close else ""


def named(error: Exception) -> str:
    """Return the kind of an error and the first line of its text."""
    return f"{type(error).__name__}: {error}".strip().splitlines()[0]


def told(error: Exception) -> str:
    """Return any failure as one line; with XNER_DEBUG=1 its traceback is printed, too.

    Args:
        error: an `XnerError`, or what nobody expected: a plugin may raise anything, and a disk may be full.
    """
    debug = bool(os.environ.get("XNER_DEBUG"))
    if debug:
        traceback.print_exception(error)
    if isinstance(error, XnerError):
        return str(error)
    text = named(error)
    if _FULL in str(error):  # each library that writes has an error of its own for it
        return f"the disk is full; make room, and the same command goes on from here ({text:.200})"
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "nowhere"
    return text if debug else f"{text} ({place}; XNER_DEBUG=1 shows more)"
