"""Whether a tokenizer knows the words of a corpus: what it does not know, no model can learn from."""

from collections.abc import Iterator

from xner.corpora.corpus import Corpus
from xner.errors import DataError
from xner.tagging.windows import Windower

_WORDS = 5000
_BATCH = 100
"""Sentences that are cut together."""
_TOLD, _REFUSED = 0.1, 0.5
"""The shares of unknown words that are told and refused."""
_SHOWN = 5


def check_words(windower: Windower, corpus: Corpus) -> str | None:
    """Look at the first words of a corpus through a tokenizer.

    Args:
        windower: cuts its sentences.
        corpus: sentences that a tagger will read.

    Returns:
        what must be told, where over a tenth of the words begins with the unknown piece.

    Raises:
        DataError: over half of them does.
    """
    seen, examples, number = 0, list[str](), 0
    for word, known in _words(windower, corpus):
        seen += 1
        if not known:
            number += 1
            if len(examples) < _SHOWN and word not in examples:
                examples.append(word)
    if number <= _TOLD * seen:
        return None
    shown = ", ".join(f"{word:.20}" for word in examples)
    told = f"{corpus}: the encoder's tokenizer does not know {number:,} of the first {seen:,} words, such as {shown}"
    if number > _REFUSED * seen:
        raise DataError(
            f"{told}; choose an --encoder whose vocabulary has this language, "
            "or see whether its folder has all files of its tokenizer"
        )
    return f"{told}; they all look the same to it"


def _words(windower: Windower, corpus: Corpus) -> Iterator[tuple[str, bool]]:
    """Yield the first words of a corpus, and whether each begins with a piece that the tokenizer knows."""
    unknown, seen, start = windower.tokenizer.unk_token_id or 0, 0, 0
    while seen < _WORDS and start < len(corpus):
        part = corpus.part(start, start + _BATCH)
        sentences = list(part)
        for window in windower.windows(part):
            pieces = window.input_ids[window.positions]
            tokens = sentences[window.sentence].tokens
            yield from ((tokens[word], piece != unknown) for word, piece in zip(window.words, pieces, strict=True))
            seen += len(window.words)
        start += _BATCH
