"""A tagger for one language: the same model with the rows of the word embeddings that its language needs."""

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from typing import Any

import numpy as np
import regex
import torch
from torch import nn
from transformers import PreTrainedModel

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.words import SPACELESS
from xner.errors import DataError, UsageError, XnerError
from xner.tagging.tagger import Tagger
from xner.tagging.wordwise import plain_class
from xner.using.vocabulary import needed, rows_of, smaller

_LETTERS = regex.compile(rf"(?:{SPACELESS}\p{{M}}*)+", regex.VERSION1)
_EVERY = 10
"""Of the sentences, every so many-th is held out when the loss is measured."""
_TAGGED = 200
"""Held-out sentences that are tagged."""
_NUMBERS = ("pad", "bos", "eos", "cls", "sep", "unk", "mask", "decoder_start")
"""The special tokens whose numbers a configuration may have, as NAME_token_id."""


@dataclass(frozen=True)
class Loss:
    """What a smaller vocabulary changes in text that it was not chosen for.

    It is measured on every tenth sentence, with the pieces that the others need.

    Args:
        words: words of the held-out sentences.
        otherwise: those of them that are cut in another way.
        unseen: words that the others do not have.
        unseen_otherwise: those of them that are cut in another way.
        entities: what the whole student finds in the first held-out sentences.
        same: entities that the smaller one finds there, too, with the same words and type.
        more: entities that only the smaller one finds.
    """

    words: int
    otherwise: int
    unseen: int
    unseen_otherwise: int
    entities: int
    same: int
    more: int


@dataclass(frozen=True)
class Trimmed:
    """A smaller tagger, and what is known of it.

    Args:
        tagger: it shares all other weights with the one that it was made of.
        pieces: of its tokenizer.
        before: pieces of the whole one.
        sentences: of the corpus by which they were chosen.
        loss: None if the corpus has too few sentences to measure it.
    """

    tagger: Tagger
    pieces: int
    before: int
    sentences: int
    loss: Loss | None

    def noted(self) -> dict[str, object]:
        """Return the numbers for JSON."""
        numbers = {"pieces": self.pieces, "pieces_before": self.before, "sentences": self.sentences}
        return numbers | {"loss": asdict(self.loss) if self.loss else None}


def trim(tagger: Tagger, sentences: Iterable[Sentence], where: str) -> Trimmed:
    """Return a tagger that knows only the pieces that a corpus needs, and says of its words what the whole one says.

    Args:
        tagger: the whole one, in float32 on the CPU.
        sentences: the corpus; only its words count.
        where: what it is called in messages.

    Raises:
        DataError: the corpus is empty.
        UsageError: the tokenizer or the model cannot be made smaller.
        XnerError: the smaller model computes something else.
    """
    rest, held, tagged, number = set[str](), list[str](), list[Sentence](), 0
    for number, sentence in enumerate(sentences, 1):
        if number % _EVERY:
            rest.update(units(sentence.tokens))
            continue
        held += units(sentence.tokens)
        if len(tagged) < _TAGGED:
            tagged.append(Sentence(sentence.tokens))
    if not number:
        raise DataError(f"{where}: the corpus is empty; expected text of the student's language")
    backend = tagger.tokenizer.backend_tokenizer
    kept = needed(backend, rest)
    loss = _loss(tagger, narrowed(tagger, kept), rest, held, tagged) if held else None
    whole = narrowed(tagger, kept | needed(backend, set(held))) if held else narrowed(tagger, kept)
    known = tagged or [Sentence([word]) for word in sorted(rest)[:_TAGGED]]
    _check(tagger, whole, known)
    return Trimmed(whole, len(whole.tokenizer), len(tagger.tokenizer), number, loss)


