"""What a corpus looks like: counts, duplicates, lengths and coloured samples."""

from collections import Counter
from itertools import combinations

import numpy as np
from pydantic import BaseModel
from rich.console import Group
from rich.table import Table
from rich.text import Text

from xner.base import CorpusSource
from xner.corpus import Corpus, Sentence
from xner.labels import spans

_ORDER = ("train", "dev", "test")
_STYLES = ("black on cyan", "black on yellow", "black on green", "black on magenta", "white on blue", "white on red")


class Lengths(BaseModel):
    """Words a sentence: the shortest, the median, the 95th percentile and the longest."""

    min: int
    median: float
    p95: float
    max: int


class SplitReport(BaseModel):
    """The numbers of one split; `duplicates` counts the sentences that stood earlier in it, tags aside."""

    sentences: int
    words: int
    labelled: bool
    entities: dict[str, int]
    duplicates: int
    lengths: Lengths


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


def inspect(source: CorpusSource, language: str, samples: int = 5, seed: int = 0) -> CorpusReport:
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
    )


def _draw(corpus: Corpus, size: int, seed: int) -> list[Sample]:
    sentences = list(corpus)
    chosen = [sentence for sentence in sentences if spans(sentence.tags or [])] or sentences
    places = np.random.default_rng(seed).permutation(len(chosen))[:size]
    return [
        Sample(split=corpus.split, tokens=chosen[place].tokens, tags=chosen[place].tags) for place in sorted(places)
    ]


def render(report: CorpusReport) -> Group:
    """Return the report for a terminal: a table with a column for each split, then the samples."""
    table = Table(title=Text(f"{report.name} {report.language}"), title_justify="left")
    table.add_column("")
    for name in report.splits:
        table.add_column(name, justify="right")
    splits = report.splits.values()
    types = list(dict.fromkeys(kind for split in splits for kind in split.entities))
    table.add_row("sentences", *(f"{split.sentences:,}" for split in splits))
    table.add_row("words", *(f"{split.words:,}" for split in splits), end_section=True)
    for kind in types:
        table.add_row(Text(kind, _style(kind, types)), *(f"{split.entities.get(kind, 0):,}" for split in splits))
    if not types:
        table.add_row("entities", *("none" if split.labelled else "unlabelled" for split in splits))
    table.add_section()
    for field in ("min", "median", "p95", "max"):
        table.add_row(f"words a sentence, {field}", *(f"{getattr(split.lengths, field):g}" for split in splits))
    table.add_section()
    table.add_row("repeated within", *(f"{split.duplicates:,}" for split in splits))
    for one in list(report.splits)[:-1]:
        cells = (report.shared.get(f"{one}/{other}") for other in report.splits)
        table.add_row(f"found in {one}", *("" if count is None else f"{count:,}" for count in cells))
    samples = (highlight(Sentence(sample.tokens, sample.tags), types) for sample in report.samples)
    return Group(table, *(Text.assemble((f"{number} ", "dim"), text) for number, text in enumerate(samples, 1)))


def highlight(sentence: Sentence, types: list[str]) -> Text:
    """Return a sentence with its entities coloured by type and, for terminals without colours, in brackets."""
    text, done = Text(), 0
    for span in spans(sentence.tags or []):
        text.append("".join(f"{token} " for token in sentence.tokens[done : span.start]))
        words = " ".join(sentence.tokens[span.start : span.end])
        text.append(f"[{span.type} {words}]", _style(span.type, types)).append(" ")
        done = span.end
    return text.append(" ".join(sentence.tokens[done:]))


def _style(kind: str, types: list[str]) -> str:
    return _STYLES[types.index(kind) % len(_STYLES)]
