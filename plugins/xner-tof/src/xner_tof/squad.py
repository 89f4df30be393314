"""Question answering as SQuAD writes it: a user's file."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from xner.base import split_words
from xner.errors import DataError
from xner_tof.questions import Question


def read(path: str) -> list[Question]:
    """Return the questions of a file.

    Args:
        path: SQuAD's JSON, or JSON Lines with `question`, `context` and `answers` (`text` and `answer_start`, a list
            each), as the hub's data sets have it.

    Raises:
        DataError: there is no such file, or it is in another form.
    """
    file = Path(path).expanduser()
    text = _text(file)
    questions = list(_lines(text, file) if file.suffix == ".jsonl" else _paragraphs(text, file))
    if not questions:
        raise DataError(f"{file}: has no question; methods.tof.qa is a file in SQuAD's form")
    return questions


def identity(path: str) -> str:
    """Return a hash of a file's content.

    Raises:
        DataError: there is no such file.
    """
    return hashlib.sha256(_text(Path(path).expanduser()).encode()).hexdigest()[:16]


def _text(file: Path) -> str:
    if not file.is_file():
        raise DataError(f"{file}: no such file of questions; set methods.tof.qa")
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{file}: is not UTF-8 (byte {error.start}); convert it") from error


def _paragraphs(text: str, file: Path) -> Iterator[Question]:
    """Yield the questions of SQuAD's own form."""
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise DataError(f"{file}:{error.lineno}: is not JSON ({error.msg}); JSON Lines are called .jsonl") from error
    try:
        for number, article in enumerate(data["data"], 1):
            where = f"{file}, article {number}"
            for paragraph in article["paragraphs"]:
                for asked in paragraph["qas"]:
                    answers = [(each["text"], each["answer_start"]) for each in asked.get("answers", ())]
                    yield _question(asked["question"], paragraph["context"], answers, where)
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{file}: is not in SQuAD's form: expected data, paragraphs, context, qas, question and answers with text "
            f"and answer_start ({type(error).__name__}: {error})"
        ) from error


def _lines(text: str, file: Path) -> Iterator[Question]:
    """Yield the questions of JSON Lines."""
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        where = f"{file}:{number}"
        try:
            row: Mapping[str, Any] = json.loads(line)
            answers = list(zip(row["answers"]["text"], row["answers"]["answer_start"], strict=True))
            question, context = row["question"], row["context"]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{where}: expected an object with question, context and answers with text and answer_start: "
                f"{line.strip()[:60]!r}"
            ) from error
        yield _question(question, context, answers, where)


def _question(question: Any, context: Any, answers: list[tuple[Any, Any]], where: str) -> Question:
    """Return a question with the words of its answers.

    Raises:
        DataError: an answer does not stand where the file says.
    """
    if not (isinstance(question, str) and isinstance(context, str) and question.strip() and context.strip()):
        raise DataError(f"{where}: expected a question and a context that are text: {question!r}"[:300])
    words, found = split_words(context), dict[tuple[int, int], None]()  # several people answer alike
    for text, start in answers:
        right = isinstance(text, str) and isinstance(start, int) and start >= 0
        if not (right and text.strip() and context[start : start + len(text)] == text):
            raise DataError(f"{where}: the answer {text!r} does not stand at {start!r} of its context")
        inside = [n for n, word in enumerate(words) if word.start < start + len(text) and word.end > start]
        found[inside[0], inside[-1] + 1] = None
    return Question([word.text for word in split_words(question)], [word.text for word in words], list(found))
