"""Which sentences to label: one after the other, each the one that teaches most beside those before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

import numpy as np
from pydantic import Field

from xner.plugin.component import Settings
from xner.using.suggesting.forms import Seen, forms_of
from xner.using.suggesting.pool import Pool


class SuggestSettings(Settings):
    """What counts when sentences are suggested."""

    doubt: float = Field(1.0, ge=0, description="How much it counts that the student is unsure of an entity.")
    disagreement: float = Field(1.0, ge=0, description="How much it counts that taggers disagree.")
    again: float = Field(
        0.5,
        ge=0,
        le=1,
        description="What a word is still worth each time that its form was suggested or labelled before; 1: as much.",
    )
    reading: float = Field(
        10.0, gt=0, description="What a sentence costs beside its words, counted in words; large: all cost the same."
    )
    similar: float = Field(
        0.7,
        gt=0,
        le=1,
        description="Sentences are left out that share so much with one suggested or labelled; 1: only the same forms.",
    )


@dataclass(frozen=True)
class Pick:
    """A sentence that was picked.

    Args:
        sentence: its number in the pool, from 0 on.
        gain: what it teaches beside those before it, by its cost.
        doubt: the sum of the student's doubts.
        disagreement: the sum of the taggers' disagreement.
        new: the share of what it teaches that those before it and the labelled ones had not taught, from 0 to 1.
    """

    sentence: int
    gain: float
    doubt: float
    disagreement: float
    new: float


class Picker:
    """Picks sentences of a pool.

    The gain of a sentence s is the sum over its words w of t(w) r^c(w), by its cost |s| + k: t = a doubt + b
    disagreement; c is how often the form of w was there before, in what was picked or labelled, or earlier in s; r is
    `again`, k is `reading`. Nothing that is picked makes the gain of another larger, so a gain that was computed
    before is an upper bound, and few of them are computed anew (Minoux, "Accelerated greedy algorithms for maximizing
    submodular set functions", 1978).

    Args:
        pool: the sentences.
        labelled: the words of sentences that have labels already.
        settings: a, b, r, k, and what is too similar.
    """

    def __init__(self, pool: Pool, labelled: Iterable[Sequence[str]], settings: SuggestSettings) -> None:
        self.pool, self.settings, self.similar = pool, settings, 0
        self._seen, numbers = Seen(settings.similar), dict(pool.numbers)
        known = [[numbers.setdefault(form, len(numbers)) for form in forms_of(tokens)] for tokens in labelled]
        self._counts = np.zeros(len(numbers), np.int64)
        self._worth = settings.doubt * pool.doubts + settings.disagreement * pool.disagreement
        for forms in known:
            self._add(forms)

    def pick(self, number: int) -> list[Pick]:
        """Return the sentences to label, the best first; fewer if all others are too similar to these.

        Args:
            number: how many.
        """
        filled = (sentence for sentence in range(len(self.pool)) if self._forms(sentence).size)
        heap = [(-self._gain(sentence), sentence, 0) for sentence in filled]
        heapify(heap)
        found = list[Pick]()
        while heap and len(found) < number:
            gain, sentence, known = heappop(heap)
            if known < len(found):
                heappush(heap, (-self._gain(sentence), sentence, len(found)))
                continue
            forms = self._forms(sentence).tolist()
            if self._seen.has_similar(forms):
                self.similar += 1
                continue
            found.append(self._described(sentence, -gain))
            self._add(forms)
        return found

    def _add(self, forms: Sequence[int]) -> None:
        self._seen.add(forms)
        np.add.at(self._counts, forms, 1)

    def _forms(self, sentence: int) -> np.ndarray:
        forms: np.ndarray = self.pool.forms[self.pool.words_of(sentence)]
        return forms

    def _gain(self, sentence: int) -> float:
        forms, worth = self._forms(sentence), self._worth[self.pool.words_of(sentence)]
        before = self._counts[forms] + _earlier(forms)
        return float((worth * self.settings.again**before).sum() / (len(forms) + self.settings.reading))

    def _described(self, sentence: int, gain: float) -> Pick:
        words = self.pool.words_of(sentence)
        whole = float(self._worth[words].sum())
        new = gain * (words.stop - words.start + self.settings.reading) / whole if whole else 0.0
        doubt, apart = (float(values[words].sum()) for values in (self.pool.doubts, self.pool.disagreement))
        return Pick(sentence, gain, doubt, apart, new)


def _earlier(forms: np.ndarray) -> np.ndarray:
    """Return how often each form stands before it in the sentence."""
    order = np.argsort(forms, kind="stable")
    places, alike = np.arange(len(forms)), forms[order]
    first = np.maximum.accumulate(np.where(np.diff(alike, prepend=-1) != 0, places, 0))
    earlier = np.empty_like(places)
    earlier[order] = places - first
    return earlier
