"""The pieces that the words of a corpus need, and a tokenizer of these alone, which cuts those words as before.

A word's best cut stays the best while all of its pieces are there, whatever others go. So the pieces of a corpus are
all that stand anywhere in one of its words: those of its cuts, those that a merge of BPE passes through, and many that
words of the same language need which the corpus does not have.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from tokenizers import Tokenizer

from xner.errors import UsageError

_KINDS = ("Unigram", "WordPiece", "BPE")
_BLANKS = "▁Ġ"
"""What stands for a blank at the beginning of a piece."""
_CHUNK = 10_000
"""Words that are cut together."""


def needed(backend: Tokenizer, words: Iterable[str]) -> set[str]:
    """Return the pieces that words need, and the single characters of their scripts, so that no word is unknown.

    Letters of other scripts go, and so do pieces that stand in none of the words; other characters stay.

    Args:
        backend: a tokenizer.
        words: each once is enough.

    Raises:
        UsageError: its model is of a kind that cannot be made smaller.
    """
    state = json.loads(backend.to_str())
    model, in_bytes = _model(state), '"ByteLevel"' in json.dumps(state["pre_tokenizer"])
    vocabulary, found, scripts = backend.get_vocab(with_added_tokens=False), set[str](), set[str]()
    longest, inner, last = max(map(len, vocabulary)), _inner(model), model.get("end_of_word_suffix") or ""
    stream = iter(words)
    while chunk := list(islice(stream, _CHUNK)):
        for encoding in backend.encode_batch(chunk, add_special_tokens=False):
            found.update(encoding.tokens)
        for word in chunk:
            scripts.update(map(_script, word))
            for form in _forms(backend, word):
                scripts.update(map(_script, form))
                found.update(_parts(form, longest, inner, last))
    alone = {piece: _alone(piece, inner, last) for piece in vocabulary}
    known = {"", *scripts}
    return {
        piece
        for piece, character in alone.items()
        if piece in found or (character and (in_bytes or _script(character) in known))
    }


def smaller(backend: Tokenizer, kept: set[str]) -> Tokenizer:
    """Return a tokenizer that has only some pieces and its special tokens, in their order.

    Args:
        backend: a tokenizer.
        kept: pieces.

    Raises:
        UsageError: its model is of a kind that cannot be made smaller.
    """
    state = json.loads(backend.to_str())
    model, old = _model(state), backend.get_vocab(with_added_tokens=False)
    added = [token["content"] for token in state["added_tokens"]]
    always = {model.get("unk_token"), *added, *(piece for piece in old if piece.startswith("<0x"))}
    if model["type"] == "Unigram" and model["unk_id"] is not None:
        always.add(model["vocab"][model["unk_id"]][0])
    pieces = [piece for piece in sorted(old, key=old.__getitem__) if piece in kept or piece in always]
    new = {piece: number for number, piece in enumerate(pieces)}
    outside = [token for token in added if token not in new]  # special tokens beside the model's own pieces
    numbers = new | {token: len(new) + place for place, token in enumerate(outside)}
    _cut(model, new)
    for token in state["added_tokens"]:
        token["id"] = numbers[token["content"]]
    _renumber(state["post_processor"], numbers)
    state["padding"] = state["truncation"] = None
    return Tokenizer.from_str(json.dumps(state))


def rows_of(backend: Tokenizer, before: Tokenizer) -> list[int]:
    """Return, for each number of a smaller tokenizer, that of the same piece in the one before.

    Args:
        backend: the smaller one.
        before: the other.
    """
    old = before.get_vocab()
    new = backend.get_vocab()
    return [old[piece] for piece in sorted(new, key=new.__getitem__)]


def _model(state: Mapping[str, Any]) -> dict[str, Any]:
    model: dict[str, Any] = state["model"]
    if model["type"] not in _KINDS:
        raise UsageError(
            f"--trim: a tokenizer of the kind {model['type']} cannot be made smaller; only {', '.join(_KINDS)} can"
        )
    return model


def _inner(model: Mapping[str, Any]) -> str:
    """Return what stands before a piece that does not begin its word."""
    return model.get("continuing_subword_prefix") or ""


def _forms(backend: Tokenizer, word: str) -> Iterator[str]:
    """Yield what a word is cut from: normalized, behind a blank, or in bytes, as the tokenizer has it."""
    text = backend.normalizer.normalize_str(word) if backend.normalizer else word
    yield from (form for form, _ in backend.pre_tokenizer.pre_tokenize_str(text)) if backend.pre_tokenizer else [text]


def _parts(form: str, longest: int, inner: str, last: str) -> Iterator[str]:
    """Yield what stands anywhere in a form, as pieces write it."""
    for start in range(len(form)):
        for end in range(start + 1, min(len(form), start + longest) + 1):
            part = (inner if start else "") + form[start:end]
            yield part
            if last and end == len(form):
                yield part + last


def _alone(piece: str, inner: str, last: str) -> str:
    """Return the character that a piece is, beside marks of where it stands; nothing if it is more than one."""
    character = piece.removeprefix(inner).removesuffix(last)
    if len(character) == 2 and character[0] in _BLANKS:
        character = character[1:]
    return character if len(character) == 1 else ""


def _script(character: str) -> str:
    """Return the script of a letter, as the first word of its name in Unicode; nothing for other characters."""
    return unicodedata.name(character, "").partition(" ")[0] if character.isalpha() else ""


def _cut(model: dict[str, Any], new: Mapping[str, int]) -> None:
    """Leave only some pieces in the model of a tokenizer."""
    if model["type"] == "Unigram":
        unknown = None if model["unk_id"] is None else model["vocab"][model["unk_id"]][0]
        model["vocab"] = [row for row in model["vocab"] if row[0] in new]
        model["unk_id"] = None if unknown is None else new[unknown]
        return
    model["vocab"] = dict(new)
    if model["type"] == "BPE":
        inner = _inner(model)
        pairs = [pair.split(" ") if isinstance(pair, str) else pair for pair in model["merges"]]
        model["merges"] = [
            [left, right] for left, right in pairs if {left, right, left + right.removeprefix(inner)} <= new.keys()
        ]


def _renumber(processor: Any, numbers: Mapping[str, int]) -> None:
    """Give special tokens their new numbers in the last step of a tokenizer."""
    if not isinstance(processor, dict):
        return
    for inner in processor.get("processors", ()):
        _renumber(inner, numbers)
    for mark in ("sep", "cls"):
        if mark in processor:
            processor[mark][1] = numbers[processor[mark][0]]
    if processor["type"] == "TemplateProcessing":
        for token in processor["special_tokens"].values():
            token["ids"] = [numbers[name] for name in token["tokens"]]
