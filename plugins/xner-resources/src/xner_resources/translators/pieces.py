"""Pieces of words, as translation models read and write them."""

from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from xner.errors import DataError

_OF_TRANSFORMERS = ("tokenizer_config.json", "tokenizer.json")
_OF_SENTENCEPIECE = ("source.spm", "sentencepiece.model", "sentencepiece.bpe.model", "spm.model")


class Pieces(Protocol):
    """Cuts a text into pieces and joins pieces to a text."""

    def cut(self, text: str) -> list[str]:
        """Return the pieces of a text, with those that the model expects at its ends."""

    def join(self, pieces: list[str]) -> str:
        """Return the text of pieces."""


class TransformersPieces:
    """By a tokenizer of transformers.

    Args:
        folder: where it is.
        language: what it calls the source's language; "" if the model is of one.
    """

    def __init__(self, folder: Path, language: str) -> None:
        from transformers import AutoTokenizer

        try:
            known = AutoTokenizer.from_pretrained(str(folder), trust_remote_code=False)  # nosec B615 # a folder
            self._tokenizer: Any = known
        except Exception as error:  # tokenizers raises Exception itself
            reason = str(error).strip().splitlines()[0][:200]
            raise DataError(f"{folder}: its tokenizer cannot be loaded: {reason}") from error
        if language:
            self._tokenizer.src_lang = language

    def cut(self, text: str) -> list[str]:
        """Return the pieces of a text."""
        pieces: list[str] = self._tokenizer.convert_ids_to_tokens(self._tokenizer.encode(text))
        return pieces

    def join(self, pieces: list[str]) -> str:
        """Return the text of pieces."""
        ids = self._tokenizer.convert_tokens_to_ids(pieces)
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True)
        return text


class SentencePieces:
    """By sentencepiece's models.

    Args:
        folder: where they are; `target.spm` is for the target, or there is one for both.
        language: what the model calls the source's language, which then stands first; "" if it is of one.
    """

    def __init__(self, folder: Path, language: str) -> None:
        try:
            library = import_module("sentencepiece")
        except ImportError as error:
            raise DataError(
                f"{folder}: its tokenizer is sentencepiece's, which is not installed: "
                'pip install "xner-resources[ctranslate2]"'
            ) from error
        source = next(folder / name for name in _OF_SENTENCEPIECE if (folder / name).is_file())
        target = folder / "target.spm" if (folder / "target.spm").is_file() else source
        self._source, self._target = (library.SentencePieceProcessor(model_file=str(file)) for file in (source, target))
        self._first = [language] if language else []

    def cut(self, text: str) -> list[str]:
        """Return the pieces of a text, and the end of the sentence."""
        return [*self._first, *self._source.encode(text, out_type=str), "</s>"]

    def join(self, pieces: list[str]) -> str:
        """Return the text of pieces."""
        text: str = self._target.decode([piece for piece in pieces if piece not in ("<s>", "</s>", "<pad>")])
        return text


def pieces_of(folder: Path, language: str) -> Pieces:
    """Return what cuts texts for the model in a folder.

    Raises:
        DataError: there is no tokenizer, or it cannot be loaded.
    """
    if any((folder / name).is_file() for name in _OF_TRANSFORMERS):
        return TransformersPieces(folder, language)
    if any((folder / name).is_file() for name in _OF_SENTENCEPIECE):
        return SentencePieces(folder, language)
    raise DataError(
        f"{folder}: there is no tokenizer beside the model; put there the original model's: "
        f"{' or '.join((*_OF_TRANSFORMERS, *_OF_SENTENCEPIECE))}"
    )
