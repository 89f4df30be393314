"""Entity F1, the way the conlleval script counts: an entity is right if its words and its type are."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict
from seqeval.metrics import classification_report
from seqeval.scheme import IOB2

from xner.errors import XnerError
from xner.labels import to_iob2

RULE = "conlleval: exact words and type; an I- that continues nothing opens an entity"


class Score(BaseModel):
    """Precision, recall and F1 in per cent, and how many entities the gold has."""

    model_config = ConfigDict(frozen=True)

    precision: float
    recall: float
    f1: float
    entities: int


class Metrics(BaseModel):
    """What a tagger reached on a labelled corpus.

    Args:
        overall: over all entities (micro average).
        by_type: for each type.
        rule: the scoring rule.
        corpus: which sentences.
        sentences: how many.
        chosen_on: what decided which checkpoint is scored.
    """

    model_config = ConfigDict(frozen=True)

    overall: Score
    by_type: dict[str, Score]
    rule: str = RULE
    corpus: str
    sentences: int
    chosen_on: str = "last step"

    @property
    def rows(self) -> list[tuple[str, Score]]:
        """The overall scores, as "all", and then each type's."""
        return [("all", self.overall), *self.by_type.items()]


def score(gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], corpus: str) -> Metrics:
    """Compare predicted with gold tags.

    Args:
        gold: the tags of each sentence.
        predicted: as many tags for as many sentences.
        corpus: its name, for the report.

    Raises:
        XnerError: a sentence has more or fewer predicted than gold tags.
    """
    for number, (right, guess) in enumerate(zip(gold, predicted, strict=True)):
        if len(right) != len(guess):
            raise XnerError(f"{corpus}: sentence {number} has {len(right)} words but {len(guess)} predicted tags")
    # after the repair of illegal tags, seqeval's strict mode and conlleval count the same entities
    report = (
        classification_report(
            [to_iob2(tags) for tags in gold],
            [to_iob2(tags) for tags in predicted],
            mode="strict",
            scheme=IOB2,
            output_dict=True,
            zero_division=0,
        )
        if any(tag != "O" for tags in (*gold, *predicted) for tag in tags)
        else {}
    )
    scores = {name: _score(row) for name, row in report.items() if not name.endswith(" avg")}
    overall = _score(report["micro avg"]) if report else Score(precision=0, recall=0, f1=0, entities=0)
    return Metrics(overall=overall, by_type=scores, corpus=corpus, sentences=len(gold))


def _score(row: dict[str, float]) -> Score:
    return Score(
        precision=round(100 * row["precision"], 2),
        recall=round(100 * row["recall"], 2),
        f1=round(100 * row["f1-score"], 2),
        entities=int(row["support"]),
    )
