"""The section `similar-words`: words that are like those which the student changed (Li et al. 2022, table 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from pydantic import Field

from xner.base import Part, RunView, Section, Settings, Table

_AROUND = 3
"""Words to either side of a word that are shown with it."""
_VERDICTS = ("wrong to right", "right to wrong", "wrong to another wrong")


@dataclass(frozen=True)
class Words:
    """All words of some sentences, W in all.

    Args:
        forms: the words.
        sentences: (W,) the sentence that each stands in.
        gold: (W,) their gold tags.
        before: (W,) the tags that the recognizer's probabilities lead to.
        after: (W,) the student's.
    """

    forms: Sequence[str]
    sentences: np.ndarray
    gold: np.ndarray
    before: np.ndarray
    after: np.ndarray

    @classmethod
    def of(cls, view: RunView, sentences: int) -> "Words":
        """Let the recognizer speak of the first labelled sentences, and take what the student said of them."""
        some = view.tested.part(0, sentences)
        before = view.chosen(view.say("probabilities", some))
        after = (view.tags or [])[: len(some)]
        numbers = np.repeat(np.arange(len(some)), [len(sentence.tokens) for sentence in some])
        gold = np.array([tag for sentence in some for tag in sentence.tags or []])
        said = (np.array([tag for tags in side for tag in tags]) for side in (before, after))
        return cls([token for sentence in some for token in sentence.tokens], numbers, gold, *said)

    def around(self, word: int) -> str:
        """Return a word in brackets, with those around it in its sentence."""
        near = range(max(0, word - _AROUND), min(len(self.forms), word + _AROUND + 1))
        inside = (n for n in near if self.sentences[n] == self.sentences[word])
        return " ".join(f"[{self.forms[n]}]" if n == word else self.forms[n] for n in inside)


class SimilarWords(Section):
    """Shows, for words that the student tags otherwise than the recognizer, what the evaluator finds alike."""

    class Config(Settings):
        """How much is looked at."""

        sentences: int = Field(1000, ge=1, description="Labelled sentences that are looked at, the first ones.")
        words: int = Field(30, ge=1, description="Changed words that are shown, the first ones.")
        similar: int = Field(5, ge=1, description="Similar words of each, those with the highest scores.")

    config: Config
    title: ClassVar[str] = "Similar words of what the student changed"
    needs: ClassVar[tuple[str, ...]] = ("probabilities", "vectors")
    labels: ClassVar[bool] = True
    costly: ClassVar[bool] = True

    def look(self, view: RunView) -> Sequence[Part]:
        """Return how the tags of similar words speak for the change, and the first changed words with theirs."""
        words = Words.of(view, self.config.sentences)
        changed = np.flatnonzero(words.before != words.after)
        if not len(changed):
            return ()
        some = view.tested.part(0, self.config.sentences)
        vectors = np.concatenate(list(view.say("vectors", some))).astype(np.float32)
        alike = [similar(words, vectors, int(word), self.config.similar) for word in changed]
        return [self._votes(words, changed, alike), self._shown(words, changed, alike)]

    def _votes(self, words: Words, changed: np.ndarray, alike: Sequence[Sequence[tuple[int, float]]]) -> Table:
        kinds = [_verdict(words, int(word)) for word in changed]
        rows = []
        for verdict in _VERDICTS:
            cases = [(int(w), near) for w, near, kind in zip(changed, alike, kinds, strict=True) if kind == verdict]
            pairs = [(word, other) for word, near in cases for other, _ in near]
            sides = words.gold, words.before, words.after
            shares = (_share([words.gold[other] == side[word] for word, other in pairs]) for side in sides)
            rows.append((verdict, len(cases), *shares))
        return Table(
            caption=f"Of the {self.config.similar} words of other sentences that the evaluator finds most similar to a "
            "changed word: the share whose gold tag is that word's gold tag, the recognizer's for it, the student's.",
            heads=("tag", "words", "as the gold, %", "as the recognizer, %", "as the student, %"),
            rows=tuple(rows),
        )

    def _shown(self, words: Words, changed: np.ndarray, alike: Sequence[Sequence[tuple[int, float]]]) -> Table:
        number, most = self.config.words, self.config.similar
        rows = []
        for word, near in list(zip(changed.tolist(), alike, strict=True))[:number]:
            texts = [f"{words.forms[n]} {_tags(words, n)} {score:.3f}" for n, score in near]
            tags = (str(side[word]) for side in (words.gold, words.before, words.after))
            rows.append((words.around(word), *tags, _verdict(words, word), *texts, *[""] * (most - len(texts))))
        return Table(
            caption=f"The first {len(rows):,} of {len(changed):,} changed words among {len(words.forms):,}. A similar "
            "word has the recognizer's tag, in brackets the gold one where that is another, and its score "
            "sigmoid(cos), between 0.269 and 0.731; every form stands there once.",
            heads=("word", "gold", "recognizer", "student", "change", *(f"{n + 1}." for n in range(most))),
            rows=tuple(rows),
            words=5 + most,
        )


def similar(words: Words, vectors: np.ndarray, word: int, most: int) -> list[tuple[int, float]]:
    """Return the words of other sentences that are most similar to one, each form once, with sigmoid(cos).

    Args:
        words: the W words.
        vectors: (W, width) the evaluator's.
        word: the number of the one.
        most: so many at most.
    """
    unit = torch.from_numpy(vectors)
    cosine = torch.nn.functional.cosine_similarity(unit, unit[word][None], dim=-1)
    score = torch.sigmoid(cosine).numpy()
    found, forms = list[tuple[int, float]](), {words.forms[word]}
    for other in np.argsort(-score, kind="stable"):
        if len(found) == most:
            break
        if words.sentences[other] != words.sentences[word] and words.forms[other] not in forms:
            forms.add(words.forms[other])
            found.append((int(other), float(score[other])))
    return found


def _verdict(words: Words, word: int) -> str:
    gold, before, after = words.gold[word], words.before[word], words.after[word]
    return _VERDICTS[0] if after == gold else _VERDICTS[1] if before == gold else _VERDICTS[2]


def _tags(words: Words, word: int) -> str:
    gold, said = words.gold[word], words.before[word]
    return str(said) if gold == said else f"{said} ({gold})"


def _share(right: Sequence[bool]) -> float | None:
    return round(100 * sum(right) / len(right), 2) if right else None
