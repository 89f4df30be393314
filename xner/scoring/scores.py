"""Entity F1: an entity is right if its words and its type are; a rule decides which tags are an entity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict
from seqeval.scheme import IOB2, Entities

from xner.corpora.corpus import Corpus
from xner.corpora.labels import OUTSIDE, LabelSet, Rule, rename, to_iob2
from xner.decoding.decoder import Decoder
from xner.errors import XnerError
from xner.scoring.counts import Counts, precision_recall_f1

RULES: Mapping[Rule, str] = {
    "conlleval": "conlleval: exact words and type; an I- that continues nothing opens an entity",
    "strict": "strict IOB2: exact words and type; an I- that continues nothing is no entity",
}
"""What each rule does, in the words that are printed with every score."""


class Score(BaseModel):
    """Precision, recall and F1 in per cent, and how many entities the gold has."""

    model_config = ConfigDict(frozen=True)

    precision: float
    recall: float
    f1: float
    entities: int


class Metrics(BaseModel):
    """The scores of a tagger on a labelled corpus.

    Args:
        overall: over all entities (micro average).
        by_type: for each type.
        rule: the scoring rule, as in `RULES`.
        corpus: which sentences.
        sentences: how many.
        chosen_on: what decided which checkpoint is scored.
        decoding: how its tags were chosen; scores by different rules are not comparable.
    """

    model_config = ConfigDict(frozen=True)

    overall: Score
    by_type: dict[str, Score]
    rule: str
    corpus: str
    sentences: int
    chosen_on: str = "last step"
    decoding: str = "argmax"  # as all were before it was noted

    @classmethod
    def of(cls, counts: Counts, corpus: str, rule: Rule) -> "Metrics":
        """Return the scores that follow from counts.

        Args:
            counts: what `count` returned.
            corpus: its name, for the report.
            rule: the rule by which they were counted.
        """
        sums = counts.values.sum(axis=0)
        return cls(
            overall=_score(sums.sum(axis=0)),
            by_type={kind: _score(row) for kind, row in zip(counts.types, sums, strict=True)},
            rule=RULES[rule],
            corpus=corpus,
            sentences=len(counts.values),
        )

    @property
    def rows(self) -> list[tuple[str, Score]]:
        """The overall scores, as "all", and then each type's."""
        return [("all", self.overall), *self.by_type.items()]

    @property
    def lacking(self) -> tuple[str, ...]:
        """The types that are predicted, but of which the corpus has none."""
        return tuple(kind for kind, row in self.by_type.items() if not row.entities)


class Scoreable(Protocol):
    """What can be scored: a tagger, or an exported one."""

    labels: LabelSet
    chosen_on: str

    @property
    def decoder(self) -> Decoder:
        """What chooses its tags."""

    def tags(self, corpus: Corpus, repaired: bool = True) -> list[list[str]]:
        """Return the tags of every sentence, as IOB2 or as they were chosen."""


@dataclass(frozen=True)
class Scored:
    """The tags that a tagger gives to a labelled corpus, and their scores.

    Args:
        tags: the tags that were scored: IOB2 if the rule repairs them, else as the model chose them.
        counts: of entities, by sentence and type.
        metrics: the scores.
    """

    tags: list[list[str]]
    counts: Counts
    metrics: Metrics


def tag_and_score(
    tagger: Scoreable,
    corpus: Corpus,
    rule: Rule,
    types: Sequence[str] = (),
    renames: Mapping[str, str] = MappingProxyType({}),
) -> Scored:
    """Tag a labelled corpus and score the tags.

    Args:
        tagger: the tagger.
        corpus: the sentences with their gold tags, of the tagger's types.
        rule: which tags are an entity.
        types: those that are scored; empty: all.
        renames: what becomes of types that the tagger says; "O": such an entity is none.
    """
    kinds = {kind: renames.get(kind, kind) for kind in tagger.labels.types}
    said = {kind: new if new in (types or kinds.values()) else OUTSIDE for kind, new in kinds.items()}
    known = {kind: kind if kind in (types or kinds) else OUTSIDE for kind in kinds}
    tags = [rename(tags, said) for tags in tagger.tags(corpus, repaired=rule == "conlleval")]
    counts = count([rename(sentence.tags or [], known) for sentence in corpus], tags, str(corpus), rule)
    beside = {"chosen_on": tagger.chosen_on, "decoding": tagger.decoder.rule}
    return Scored(tags, counts, Metrics.of(counts, corpus.title, rule).model_copy(update=beside))


def count(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], corpus: str, rule: Rule = "conlleval"
) -> Counts:
    """Compare predicted with gold tags.

    Args:
        gold: the tags of each sentence.
        predicted: as many tags for as many sentences; for "strict", as the model chose them, not repaired.
        corpus: its name, for the message.
        rule: which tags are an entity.

    Raises:
        XnerError: a sentence has more or fewer predicted than gold tags.
    """
    for number, (right, guess) in enumerate(zip(gold, predicted, strict=True)):
        if len(right) != len(guess):
            raise XnerError(f"{corpus}: sentence {number} has {len(right)} words but {len(guess)} predicted tags")
    known, found = _entities(gold, rule), _entities(predicted, rule)
    types = sorted({kind for side in (known, found) for sentence in side for kind, _, _ in sentence})
    values = np.zeros((len(gold), len(types), 3), dtype=np.int32)
    for row, here, there in zip(values, known, found, strict=True):
        for column, entities in enumerate((here & there, there, here)):
            for kind, _, _ in entities:
                row[types.index(kind), column] += 1
    return Counts(tuple(types), values)


def _entities(tags: Sequence[Sequence[str]], rule: Rule) -> list[set[tuple[str, int, int]]]:
    """Return type, start and end of the entities of each sentence, as in seqeval's strict mode."""
    # after the repair of illegal tags, that is what the conlleval script reads
    legal = [to_iob2(sentence) for sentence in tags] if rule == "conlleval" else tags
    return [{(e.tag, e.start, e.end) for e in sentence} for sentence in Entities(legal, IOB2).entities]


def _score(counts: np.ndarray) -> Score:
    precision, recall, f1 = (round(float(value), 2) for value in precision_recall_f1(counts))
    return Score(precision=precision, recall=recall, f1=f1, entities=int(counts[2]))
