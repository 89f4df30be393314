"""The pool: raw sentences, and what a label of each of their words would teach."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from xner.corpora.corpus import Corpus, Sentence
from xner.machine.progress import Progress
from xner.using.suggesting.committee import Committee
from xner.using.suggesting.forms import forms_of

_CHUNK = 2048
"""Sentences that are looked at together."""


@dataclass(frozen=True)
class Pool:
    """S sentences with W words in all; a sentence without words is one of them, too.

    Args:
        ends: (S,) the place in the next three after the last word of each sentence.
        forms: (W,) the number of each word's form.
        doubts: (W,) how unsure the student is of it; see `xner.using.suggesting.worth`.
        disagreement: (W,) how far taggers disagree on it.
        numbers: the number of each form.
    """

    ends: np.ndarray
    forms: np.ndarray
    doubts: np.ndarray
    disagreement: np.ndarray
    numbers: Mapping[str, int]

    def __len__(self) -> int:
        return len(self.ends)

    def words_of(self, sentence: int) -> slice:
        """Return where the words of a sentence are."""
        return slice(int(self.ends[sentence - 1]) if sentence else 0, int(self.ends[sentence]))


def look_at(sentences: Sequence[Sequence[str]], committee: Committee, progress: Progress) -> Pool:
    """Ask a committee about sentences.

    Args:
        sentences: the words of each.
        committee: who is asked.
        progress: reports progress.
    """
    numbers, forms = dict[str, int](), list[np.ndarray]()
    for tokens in sentences:
        known = [numbers.setdefault(form, len(numbers)) for form in forms_of(tokens)]
        forms.append(np.array(known, np.int32))
    ends = np.cumsum([len(tokens) for tokens in sentences], dtype=np.int64)
    filled = [tokens for tokens in sentences if tokens]
    worth = [*_asked(filled, committee, progress, int(ends[-1]) if len(ends) else 0)]
    doubts, apart = ([pair[place] for pair in worth] for place in (0, 1))
    empty = np.zeros(0, np.float32)
    return Pool(
        ends,
        np.concatenate([empty.astype(np.int32), *forms]),
        np.concatenate([empty, *doubts]),
        np.concatenate([empty, *apart]),
        numbers,
    )


def _asked(
    filled: Sequence[Sequence[str]], committee: Committee, progress: Progress, words: int
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield what the committee says of each sentence that has a word, in half of the usual precision."""
    stream, done = iter(filled), 0
    while chunk := list(islice(stream, _CHUNK)):
        for doubts, apart in committee.worth(Corpus.from_sentences("pool", "", "", (Sentence([*t]) for t in chunk))):
            yield doubts.astype(np.float32), apart.astype(np.float32)
        done += sum(map(len, chunk))
        progress.advance(done / words, done)
