"""What `xner predict` reads and prints, and what `xner suggest` reads."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from xner.cli.console import style, terminal
from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import read_rows, write_conll
from xner.corpora.formats.lines import lines, lines_of
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read, suffix_of
from xner.corpora.formats.text import told_apart
from xner.corpora.words import Word
from xner.errors import DataError, UsageError
from xner.plugin.component import check
from xner.using.predicting import Predictor, Tagged, joined

if TYPE_CHECKING:  # it imports what tags, and predicting with an export does not
    from xner.using.suggesting.picking import SuggestSettings

FORMATS = ("text", "jsonl", "conll")


def inputs(
    texts: Sequence[str], file: Path | None, notes: Notes | None = None, options: ReadOptions | None = None
) -> Iterable[tuple[str, list[Word] | None]]:
    """Return what to tag, with its words where they are known: texts, lines of a .txt file or pipe, or sentences.

    Args:
        texts: those of the command line.
        file: where they are instead; "-" is what is piped in.
        notes: gets what is to be said of the file.
        options: how it is read.

    Raises:
        DataError: the file cannot be read.
    """
    if file is None:
        return ((text, None) for text in texts)
    notes = Notes() if notes is None else notes
    options, piped = options or ReadOptions(), str(file) == "-"
    device = piped or str(file).startswith("/dev/") or not (file.is_file() or file.is_dir() or not file.exists())
    if not device and (suffix_of(file) != ".txt" or not file.is_file()):
        return (joined(sentence.tokens) for sentence in read(file, options, notes))
    if piped and sys.stdin is None:
        raise DataError("--file -: nothing is piped in")
    path = Path("<stdin>") if piped else file
    numbered = (
        lines_of(sys.stdin.buffer, path, options.encoding, notes) if piped else lines(path, options.encoding, notes)
    )
    tagged, numbered = told_apart(numbered, path, notes)
    if tagged:
        return (joined(sentence.tokens) for sentence in read_rows(numbered, path, options, notes))
    return ((line, None) for _, line in numbered)


def words_of_files(files: Sequence[Path], notes: Notes) -> list[list[str]]:
    """Return the words of the sentences in files, in the format that each has.

    Args:
        files: where they are.
        notes: gets what is to be said of the files.

    Raises:
        DataError: a file cannot be read.
    """
    return [sentence.tokens for file in files for sentence in read(file, ReadOptions(), notes)]


def suggest_settings(assigned: Sequence[str]) -> "tuple[SuggestSettings, ReadOptions]":
    """Return what counts for suggestions, and how their file is read.

    Args:
        assigned: what was given with --set, such as "suggest.again=1".

    Raises:
        UsageError: a setting does not exist, or its value does not fit.
    """
    from xner.runs.config import build, parse_assignment  # a run's settings are beside what trains
    from xner.using.suggesting.picking import SuggestSettings

    given, prefix = dict(map(parse_assignment, assigned)), "suggest."
    own = {name.removeprefix(prefix): value for name, value in given.items() if name.startswith(prefix)}
    others = build({name: value for name, value in given.items() if not name.startswith(prefix)})
    options = check(ReadOptions, others.component("corpora", "folder"), "corpora.folder.")
    return check(SuggestSettings, own, prefix), options


def check_format(form: str) -> None:
    """Look whether there is such a format.

    Raises:
        UsageError: there is not.
    """
    if form not in FORMATS:
        raise UsageError(f"--format {form}: there is no such format; there are: {', '.join(FORMATS)}")


def show_predictions(predictor: Predictor, texts: Iterable[tuple[str, list[Word] | None]], form: str) -> None:
    """Print tagged texts, one after the other as they are ready."""
    for tagged in predictor.tag_words(texts):
        if form == "jsonl":
            entities = [entity.model_dump() for entity in tagged.entities]
            sys.stdout.write(json.dumps({"text": tagged.text, "entities": entities}, ensure_ascii=False) + "\n")
        elif form == "conll":
            write_conll(sys.stdout, [Sentence([word.text for word in tagged.words], tagged.tags)])
        else:
            _show_tagged(tagged, predictor.tagger.labels.types)


def _show_tagged(tagged: Tagged, types: Sequence[str]) -> None:
    console, text = terminal(), Text(tagged.text)
    for entity in tagged.entities:
        text.stylize(style(entity.type, types), entity.start, entity.end)
    console.print(text, soft_wrap=True)
    for entity in tagged.entities:
        line = f"  {entity.type:<5} {entity.score:.2f}  {entity.start:>4}-{entity.end:<4} {entity.text}"
        console.print(line, soft_wrap=True)