def units(tokens: Sequence[str]) -> list[str]:
    """Return what of a sentence a tokenizer cuts as one.

    These are its words, but letters of a script without spaces that stand alone, as in a corpus of raw text, are
    together what running text has there.

    Args:
        tokens: the words.
    """
    groups = groupby(tokens, lambda token: len(token) == 1 and bool(_LETTERS.fullmatch(token)))
    return [unit for alone, group in groups for unit in (["".join(group)] if alone else group)]


def narrowed(tagger: Tagger, kept: set[str]) -> Tagger:
    """Return a tagger with some pieces of its vocabulary; all weights but the word embeddings are shared.

    Args:
        tagger: the whole one.
        kept: the pieces; special tokens stay in any case.

    Raises:
        UsageError: it cannot be made smaller.
    """
    before = tagger.tokenizer.backend_tokenizer
    backend = smaller(before, kept)
    rows = rows_of(backend, before)
    tokenizer = plain_class(backend, tagger.tokenizer)
    return replace(tagger, model=_with_rows(tagger, rows), tokenizer=tokenizer)


def _with_rows(tagger: Tagger, rows: list[int]) -> PreTrainedModel:
    """Return a copy of a model that has only some rows of its word embeddings."""
    model = tagger.model
    table = model.get_input_embeddings()
    if not isinstance(table, nn.Embedding) or max(rows) >= len(table.weight):
        raise UsageError(f"--trim: {type(model).__name__} has no table of word embeddings that could be made smaller")
    new = {number: place for place, number in enumerate(rows)}
    narrow = nn.Parameter(table.weight.detach()[torch.tensor(rows)])
    shared: dict[int, Any] = {id(weight): weight for weight in model.parameters()} | {id(table.weight): narrow}
    made = copy.deepcopy(model, shared)  # wherever the same table is, the narrow one takes its place
    for part in made.modules():
        if isinstance(part, nn.Embedding) and part.weight is narrow:
            part.num_embeddings = len(rows)
            part.padding_idx = None if part.padding_idx is None else new[part.padding_idx]
    made.config.vocab_size = len(rows)
    for name in _NUMBERS:
        number = getattr(made.config, f"{name}_token_id", None)
        if isinstance(number, int):
            setattr(made.config, f"{name}_token_id", new.get(number))
    return made


def _loss(whole: Tagger, small: Tagger, rest: set[str], held: list[str], tagged: list[Sentence]) -> Loss:
    words, found = list(dict.fromkeys(held)), [_entities(tagger, tagged) for tagger in (whole, small)]
    cuts = zip(words, _cuts(whole, words), _cuts(small, words), strict=True)
    apart = {word for word, one, two in cuts if one != two}
    return Loss(
        words=len(held),
        otherwise=sum(word in apart for word in held),
        unseen=len(set(words) - rest),
        unseen_otherwise=len(apart - rest),
        entities=len(found[0]),
        same=len(found[0] & found[1]),
        more=len(found[1] - found[0]),
    )


def _cuts(tagger: Tagger, words: list[str]) -> Iterator[list[str]]:
    encodings = tagger.tokenizer.backend_tokenizer.encode_batch(words, add_special_tokens=False)
    return (encoding.tokens for encoding in encodings)


def _entities(tagger: Tagger, sentences: list[Sentence]) -> set[tuple[object, ...]]:
    tagged = tagger.tag(Corpus.from_sentences("held out", "", "", sentences))
    return {(number, *span) for number, decoded in enumerate(tagged) for span in decoded.entities}


def _check(whole: Tagger, small: Tagger, sentences: list[Sentence]) -> None:
    """Compare what two taggers say of the same sentences.

    Raises:
        XnerError: it is not the same.
    """
    corpus = Corpus.from_sentences("known", "", "", sentences)
    one, two = (np.concatenate(list(tagger.probabilities(corpus))) for tagger in (whole, small))
    if not np.allclose(one, two, atol=1e-4):
        raise XnerError(
            f"--trim: with fewer pieces, {type(whole.model).__name__} says something else of the corpus's own words (a "
            f"probability is off by {abs(one - two).max():.2g}), so it cannot be made smaller; export it whole"
        )
