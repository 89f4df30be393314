"""Decoders: rules that choose one tag for every word from the probabilities of its sentence."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import exp, log
from typing import Literal

import numpy as np
from pydantic import Field

from xner.corpora.labels import LabelSet, Span, spans, to_iob2
from xner.decoding.bigrams import Bigrams, legal
from xner.decoding.chain import Chain, Potentials
from xner.plugin.component import Settings

DecodingRule = Literal["legal", "chain", "argmax"]
_BATCH_WORDS = 20_000
"""Padded words that are decoded together."""


class DecodingSettings(Settings):
    """How tags are chosen from probabilities."""

    rule: DecodingRule = Field(
        "chain",
        description="chain: the best path of legal IOB2 tags, with the sources' tag bigrams; legal: without these; "
        "argmax: each word's best tag.",
    )
    strength: float = Field(
        0.25, ge=0, le=10, description="How much tag bigrams count for the rule chain, up to 10; 0 is legal."
    )

    def __str__(self) -> str:
        return f"chain {self.strength:g}" if self.rule == "chain" else self.rule


ARGMAX = DecodingSettings(rule="argmax")
LEGAL = DecodingSettings(rule="legal")


@dataclass(frozen=True)
class Decoded:
    """The tags of one sentence.

    Args:
        best: the tags as they were chosen; by argmax an I- may continue nothing.
        scores: how probable each is.
        certain: how probable each entity is, in the order of `entities`.
    """

    best: list[str]
    scores: list[float]
    certain: list[float]

    @cached_property
    def tags(self) -> list[str]:
        """The tags as IOB2: an I- that continues nothing becomes a B-."""
        return to_iob2(self.best)

    @property
    def entities(self) -> list[Span]:
        """The entities, in order."""
        return spans(self.tags)


@dataclass(frozen=True)
class Decoder:
    """Chooses tags by a rule.

    Args:
        labels: the label set.
        settings: the rule.
        bigrams: of the sources; None: not known, and the rule chain is the rule legal.
    """

    labels: LabelSet
    settings: DecodingSettings
    bigrams: Bigrams | None = None

    @property
    def rule(self) -> str:
        """The rule by which tags are chosen indeed, as it stands beside scores."""
        return "legal" if self._lacking else str(self.settings)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be said to whoever asked for its rule."""
        told = "decoding: chain is legal here, since the tag bigrams of the tagger's sources are not known"
        return (told,) if self._lacking else ()

    @property
    def _lacking(self) -> bool:
        return self.settings.rule == "chain" and self.bigrams is None

    def decode(self, rows: Iterable[np.ndarray]) -> Iterator[Decoded]:
        """Yield the tags of each sentence, in order.

        Args:
            rows: (words, tags) probabilities of each, of one word at least.
        """
        for group in _groups(rows):
            yield from self._argmax(group) if self.settings.rule == "argmax" else self._paths(group)

    def marginals(self, rows: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yield how probable each tag is among all sequences that the rule allows; argmax is legal here.

        Args:
            rows: (words, tags) probabilities of each sentence, of one word at least.

        Yields:
            as many (words, tags); what a word has adds up to one.
        """
        for group in _groups(rows):
            marginals = Chain.of(group, self.potentials).marginals
            yield from (found[: len(row)] for found, row in zip(marginals, group, strict=True))

    @cached_property
    def potentials(self) -> Potentials:
        """How well tags fit together by the rules legal and chain."""
        if self.settings.rule == "chain" and self.bigrams is not None:
            return self.bigrams.potentials(self.settings.strength)
        return legal(self.labels)

    def _argmax(self, rows: Sequence[np.ndarray]) -> Iterator[Decoded]:
        names = self.labels.tags
        for row in rows:
            best, scores = [names[number] for number in row.argmax(-1)], row.max(-1).tolist()
            yield Decoded(best, scores, [_mean(scores[start:end]) for _, start, end in spans(to_iob2(best))])

    def _paths(self, rows: Sequence[np.ndarray]) -> Iterator[Decoded]:
        chain = Chain.of(rows, self.potentials)
        names, numbers, paths, marginals = np.array(self.labels.tags), self.labels.ids, chain.best(), chain.marginals
        for number, row in enumerate(rows):
            path = paths[number, : len(row)]
            best, scores = names[path].tolist(), marginals[number, range(len(row)), path].tolist()
            found = [chain.run(number, start, end, numbers[f"B-{kind}"]) for kind, start, end in spans(best)]
            yield Decoded(best, scores, found)


def _groups(rows: Iterable[np.ndarray]) -> Iterator[list[np.ndarray]]:
    """Yield neighbouring sentences together, as many as fit."""
    group, longest = list[np.ndarray](), 0
    for row in rows:
        longest = max(longest, len(row))
        if group and longest * (len(group) + 1) > _BATCH_WORDS:
            yield group
            group, longest = [], len(row)
        group.append(row)
    if group:
        yield group


def _mean(scores: Sequence[float]) -> float:
    """Return the geometric mean."""
    return exp(sum(map(log, scores)) / len(scores))
