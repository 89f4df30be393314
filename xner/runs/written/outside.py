"""A student in a plain pipeline of transformers: how to call it, and what it finds there beside `xner predict`."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import TokenClassificationPipeline

from xner.corpora.corpus import Corpus
from xner.corpora.labels import spans
from xner.corpora.words import Word, running_text
from xner.scoring.counts import precision_recall_f1
from xner.tagging.tagger import Tagger
from xner.tagging.wordwise import words_of
from xner.using.predicting import Predictor

Found = list[set[tuple[str, int, int]]]
"""The entities of each text: type, first character and last plus one."""
_SENTENCES = 100


@dataclass(frozen=True)
class Outside:
    """How to call a student in a pipeline, and the F1 of both on the same running text, in per cent.

    Args:
        spaced: whether its words must be set apart by spaces, since a pipeline knows them by these alone.
        stride: its `stride`, without which it reads the beginning of a long text only.
        decoding: how `xner` chooses its tags; a pipeline takes each word's best one.
        sentences: how many were tagged; 0 where there are no labels to score with.
        xner: F1 of `xner predict`.
        pipeline: F1 of the pipeline that is called so.
        plain: F1 of one that gets the text as it is, and where words must be set apart believes each piece ("simple").
    """

    spaced: bool
    stride: int
    decoding: str
    sentences: int = 0
    xner: float = 0.0
    pipeline: float = 0.0
    plain: float = 0.0


def outside(tagger: Tagger, corpus: Corpus) -> Outside:
    """Find out how a student is to be called outside of xner, and measure what that costs.

    Args:
        tagger: the student.
        corpus: sentences of its language; of the first hundred, running text is made by
            `xner.corpora.words.running_text`, on which it is scored if they are labelled.
    """
    some = list(corpus.part(0, _SENTENCES))
    running = [running_text(sentence.tokens) for sentence in some]
    texts = [text for text, _ in running]
    # pieces of WordPiece show which of them begin words; of others, a pipeline believes that only a space ends a word
    spaced = not getattr(tagger.tokenizer.backend_tokenizer.model, "continuing_subword_prefix", None)
    stride = tagger.max_length // 4
    if not corpus.labelled:
        return Outside(spaced, stride, tagger.decoder.rule)
    gold = [
        {(span.type, words[span.start].start, words[span.end - 1].end) for span in spans(sentence.tags or [])}
        for sentence, (_, words) in zip(some, running, strict=True)
    ]
    own = [{(e.type, e.start, e.end) for e in entities} for entities in Predictor(tagger).predict(texts)]
    as_said = _f1(gold, _piped(tagger, texts, "first", stride, spaced))
    plain = _f1(gold, _piped(tagger, texts, "simple", stride)) if spaced else as_said
    return Outside(spaced, stride, tagger.decoder.rule, len(some), _f1(gold, own), as_said, plain)


def _piped(tagger: Tagger, texts: list[str], strategy: str, stride: int, spaced: bool = False) -> Found:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that its words are a guess is why this is measured
        pipe: Any = TokenClassificationPipeline(
            model=tagger.model,
            tokenizer=tagger.tokenizer,
            aggregation_strategy=strategy,
            stride=stride,
            device=tagger.hardware.device,
        )
        return [_entities(pipe, text, words_of(tagger.tokenizer, text) if spaced else None) for text in texts]


def _entities(pipe: Callable[[str], list[Any]], text: str, words: list[Word] | None) -> set[tuple[str, int, int]]:
    """Call a pipeline as the code on the card does; with words, these are set apart."""
    places = [(0, len(text))] if words is None else [(word.start, word.end) for word in words]
    origin = [at for start, end in places for at in (*range(start, end), end)]
    found = pipe(" ".join(text[start:end] for start, end in places))
    return {(one["entity_group"], origin[one["start"]], origin[one["end"] - 1] + 1) for one in found}


def _f1(gold: Found, found: Found) -> float:
    right = sum(len(known & said) for known, said in zip(gold, found, strict=True))
    counts = np.array([right, sum(map(len, found)), sum(map(len, gold))])
    return round(float(precision_recall_f1(counts)[2]), 2)
