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
