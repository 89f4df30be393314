"""What `xner predict` reads and prints."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from rich.text import Text

from xner.cli.console import style, terminal
from xner.corpora.corpus import Sentence
from xner.corpora.formats.columns import write_conll
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.corpora.words import Word
from xner.errors import DataError
from xner.using.predicting import Predictor, Tagged, joined

FORMATS = ("text", "jsonl", "conll")


def inputs(texts: Sequence[str], file: Path | None) -> Iterable[tuple[str, list[Word] | None]]:
    """Return what to tag, with its words where they are known: texts, lines of a .txt file, or sentences of another.

    Raises:
        DataError: the file cannot be read.
    """
    if file is None:
        return ((text, None) for text in texts)
    if file.suffix.lower() == ".txt" and file.is_file():
        return ((line, None) for line in _lines(file))
    return (joined(sentence.tokens) for sentence in read(file, ReadOptions()))


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


def _lines(file: Path) -> Iterator[str]:
    number = 0
    try:
        with file.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}:{number}: is not UTF-8 ({error.reason}); save the file as UTF-8") from error
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}") from error
