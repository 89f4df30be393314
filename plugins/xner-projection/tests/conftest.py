import pytest

from xner.base import spans, text_of
from xner.testing import tiny_corpus

WORDS = {"sees": "zed", "the": "ko", "in": "ta", "near": "um", "with": "pri", "old": "gol"}


@pytest.fixture
def translations(tmp_path):
    """Translations of the tiny corpora's "en" into "xx", in another order of words, and settings that name them."""
    texts = {}
    for language in ("en", "zz"):
        for split in ("train", "dev"):
            for tokens, tags in tiny_corpus(language, split):
                for part in (tokens, *(tokens[s.start : s.end] for s in spans(tags))):
                    texts[text_of(part)] = " ".join(WORDS.get(word, word) for word in reversed(part))
    file = tmp_path / "made.tsv"
    file.write_text("".join(f"{a}\t{b}\n" for a, b in texts.items()), encoding="utf-8")
    return {"resources.translator": "precomputed", "resources.precomputed.path": str(file)}
