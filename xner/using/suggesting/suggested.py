"""Suggestions: sentences to label next, as a record and as a folder for annotation tools."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import write_conll
from xner.corpora.formats.records.spans import Marked
from xner.corpora.formats.records.tasks import Draft, write_doccano, write_interface, write_label_studio
from xner.corpora.words import Word
from xner.errors import DataError
from xner.machine.progress import Progress
from xner.store.files import whole_folder
from xner.store.results import claim
from xner.using.predicting import Entity, Predictor, Tagged
from xner.using.serving import named
from xner.using.suggesting.committee import Committee
from xner.using.suggesting.picking import Pick, Picker, SuggestSettings
from xner.using.suggesting.pool import Pool, look_at

RECORD = "suggested.json"
"""The file, in a folder of suggestions, that says all of them and how they were found."""
FILES = ("label-studio.json", "label-studio.xml", "doccano.jsonl", "suggested.conll")
"""The files for annotation tools, beside it."""

Text = tuple[str, list[Word] | None]
"""A text, with its words where they are known."""


class Suggestion(BaseModel):
    """A sentence to label.

    Args:
        number: the how-manieth it is in the raw text, from 1 on.
        text: the sentence.
        gain: what a label teaches beside those of the suggestions before it, by what it costs.
        doubt: how many errors the student is expected to make in it.
        disagreement: the sum over its words of how far taggers disagree.
        new: the share of what it teaches that is in no suggestion before it, and not labelled, from 0 to 1.
        entities: what the student finds.
    """

    model_config = ConfigDict(frozen=True)

    number: int
    text: str
    gain: float
    doubt: float
    disagreement: float
    new: float
    entities: list[Entity]


class Suggested(BaseModel):
    """Sentences to label, the best first.

    Args:
        run: whose student was asked.
        taggers: the names of all that were asked.
        sentences: how many were looked at.
        similar: how many were left out since they are almost the same as one that is suggested or labelled.
        settings: what counted.
        suggestions: the sentences.
    """

    model_config = ConfigDict(frozen=True)

    run: str
    taggers: tuple[str, ...]
    sentences: int
    similar: int
    settings: SuggestSettings
    suggestions: tuple[Suggestion, ...]


def folder_for(out: Path | None) -> Path:
    """Return where suggestions go; never in place of others, whose labels may have been corrected there.

    Args:
        out: the folder; None: suggested/, numbered if it is there.

    Raises:
        DataError: the folder has something in it, or cannot be written.
    """
    return claim(out or Path("suggested"), {}, RECORD, explicit=out is not None)


def suggest(
    run: str,
    committee: Committee,
    texts: Iterable[Text],
    number: int,
    labelled: Iterable[Sequence[str]],
    settings: SuggestSettings,
    progress: Progress,
) -> tuple[Suggested, list[Tagged]]:
    """Find the sentences that are worth most to label.

    Args:
        run: what the student is called.
        committee: the student, and who is asked beside it.
        texts: raw sentences.
        number: how many to suggest.
        labelled: the words of sentences that have labels already.
        settings: what counts.
        progress: reports progress.

    Returns:
        the suggestions, and each with the student's tags.

    Raises:
        DataError: there is no sentence with a word.
    """
    given, predictor = list(texts), Predictor(committee.student)
    picker = Picker(_pool(given, predictor, committee, progress), labelled, settings)
    picks = picker.pick(number)
    tagged = list(predictor.tag_words(given[pick.sentence] for pick in picks))
    suggestions = tuple(_suggestion(pick, one) for pick, one in zip(picks, tagged, strict=True))
    return Suggested(
        run=run,
        taggers=committee.names,
        sentences=len(given),
        similar=picker.similar,
        settings=settings,
        suggestions=suggestions,
    ), tagged


def write(folder: Path, suggested: Suggested, tagged: Sequence[Tagged], types: Sequence[str]) -> None:
    """Write suggestions with what the student finds, for Label Studio, Doccano and as a column file.

    Args:
        folder: where to; `folder_for` returned it.
        suggested: the suggestions.
        tagged: each with the student's tags.
        types: the entity types.

    Raises:
        DataError: it cannot be written.
    """
    drafts = [_draft(rank, one) for rank, one in enumerate(suggested.suggestions, 1)]
    with whole_folder(folder) as partial:
        tasks, interface, records, columns = (partial / name for name in FILES)
        write_label_studio(tasks, drafts, named([Path(suggested.run)])[0])  # as a service of this run says it is
        write_interface(interface, types)
        write_doccano(records, drafts)
        write_conll(columns, (Sentence([word.text for word in one.words], one.tags) for one in tagged))
        (partial / RECORD).write_text(suggested.model_dump_json(indent=1), encoding="utf-8")


def _pool(given: Sequence[Text], predictor: Predictor, committee: Committee, progress: Progress) -> Pool:
    """Let the committee look at texts."""
    sentences = [[word.text for word in (predictor.words(text) if words is None else words)] for text, words in given]
    if not any(sentences):
        raise DataError("there is no sentence with a word to look at; expected raw text, a sentence a line")
    with progress.stage(f"looking at {len(given):,} sentences with {' and '.join(committee.names)}"):
        return look_at(sentences, committee, progress)


def _suggestion(pick: Pick, tagged: Tagged) -> Suggestion:
    numbers = {name: round(getattr(pick, name), 4) for name in ("gain", "doubt", "disagreement", "new")}
    return Suggestion(number=pick.sentence + 1, text=tagged.text, entities=tagged.entities, **numbers)


def _draft(rank: int, one: Suggestion) -> Draft:
    spans = [Marked(entity.type, entity.start, entity.end) for entity in one.entities]
    about = {"rank": rank, **one.model_dump(include={"number", "gain", "doubt", "disagreement", "new"})}
    return Draft(one.text, spans, [entity.score for entity in one.entities], about)
