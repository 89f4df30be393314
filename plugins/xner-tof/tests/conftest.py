import pytest

WORDS = {"sees": "zed", "the": "ko", "in": "ta", "near": "um", "with": "pri", "old": "gol"}


@pytest.fixture
def words(tmp_path):
    """A dictionary's file from the tiny corpora's "en" to "xx", and the settings of a run that name it."""
    file = tmp_path / "words.txt"
    file.write_text("".join(f"{word} {other}\n" for word, other in WORDS.items()), encoding="utf-8")
    return {"resources.dictionary": "dictionary-file", "resources.dictionary-file.path": str(file)}
