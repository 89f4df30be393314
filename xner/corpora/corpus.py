"""A corpus: the sentences of one language and split, with or without tags, kept in Arrow."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from xner.corpora.labels import LabelMap, rename, spans
from xner.corpora.pending import Pending, on_disk
from xner.errors import DataError

if TYPE_CHECKING:  # they take longer to import than a short text to tag
    import pyarrow as pa
    from datasets import Dataset


class Sentence(NamedTuple):
    """One sentence: its words and, where it is labelled, one IOB2 tag a word."""

    tokens: list[str]
    tags: list[str] | None = None


@dataclass(frozen=True)
class Corpus:
    """Sentences in a fixed order; every result of xner is aligned with it row by row.

    Args:
        name: what the user calls it, for example "demo" or a folder.
        language: the language code.
        split: "train", "dev" or "test".
        data: a column `tokens` and, where labelled, a column `tags` (IOB2), one list a sentence; or what will be that.
        layout: where its reader found words and tags, if not in the usual places.
        notes: what was repaired or left out when it was read, a line each.
    """

    name: str
    language: str
    split: str
    data: "Dataset | Pending"
    layout: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def from_sentences(cls, name: str, language: str, split: str, sentences: Iterable[Sentence]) -> "Corpus":
        """Build a corpus from sentences that are all labelled or all unlabelled; sentences without words are left out.

        Raises:
            DataError: there is no sentence, only some are labelled, or a word or a tag is none.
        """
        where = f"{name} {language}/{split}"
        filled = (sentence for sentence in sentences if sentence.tokens)
        tables = (_table(chunk, where) for chunk in iter(lambda: list(islice(filled, _CHUNK)), []))
        first = next(tables, None)
        if first is None:
            raise DataError(f"{where}: the corpus is empty; expected at least one sentence with a word")
        from datasets import Dataset

        whole = first if len(first) < _CHUNK else on_disk(first, tables, f"{where}: {_MIXED}")
        return cls(name, language, split, Dataset(whole))

    @classmethod
    def concatenate(cls, corpora: Sequence["Corpus"]) -> "Corpus":
        """Return the sentences of several corpora one after the other; none is copied.

        Args:
            corpora: one or more; where their names, languages or splits differ, the result's are joined: "en+pt".

        Raises:
            DataError: only some are labelled.
        """
        if len(corpora) == 1:
            return corpora[0]
        parts = ((corpus.name, corpus.language, corpus.split) for corpus in corpora)
        name, language, split = ("+".join(dict.fromkeys(part)) for part in zip(*parts, strict=True))
        if len({corpus.labelled for corpus in corpora}) > 1:
            raise DataError(f"{name} {language}/{split}: {_MIXED}")
        if not any(isinstance(corpus.data, Pending) for corpus in corpora):
            return cls(name, language, split, _joined(corpora))
        digest = hashlib.sha256(" ".join(corpus.fingerprint for corpus in corpora).encode()).hexdigest()[:16]
        return cls(name, language, split, Pending(digest, corpora[0].labelled, lambda: _joined(corpora)))

    @property
    def rows(self) -> "Dataset":
        """The sentences; those that a stage makes are read when they are first looked at."""
        return self.data.rows if isinstance(self.data, Pending) else self.data

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Sentence]:
        for batch in self.rows.iter(1000):
            tags = batch.get("tags") or [None] * len(batch["tokens"])
            yield from map(Sentence, batch["tokens"], tags)

    def __getitem__(self, number: int) -> Sentence:
        row = self.rows[number]
        return Sentence(row["tokens"], row.get("tags"))

    def __str__(self) -> str:
        return f"{self.name} {self.language}/{self.split}"

    @property
    def title(self) -> str:
        """What results call it: of a path only the last part, so that they do not depend on where the corpus is."""
        return f"{Path(self.name).name} {self.language}/{self.split}"

    @property
    def labelled(self) -> bool:
        """Whether the sentences have tags."""
        return self.data.labelled if isinstance(self.data, Pending) else "tags" in self.data.column_names

    @cached_property
    def fingerprint(self) -> str:
        """A hash of language and content: equal for equal corpora, however they were read.

        Of sentences that a stage makes it is a hash of all that they depend on, known before they are there.
        """
        digest = hashlib.sha256(self.language.encode())
        if isinstance(self.data, Pending):
            return hashlib.sha256(f"{self.language} {self.data.fingerprint}".encode()).hexdigest()[:16]
        for sentence in self:
            digest.update(json.dumps(sentence).encode())
        return digest.hexdigest()[:16]

    @cached_property
    def words(self) -> int:
        """The number of words."""
        return sum(len(sentence.tokens) for sentence in self)

    @cached_property
    def entities(self) -> Counter[str]:
        """The number of entities of each type; empty for an unlabelled corpus."""
        return Counter(span.type for sentence in self for span in spans(sentence.tags or []))

    @property
    def counts(self) -> str:
        """One line of counts for people, such as "2,000 sentences, 25,149 words, LOC 399, PER 343", and the layout."""
        nothing = "no entities" if self.labelled else "unlabelled"
        kinds = [f"{kind} {count:,}" for kind, count in self.entities.most_common()]
        counted = ", ".join([f"{len(self):,} sentences", f"{self.words:,} words", *(kinds or [nothing])])
        return f"{counted}; {self.layout}" if self.layout else counted

    def without_labels(self) -> "Corpus":
        """Return the same sentences with nothing of their tags, which notes may show."""
        return replace(self, notes=())._changed(
            "without labels", lambda rows: rows.select_columns(["tokens"]), labelled=False
        )

    def part(self, start: int, stop: int) -> "Corpus":
        """Return the sentences from number `start` to before number `stop`, or to the end."""
        return self._changed(f"part {start} {stop}", lambda rows: rows.select(range(start, min(stop, len(rows)))))

    def share(self, number: int, shares: int) -> "Corpus":
        """Return the share of this number, from 0 on, of so many that are of equal size."""

        def cut(rows: "Dataset") -> "Dataset":
            return rows.select(range(len(rows) * number // shares, len(rows) * (number + 1) // shares))

        return self._changed(f"share {number} {shares}", cut)

    def chosen(self, numbers: Sequence[int]) -> "Corpus":
        """Return the sentences of these numbers, in the order of the numbers."""
        return self._changed(f"chosen {[*numbers]}", lambda rows: rows.select(numbers))

    def with_entities(self) -> "Corpus":
        """Return the sentences that have an entity."""
        return self._changed("with entities", _with_entities)

    def limit(self, size: int | None, seed: int) -> "Corpus":
        """Cut the corpus down to `size` sentences, drawn with `seed` and left in order; None keeps all."""

        def draw(rows: "Dataset") -> "Dataset":
            if size is None or size >= len(rows):
                return rows
            return rows.select(sorted(np.random.default_rng(seed).choice(len(rows), size, replace=False).tolist()))

        return self if size is None else self._changed(f"limit {size} {seed}", draw)

    def _changed(self, what: str, change: "Callable[[Dataset], Dataset]", labelled: bool | None = None) -> "Corpus":
        """Return the corpus with other rows; `what` names the change where it can only be made later."""
        if not isinstance(self.data, Pending):
            rows = change(self.data)
            return self if rows is self.data else replace(self, data=rows)
        return replace(self, data=self.data.changed(what, change, self.labelled if labelled is None else labelled))

    def relabel(self, label_map: LabelMap) -> "Corpus":
        """Bring the tags into the run's label set.

        Raises:
            DataError: the corpus has a type that the map has no place for.
        """
        names = label_map.check(self.entities, str(self))
        if not self.labelled or all(old == new for old, new in names.items()):
            return self
        renamed = (Sentence(s.tokens, rename(s.tags or [], names)) for s in self)
        return replace(self, data=Corpus.from_sentences(self.name, self.language, self.split, renamed).data)


_CHUNK = 10_000
"""Sentences that are turned into Arrow together; a corpus that has more is kept on disk."""
_IOB2 = re.compile(r"O|[BI]-.+")
_MIXED = "some sentences have tags and some have none; label all of them or none"


def _joined(corpora: Sequence[Corpus]) -> "Dataset":
    from datasets import concatenate_datasets

    return concatenate_datasets([corpus.rows for corpus in corpora])


def _with_entities(rows: "Dataset") -> "Dataset":
    tags = (tags for batch in rows.iter(1000) for tags in batch.get("tags", ()))
    return rows.select([number for number, row in enumerate(tags) if any(tag != "O" for tag in row)])


def _table(sentences: list[Sentence], where: str) -> "pa.Table":
    import pyarrow as pa

    if any(s.tags is not None and len(s.tags) != len(s.tokens) for s in sentences):
        odd = next(s for s in sentences if s.tags is not None and len(s.tags) != len(s.tokens))
        raise DataError(f"{where}: {len(odd.tokens)} words, but {len(odd.tags or [])} tags in {odd.tokens[:8]!r}")
    for sentence in sentences:
        if not all(isinstance(token, str) for token in sentence.tokens):
            raise DataError(f"{where}: a word is no text in {sentence.tokens[:8]!r}")
    kinds = {tag for sentence in sentences for tag in sentence.tags or ()}
    if wrong := [tag for tag in kinds if not isinstance(tag, str) or not _IOB2.fullmatch(tag)]:
        raise DataError(f"{where}: {wrong[0]!r} is not a tag: expected O, B-TYPE or I-TYPE")
    columns = {"tokens": pa.array([s.tokens for s in sentences], pa.list_(pa.string()))}
    tags = [s.tags for s in sentences]
    if any(tag is not None for tag in tags):
        if any(tag is None for tag in tags):
            raise DataError(f"{where}: {_MIXED}")
        columns["tags"] = pa.array(tags, pa.list_(pa.string()))
    return pa.table(columns)
