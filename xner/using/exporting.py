"""Exports of a student: as ONNX, or with fewer pieces as a plain folder; whole or not at all."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import torch

from xner.corpora.corpus import Sentence
from xner.corpora.formats.notes import Notes
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.errors import DataError, UsageError, require
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.store.files import whole_folder
from xner.store.results import claim
from xner.tagging.hubmodel import HubModel
from xner.tagging.tagger import Tagger
from xner.using import onnx
from xner.using.export_card import write_export_card
from xner.using.exported import EXTRA
from xner.using.trimming import Trimmed, trim

RECORD = "export.json"
"""The file that says what an export was made from."""
TRIMMED = "trimmed"
"""What it says of an export with fewer pieces."""
FORMS = ("onnx", "transformers")


@dataclass(frozen=True)
class Form:
    """What an export is to be.

    Args:
        to: "onnx", or "transformers": a plain folder as the student's own.
        int8: weights of 8 bits; only of ONNX.
        trim: a corpus of the language, by which the pieces of the vocabulary are chosen; None: all stay.
    """

    to: Literal["onnx", "transformers"]
    int8: bool = False
    trim: Path | None = None

    @classmethod
    def of(cls, to: str, int8: bool, trim: Path | None) -> "Form":
        """Check what was asked for.

        Raises:
            UsageError: there is no such format, or it does not go with the rest.
        """
        if to == "onnx":
            return cls("onnx", int8, trim)
        if to != "transformers":
            raise UsageError(f"--to {to}: there is no such format; there are: {', '.join(FORMS)}")
        if int8:
            raise UsageError("--int8: only an export --to onnx has weights of 8 bits; leave one of the two out")
        if trim is None:
            raise UsageError("--to transformers: the student is such a folder already; --trim FILE makes it smaller")
        return cls("transformers", trim=trim)

    @property
    def name(self) -> str:
        """The folder's name where none is asked for, such as "onnx-int8-trimmed"."""
        return "-".join([self.to, *["int8"] * self.int8, *["trimmed"] * (self.trim is not None)])

    def settings(self, student: Path) -> dict[str, Any]:
        """Return all that the export of a student depends on."""
        identity = HubModel(HubModel.Config(path=str(student))).identity()
        chosen = {} if self.trim is None else {"trim": _digest(self.trim)}
        return {"to": self.to, "int8": self.int8, "student": identity, **chosen}


def export(
    student: Path, folder: Path, form: Form, progress: Progress, trusted: bool = False, pickled: bool = False
) -> Path:
    """Write a student as a folder with model, tokenizer, `config.json` and model card.

    Args:
        student: the student's folder.
        folder: where to; an earlier export of the same student is replaced.
        form: what it is to be.
        progress: reports progress.
        trusted: run Python code that comes with the student; otherwise such a student is refused.
        pickled: read pickled weights where it has no others; otherwise such a student is refused.

    Raises:
        XnerError: a library is missing, or the model cannot be expressed in ONNX or made smaller.
        DataError: there is no student or corpus, or `folder` holds something else or cannot be written.
    """
    libraries = onnx.LIBRARIES if form.to == "onnx" else ()
    for name in libraries:
        require(EXTRA, name)
    sentences = _sentences(form.trim, progress) if form.trim else iter(())
    tagger = Tagger.load(student, Hardware(torch.device("cpu"), bf16=False), trusted=trusted, pickled=pickled)
    folder, small = claim(folder, settings := form.settings(student), RECORD, explicit=True), None
    if form.trim:
        with progress.stage(f"choosing the pieces that {form.trim} needs"):
            small = trim(tagger, sentences, str(form.trim))
        tagger = small.tagger
    with whole_folder(folder) as partial:
        with progress.stage(f"writing {folder}"):
            _write(tagger, partial, form)
        write_export_card(student, partial, form.to, form.int8, small)
        versions = {name: version(name) for name in ("xner", "torch", "transformers", *libraries)}
        (partial / RECORD).write_text(_record(settings, versions, small), encoding="utf-8")
    return folder


def _write(tagger: Tagger, folder: Path, form: Form) -> None:
    tagger.tokenizer.model_max_length = tagger.max_length
    tagger.tokenizer.save_pretrained(folder)
    if form.to == "onnx":
        onnx.write(tagger.model, folder, form.int8)
        tagger.model.config.save_pretrained(folder)
    else:
        tagger.model.save_pretrained(folder)


def _record(settings: dict[str, Any], versions: dict[str, str], small: Trimmed | None) -> str:
    told = {TRIMMED: small.noted()} if small else {}
    return json.dumps({"settings": settings, "versions": versions, **told}, indent=2)


def _sentences(file: Path, progress: Progress) -> Iterator[Sentence]:
    """Return the sentences of a corpus; a file that is missing is told before a model is loaded."""
    notes = Notes()
    found = read(file, ReadOptions(), notes)

    def told() -> Iterator[Sentence]:
        yield from found
        for line in (*([f"{file}: {notes.layout}"] if notes.layout else ()), *notes.lines()):
            progress.say(line)

    return told()


def _digest(file: Path) -> str:
    """Return a hash of a corpus's bytes."""
    files = sorted(path for path in file.rglob("*") if path.is_file()) if file.is_dir() else [file]
    digest = hashlib.sha256()
    try:
        for path in files:
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    except OSError as error:
        raise DataError(f"{file}: cannot be read: {error.strerror}") from error
    return digest.hexdigest()
