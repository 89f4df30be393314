"""A student in a plain pipeline of transformers: how to call it, and what it finds there beside `xner predict`."""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import TokenClassificationPipeline

from xner.corpora.corpus import Corpus
from xner.corpora.labels import spans
from xner.corpora.words import running_text
from xner.runs.settings import RunConfig
from xner.scoring.counts import precision_recall_f1
from xner.tagging.subwords import aggregation
from xner.tagging.tagger import Tagger
from xner.using.predicting import Predictor

Found = list[set[tuple[str, int, int]]]
"""The entities of each text: type, first character and last plus one."""
_SENTENCES = 100


@dataclass(frozen=True)
class Outside:
    """How to call a student in a pipeline, and the F1 of both on the same running text.

    Args:
        strategy: its `aggregation_strategy`.
        stride: its `stride`, without which it reads the beginning of a long text only.
        sentences: how many were tagged; 0 where there are no labels to score with.
        xner: F1 of `xner predict`, in per cent.
        pipeline: F1 of the pipeline, in per cent.
    """

    strategy: str
    stride: int
    sentences: int = 0
    xner: float = 0.0
    pipeline: float = 0.0


def outside(tagger: Tagger, config: RunConfig, test: Corpus | None) -> Outside:
    """Find out how a student is to be called outside of xner, and measure what that costs.

    Args:
        tagger: the student.
        config: the run's settings.
        test: labelled sentences; of the first hundred, running text is made by `xner.corpora.words.running_text`.
    """
    further = config.student.subwords > 0 and config.component("teachers", "recognizer").get("subwords", 1) > 0
    strategy, stride = aggregation(tagger.tokenizer, further), tagger.max_length // 4
    if test is None:
        return Outside(strategy, stride)
    some = list(test.part(0, _SENTENCES))
    running = [running_text(sentence.tokens) for sentence in some]
    gold = [
        {(span.type, words[span.start].start, words[span.end - 1].end) for span in spans(sentence.tags or [])}
        for sentence, (_, words) in zip(some, running, strict=True)
    ]
    texts = [text for text, _ in running]
    own = [{(e.type, e.start, e.end) for e in entities} for entities in Predictor(tagger).predict(texts)]
    plain = _piped(tagger, texts, strategy, stride)
    return Outside(strategy, stride, len(some), _f1(gold, own), _f1(gold, plain))


def _piped(tagger: Tagger, texts: list[str], strategy: str, stride: int) -> Found:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its words are a guess is why this is measured
        pipe: Any = TokenClassificationPipeline(
            model=tagger.model,
            tokenizer=tagger.tokenizer,
            aggregation_strategy=strategy,
            stride=stride,
            device=tagger.hardware.device,
        )
        return [{(e["entity_group"], e["start"], e["end"]) for e in pipe(text)} for text in texts]


def _f1(gold: Found, found: Found) -> float:
    right = sum(len(known & said) for known, said in zip(gold, found, strict=True))
    counts = np.array([right, sum(map(len, found)), sum(map(len, gold))])
    return round(float(precision_recall_f1(counts)[2]), 2)
