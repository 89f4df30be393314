"""What xner raises when something expected goes wrong: one line for a person, and an exit code.

XnerError              exit code 1
├── UsageError         exit code 2: a name, option or setting that does not exist or does not fit
└── DataError          exit code 1: a file, corpus or folder that cannot be used
"""

from collections.abc import Iterable
from difflib import get_close_matches


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
