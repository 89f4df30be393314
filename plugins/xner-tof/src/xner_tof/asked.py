"""Questions as a tagger reads them: the question's words, a separator, and as much of the text as there is room for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, tee

import numpy as np

from xner.base import Corpus, Sentence, Tagger
from xner_tof.questions import Answer, Question


@dataclass
class Asked:
    """Questions that fit, and what stands beside their words.

    Args:
        tagger: whose sub-words are counted; its `max_length` is the room.
        widest: answers of more words than this are no cells of the span matrix.
        places: of each question the number of words before its text, and that of the text.
        answers: those of each question, as words of the text.
        cut: of how many questions the text was cut.
        left_out: how many questions did not fit with their first answer.
    """

    tagger: Tagger
    widest: int
    places: list[tuple[int, int]] = field(default_factory=list)
    answers: list[Sequence[Answer]] = field(default_factory=list)
    cut: int = 0
    left_out: int = 0

    def corpus(self, questions: Iterable[Question], like: Corpus) -> Corpus:
        """Return a sentence of each question that fits: the question, the separator and its text.

        Args:
            questions: what is asked.
            like: a corpus whose name, language and split it gets.

        Raises:
            DataError: none fits.
        """
        return Corpus.from_sentences(like.name, like.language, like.split, self._fitting(questions))

    def row(self, sentence: int) -> Mapping[str, np.ndarray]:
        """Return what stands beside the words of one question.

        Returns:
            `context` (words, 1): 1 in the text; `starts` and `ends` (words, 1): 1 at the first and at the last word of
            an answer; `answers` (words, widest): 1 at an answer's first word, in the column of its length less one.
        """
        before, words = self.places[sentence]
        context, starts, ends = (np.zeros((before + words, 1), np.float32) for _ in range(3))
        cells = np.zeros((before + words, self.widest), np.float32)
        context[before:] = 1
        for first, last in self.answers[sentence]:
            starts[before + first], ends[before + last - 1] = 1, 1
            if last - first <= self.widest:
                cells[before + first, last - first - 1] = 1
        return {"context": context, "starts": starts, "ends": ends, "answers": cells}

    def _fitting(self, questions: Iterable[Question]) -> Iterator[Sentence]:
        separator = [self.tagger.tokenizer.sep_token] if self.tagger.tokenizer.sep_token else []
        one, two, three = tee(questions, 3)
        heads = self._sizes(Sentence([*question.words, *separator]) for question in one)
        texts = self._sizes(Sentence([*question.context]) for question in two)
        free = self.tagger.max_length - self._specials()
        for question, head, sizes in zip(three, heads, texts, strict=True):
            kept = question.answers[0] if question.answers else (0, 1)
            part = stretch(sizes, free - int(head.sum()), kept)
            if part is None:
                self.left_out += 1
                continue
            first, last = part
            inside = [(a - first, b - first) for a, b in question.answers if first <= a and b <= last]
            self.cut += last - first < len(sizes)
            self.places.append((len(head), last - first))
            self.answers.append(inside)
            yield Sentence([*question.words, *separator, *question.context[first:last]])

    def _sizes(self, sentences: Iterable[Sentence]) -> Iterator[np.ndarray]:
        """Yield how many sub-words each word of each sentence has."""
        windows = self.tagger.windower.windows(sentences)
        for _, group in groupby(windows, key=lambda window: window.sentence):
            yield np.concatenate([window.sizes for window in group])

    def _specials(self) -> int:
        """Return how many special tokens stand around a sentence."""
        (window,) = self.tagger.windower.windows([Sentence(["a"])])
        return len(window.input_ids) - int(window.sizes.sum())


def stretch(sizes: np.ndarray, room: int, kept: Answer) -> Answer | None:
    """Return the words of a text that fit, around those that must: half of the rest before, the other half behind.

    Args:
        sizes: (words,) sub-words of each.
        room: how many sub-words fit.
        kept: the words that must be there.

    Returns:
        the first word, and the one behind the last; None if what must be there does not fit.
    """
    first, last = kept
    if sizes[first:last].sum() > room:
        return None

    def before(spare: int) -> int:
        return int(np.searchsorted(sizes[:first][::-1].cumsum(), spare, side="right"))

    first -= before((room - int(sizes[first:last].sum())) // 2)
    last += int(np.searchsorted(sizes[last:].cumsum(), room - int(sizes[first:last].sum()), side="right"))
    first -= before(room - int(sizes[first:last].sum()))  # what was not needed behind
    return first, last
