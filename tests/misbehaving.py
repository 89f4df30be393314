"""The table in docs/plugins.md of what is told of a plugin that misbehaves; tests do each row of it."""

import re

import pytest

from tests.pages import ROOT
from xner.errors import told

TITLE = "## What is told of a plugin that misbehaves"
TABLE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8").partition(TITLE)[2].partition("\n## ")[0]
ROWS = {match[1]: match[2] for match in re.finditer(r"^\| (.+?) \| `(.+)` \|$", TABLE, re.MULTILINE)}
"""From what it does to what is told."""


def failure(call):
    """Return what is told of the error that a call raises."""
    with pytest.raises(Exception) as caught:
        call()
    return told(caught.value)


def assert_told(row, message):
    """Check that a row of the table tells this message; … stands for anything."""
    assert "\n" not in message
    assert re.fullmatch(re.escape(ROWS[row]).replace("…", ".+"), message), message


def mistake(*_, **__):
    """Raise what nobody expects."""
    raise ValueError("my mistake")
