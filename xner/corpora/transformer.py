"""The base class of transformers: what makes another corpus of a corpus."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from datasets import Dataset

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.pending import Pending, read_rows, write_rows
from xner.errors import DataError, XnerError
from xner.plugin.component import Component
from xner.store.stages import Stage

_ROWS = "corpus.arrow"
"""The file, inside a stage that transformed, of the new sentences."""


class Transformer(Component, ABC):
    """Makes a corpus of a corpus: it chooses sentences, or writes others in their place."""

    kind: ClassVar[str] = "transformers"

    @abstractmethod
    def transform(self, corpus: Corpus, beside: Sequence[Corpus], seed: int) -> Iterable[Sentence]:
        """Yield the sentences of the new corpus, at least one; they have tags where those of `corpus` have some.

        Args:
            corpus: the sentences; those of the target have no tags.
            beside: other corpora of the run that may be looked at: the target's for a source, the sources' for a
                target.
            seed: of everything drawn at random.
        """

    def identity(self) -> str:
        """Return a text that changes when what it reads changes, such as a dictionary; stages are keyed by it."""
        return ""


def write_transformed(folder: Path, corpus: Corpus, sentences: Iterable[Sentence], who: str) -> None:
    """Write the sentences of a new corpus.

    Args:
        folder: where to.
        corpus: what they were made of.
        sentences: the new ones.
        who: made them, for messages.

    Raises:
        XnerError: there is none, or they have other tags than such a corpus has.
    """
    try:
        made = Corpus.from_sentences(corpus.name, corpus.language, corpus.split, sentences)
    except DataError as error:
        raise XnerError(f"{who} made of {error}") from error
    if made.labelled != corpus.labelled:
        raise XnerError(f"{who} {'gave tags to' if made.labelled else 'took the tags of'} {corpus}; it must not")
    if odd := sorted(made.entities.keys() - corpus.entities.keys()):
        raise XnerError(f"{who} made entities of the type {odd[0]}, which {corpus} does not have")
    write_rows(folder / _ROWS, made.rows)


def write_tagged(folder: Path, corpus: Corpus, tags: Iterable[list[str]]) -> Corpus:
    """Write sentences with tags that a tagger chose, and return them.

    Args:
        folder: where to.
        corpus: the sentences; all have words.
        tags: one for each word of each sentence, in IOB2.
    """
    sentences = (Sentence(s.tokens, own) for s, own in zip(corpus, tags, strict=True))
    made = Corpus.from_sentences(corpus.name, corpus.language, corpus.split, sentences)
    write_rows(folder / _ROWS, made.rows)
    return made


def transformed(corpus: Corpus, stage: Stage, made_by: str, labelled: bool) -> Corpus:
    """Return the corpus that a stage makes of another, before or after it is done.

    Args:
        corpus: the other.
        stage: what makes it.
        made_by: what makes it, such as the transformer's name.
        labelled: whether it will have tags.
    """

    def read() -> Dataset:
        if not stage.done:
            raise XnerError(f"the stage '{stage.title}' is not done, so its sentences cannot be looked at in a dry run")
        return read_rows(stage.folder / _ROWS)

    return replace(corpus, name=f"{corpus.name} ({made_by})", data=Pending(stage.key, labelled, read, made_by))


def made_by(corpus: Corpus) -> str:
    """Return, for people and in brackets, what a stage made a corpus with; nothing if it was read."""
    return f" ({corpus.data.made_by})" if isinstance(corpus.data, Pending) and corpus.data.made_by else ""
