"""What a corpus looks like: counts, duplicates, lengths and coloured samples."""

from collections import Counter
from itertools import combinations

import numpy as np
from pydantic import BaseModel

from xner.corpora.corpus import Corpus
from xner.corpora.labels import spans
from xner.corpora.source import CorpusReader

_ORDER = ("train", "dev", "test")


class Lengths(BaseModel):
    """Words a sentence: the shortest, the median, the 95th percentile and the longest."""

    min: int
    median: float
    p95: float
    max: int


class SplitReport(BaseModel):
    """The numbers of one split, and how it was read; `duplicates` counts sentences that stood earlier, tags aside."""

    sentences: int
    words: int
    labelled: bool
    entities: dict[str, int]
    duplicates: int
    lengths: Lengths
    layout: str = ""
    notes: list[str] = []


class Sample(BaseModel):
    """One sentence and the split that it was drawn from."""

    split: str
    tokens: list[str]
    tags: list[str] | None


class CorpusReport(BaseModel):
    """All that is shown of a language of a corpus; `shared` counts the sentences of "B" that stand in "A", as "A/B"."""

    name: str
    language: str
    splits: dict[str, SplitReport]
    shared: dict[str, int]
    samples: list[Sample]


def inspect(source: CorpusReader, language: str, samples: int = 5, seed: int = 0) -> CorpusReport:
    """Read all splits of a language and describe them.

    Args:
        source: where the corpus comes from; where it cannot tell its splits, "train" is read.
        language: the language code.
        samples: how many sentences of the first split to draw, from those with an entity if there are any.
        seed: which sentences are drawn.

    Raises:
        DataError: there is no such language, or it cannot be read.
    """
    names = source.splits().get(language, _ORDER[:1])
    order = sorted(names, key=lambda name: (_ORDER.index(name) if name in _ORDER else len(_ORDER), name))
    corpora = {name: source.load(language, name) for name in order}
    texts = {name: Counter(tuple(sentence.tokens) for sentence in corpus) for name, corpus in corpora.items()}
    first = corpora[order[0]]
    return CorpusReport(
        name=first.name,
        language=language,
        splits={name: _describe(corpus, len(texts[name])) for name, corpus in corpora.items()},
        shared={
            f"{one}/{other}": sum(count for text, count in texts[other].items() if text in texts[one])
            for one, other in combinations(order, 2)
        },
        samples=_draw(first, samples, seed),
    )


def _describe(corpus: Corpus, different: int) -> SplitReport:
    lengths = [len(sentence.tokens) for sentence in corpus]
    median, p95 = np.percentile(lengths, [50, 95]).tolist()
    return SplitReport(
        sentences=len(corpus),
        words=corpus.words,
        labelled=corpus.labelled,
        entities=dict(corpus.entities.most_common()),
        duplicates=len(corpus) - different,
        lengths=Lengths(min=min(lengths), median=median, p95=p95, max=max(lengths)),
        layout=corpus.layout,
        notes=list(corpus.notes),
    )


def _draw(corpus: Corpus, size: int, seed: int) -> list[Sample]:
    sentences = list(corpus)
    chosen = [sentence for sentence in sentences if spans(sentence.tags or [])] or sentences
    places = np.random.default_rng(seed).permutation(len(chosen))[:size]
    return [
        Sample(split=corpus.split, tokens=chosen[place].tokens, tags=chosen[place].tags) for place in sorted(places)
    ]
