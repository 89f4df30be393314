import gzip
from pathlib import Path
from typing import NamedTuple

import pytest

from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.errors import DataError


class Reading(NamedTuple):
    """What a file became: its sentences, its layout and its notes without the folder."""

    sentences: list
    layout: str
    notes: list[str]


@pytest.fixture
def told(tmp_path):
    """Write a file and read it with what is said of it."""

    def run(content, name="x.conll", **options):
        path, notes = tmp_path / name, Notes()
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        sentences = list(read(path, ReadOptions(**options), notes))
        return Reading(sentences, notes.layout, [line.removeprefix(f"{tmp_path}/") for line in notes.lines()])

    return run


@pytest.fixture
def parse(told):
    """Write a file and read its sentences back."""
    return lambda content, name="x.conll", **options: told(content, name, **options).sentences


@pytest.fixture
def refused(told, tmp_path):
    """Write a file that cannot be read, and return the message, which is one line, without the folder."""

    def run(content, name="x.conll", **options):
        with pytest.raises(DataError) as caught:
            told(content, name, **options)
        message = str(caught.value)
        assert "\n" not in message
        return message.replace(f"{tmp_path}/", "")

    return run


@pytest.fixture
def opened(monkeypatch):
    """The modes in which files are opened from here on."""
    modes, whole = [], Path.open
    monkeypatch.setattr(Path, "open", lambda path, mode="r", *more: modes.append(mode) or whole(path, mode, *more))
    return modes
