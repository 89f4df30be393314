"""Measurement: tagging text with `transformers.pipeline`, and with xner from Python."""

import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from transformers import pipeline

from tests.benchmarks.corpora import texts
from tests.benchmarks.entities import span
from xner.corpora.corpus import Corpus
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.decoding.decoder import Decoder, DecodingSettings
from xner.machine.hardware import Hardware, Precision
from xner.tagging.tagger import Tagger
from xner.using.predicting import Predictor, joined


def rates(model: str, path: str, size: int, batches: Sequence[int]) -> dict[str, float]:
    """Return the pipeline's sentences a second at each batch size, on the first `size` sentences of a file."""
    tag, some = _load(model, bf16=False), list(islice(texts(path), size))
    found = {}
    for batch in batches:
        started = time.perf_counter()
        tag(some, batch_size=batch)
        found[str(batch)] = len(some) / (time.perf_counter() - started)
    return found


def run(model: str, path: str, size: int, batch: int, bf16: bool = False) -> dict[str, Any]:
    """Tag the first `size` sentences of a file with the pipeline.

    Returns:
        "seconds" of the tagging alone; "entities" of each sentence.
    """
    tag, some = _load(model, bf16), list(islice(texts(path), size))
    started = time.perf_counter()
    found = tag(some, batch_size=batch)
    seconds = time.perf_counter() - started
    entities = [
        [span(one["entity_group"], one["start"], one["end"], text) for one in row]
        for text, row in zip(some, found, strict=True)
    ]
    return {"seconds": seconds, "entities": entities}


def decoding(model: str, path: str, size: int) -> dict[str, float]:
    """Return the seconds of xner's model and of its decoding by the default rule, on the first `size` sentences."""
    tagger = Tagger.load(Path(model), Hardware.choose("auto"))
    some = Corpus.from_sentences("some", "", "", islice(read(path, ReadOptions()), size))
    decoder = Decoder(tagger.labels, DecodingSettings())
    started = time.perf_counter()
    rows = list(tagger.probabilities(some))
    between = time.perf_counter()
    list(decoder.decode(rows))
    return {"model": between - started, "decoding": time.perf_counter() - between}


def xner(model: str, path: str, size: int, precision: Precision) -> dict[str, Any]:
    """Tag the same with xner in a given precision; see `run`."""
    return _tagged(Tagger.load(Path(model), Hardware.choose(precision)), path, size)


def _tagged(tagger: Tagger, path: str, size: int) -> dict[str, Any]:
    predictor = Predictor(tagger)
    some = [joined(sentence.tokens) for sentence in islice(read(path, ReadOptions()), size)]
    started = time.perf_counter()
    found = list(predictor.tag_words(some))
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "entities": [[span(one.type, one.start, one.end, tagged.text) for one in tagged.entities] for tagged in found],
    }


def quantized(model: str, path: str, size: int) -> dict[str, Any]:
    """Tag the same with products of int8, by torch's dynamic quantization of float32 weights; see `run`."""
    tagger = Tagger.load(Path(model), Hardware(torch.device("cpu"), bf16=False), trainable=True)
    tagger.model = torch.ao.quantization.quantize_dynamic(tagger.model, {torch.nn.Linear}, dtype=torch.qint8)
    return _tagged(tagger, path, size)


def _load(model: str, bf16: bool) -> Any:
    made = pipeline(
        "token-classification",
        model=model,
        aggregation_strategy="first",
        dtype=torch.bfloat16 if bf16 else torch.float32,
    )
    made(["A sentence ."])  # what the first call prepares is no part of the rate
    return made
