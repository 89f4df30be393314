import pytest

from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read


@pytest.fixture
def parse(tmp_path):
    """Write a file and read it back."""

    def run(content, name="x.conll", **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return list(read(path, ReadOptions(**options)))

    return run
