"""A tagger's tokenizer and configuration, read without transformers, whose import takes longer than a short text."""

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tokenizers import Tokenizer

from xner.tagging.wordwise import reads_words

FILES = ("tokenizer.json", "tokenizer_config.json", "config.json")
"""What is read."""


@dataclass
class Pieces:
    """A tokenizer that reads text word by word.

    Args:
        backend_tokenizer: its steps.
        unk_token_id: the number of the unknown piece.
        pad_token_id: the number of the padding.
        model_max_length: the most sub-words that its model reads at once.
    """

    backend_tokenizer: Tokenizer
    unk_token_id: int | None
    pad_token_id: int | None
    model_max_length: int

    @classmethod
    def read(cls, folder: Path) -> "Pieces":
        """Read the tokenizer of a tagger that xner wrote.

        Raises:
            ValueError: it does not read text word by word.
        """
        steps, settings, _ = FILES
        backend = Tokenizer.from_file(str(folder / steps))
        backend.no_truncation()
        backend.no_padding()
        if not reads_words(backend):
            raise ValueError("its tokenizer does not read text word by word")
        told = _json(folder / settings)
        unknown, padding = (backend.token_to_id(_content(told.get(name))) for name in ("unk_token", "pad_token"))
        return cls(backend, unknown, padding, int(told["model_max_length"]))


def read_configuration(folder: Path) -> SimpleNamespace:
    """Return what config.json says, with the numbers of the classes as numbers."""
    told = _json(folder / FILES[-1])
    names = {int(number): name for number, name in told.pop("id2label", {}).items()}
    return SimpleNamespace(**told, id2label=names)


def _json(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _content(token: Any) -> str:
    """Return a special token of tokenizer_config.json, which has it as it is, or with how it is found in text."""
    return str(token["content"] if isinstance(token, dict) else token or "")
