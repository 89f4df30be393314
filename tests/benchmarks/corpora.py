"""Measurement: the sentences that both sides get."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

from tests.scored import score
from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.loading import load_corpora
from xner.runs.mixing import configure
from xner.tagging.tagger import Tagger


def count(settings: Mapping[str, Any], tagger: str = "") -> dict[str, int]:
    """Return how much a run's corpora hold.

    Args:
        settings: of the run, by dotted name.
        tagger: a folder with a tagger, to count the sub-words (special ones included) of its windows.
    """
    config = configure(Plugins.load(), settings)
    data = load_corpora(config, Components(Plugins.load(), config))
    counts = {"source_words": data.sources[0].words, "target_words": data.target.words, "target": len(data.target)}
    if tagger:
        windows = Tagger.load(Path(tagger)).windower.windows
        for name, corpus in (("source", data.sources[0]), ("target", data.target)):
            counts[f"{name}_tokens"] = sum(len(window.input_ids) for window in windows(corpus))
    return counts


def mix(data: str, languages: Sequence[str], size: int, path: str) -> dict[str, int]:
    """Write sentences of several languages in a random order, words without tags, as JSON Lines.

    Args:
        data: the folder with LANGUAGE/SPLIT.conll.
        languages: those to take, where there are such.
        size: how many sentences; test splits first, then dev, then train.
        path: the file.
    """
    files = [Path(data) / language / f"{split}.conll" for split in ("test", "dev", "train") for language in languages]
    sentences = [sentence for file in files if file.is_file() for sentence in read(file, ReadOptions())]
    sentences = list(islice(cycle(sentences), size))
    Random(0).shuffle(sentences)
    return _write(path, sentences)


def repeat(data: str, language: str, size: int, path: str) -> dict[str, int]:
    """Write the train split of a language, again and again until there are `size` sentences, without tags."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    return _write(path, islice(cycle(read(Path(data) / language / "train.conll", ReadOptions())), size))


def rate(gold: str, predicted: str) -> dict[str, float]:
    """Return F1 of a file of predicted tags, by xner's own scoring."""
    right, guess = ([s.tags or [] for s in read(path, ReadOptions())] for path in (gold, predicted))
    return {"f1": score(right, guess, gold).overall.f1}


def pieces(tagger: str, path: str) -> dict[str, int]:
    """Return how many sub-words (special ones included) a tagger makes of the sentences of a JSON Lines file."""
    corpus = Corpus.from_sentences(path, "", "", read(Path(path), ReadOptions()))
    return {"pieces": sum(len(window.input_ids) for window in Tagger.load(Path(tagger)).windower.windows(corpus))}


def texts(path: str) -> Iterator[str]:
    """Yield the sentences of a JSON Lines file as text, with blanks between the words."""
    with Path(path).open(encoding="utf-8") as file:
        yield from (" ".join(json.loads(line)["tokens"]) for line in file)


def _write(path: str, sentences: Any) -> dict[str, int]:
    bare = [Sentence(sentence.tokens) for sentence in sentences]
    with Path(path).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps({"tokens": sentence.tokens}) + "\n" for sentence in bare)
    return {"sentences": len(bare), "words": sum(len(sentence.tokens) for sentence in bare)}
