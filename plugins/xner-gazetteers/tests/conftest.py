from dataclasses import replace

import pytest

from xner.base import Sides
from xner.testing import tiny_corpus


@pytest.fixture
def between(tiny_workbench):
    """Returns what a resource is asked between, for two codes of languages."""

    def between(source, target):
        texts = (replace(tiny_corpus().without_labels(), language=code) for code in (source, target))
        return Sides(*texts, tiny_workbench, None)

    return between


@pytest.fixture
def names(tmp_path):
    """A gazetteer's file with names of the tiny corpora."""
    words = [word for sentence in tiny_corpus(size=24) for word in sentence.tokens if word[:1].isupper()]
    lines = [f"{words[0]}\tPER\n", f"{words[1]}\tLOC\n", "New Place\tLOC\n"]
    file = tmp_path / "names.tsv"
    file.write_text("".join(lines), encoding="utf-8")
    return file


@pytest.fixture
def named(names):
    """The settings of a run that name it."""
    return {"resources.gazetteer": "gazetteer-file", "resources.gazetteer-file.path": str(names)}
