"""Exported students at work: ONNX Runtime and tokenizers alone, neither torch nor transformers."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

import numpy as np
import psutil

from xner.corpora.corpus import Sentence
from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import Decoded, Decoder, DecodingSettings
from xner.decoding.noted import noted_decoder
from xner.errors import DataError, require
from xner.tagging.classes import Reading, Wanted, read_classes
from xner.tagging.quick.batching import Room, run_in_batches
from xner.tagging.quick.pieces import Pieces, read_configuration
from xner.tagging.windows import Window, Windower, side_by_side

MODEL = "model.onnx"
"""The file by which a folder is known to hold an exported student."""
EXTRA = "onnx"
"""What is installed for it."""
_SLOW_FUSIONS = ("SkipLayerNormFusion", "BiasGeluFusion")
"""On a CPU, these fused operators are slower than those that they replace."""


class Session:
    """A session of ONNX Runtime; it uses as many threads as OMP_NUM_THREADS says, or else one for each core.

    Args:
        file: the graph, with the inputs `input_ids` and `attention_mask` and the output `logits`.

    Raises:
        XnerError: ONNX Runtime is not installed.
    """

    def __init__(self, file: Path) -> None:
        runtime = require(EXTRA, "onnxruntime")
        options = runtime.SessionOptions()
        options.intra_op_num_threads = _threads()
        options.log_severity_level = 3  # errors only
        providers = ["CPUExecutionProvider"]
        self._session = runtime.InferenceSession(str(file), options, providers, disabled_optimizers=_SLOW_FUSIONS)

    def scores(self, input_ids: np.ndarray, attention_mask: np.ndarray) -> np.ndarray:
        """Return the scores of the classes (B, longest, classes) of each sub-word.

        Args:
            input_ids: (B, longest) sub-words.
            attention_mask: (B, longest) 1 where there is one.
        """
        inputs = {"input_ids": input_ids, "attention_mask": attention_mask}
        return np.asarray(self._session.run(["logits"], inputs)[0])


@dataclass
class ExportedTagger:
    """A student that was written as ONNX; it tags as the student does.

    Args:
        session: runs the model.
        tokenizer: its tokenizer.
        labels: the label set.
        chosen_on: what decided which checkpoint it is.
        decoding: how tags are chosen from probabilities.
        bigrams: the tag bigrams of its sources; None: not known.
        reading: turns the model's classes into tags; None: they are the tags.
        room: how much it reads at once.
    """

    session: Session
    tokenizer: Pieces
    labels: LabelSet
    chosen_on: str = "not recorded"
    decoding: DecodingSettings = field(default_factory=DecodingSettings)
    bigrams: Bigrams | None = None
    reading: Reading | None = None
    room: Room = field(default_factory=Room)

    @classmethod
    def load(cls, folder: Path) -> "ExportedTagger":
        """Read a student from a folder that `xner export` wrote.

        Raises:
            XnerError: ONNX Runtime is not installed.
            DataError: the folder is damaged.
        """
        require(EXTRA, "onnxruntime")
        try:
            config = read_configuration(folder)
            tokenizer = Pieces.read(folder)
            labels, reading = read_classes(config, str(folder), Wanted())
            decoder = noted_decoder(config, labels, str(folder))
            session = Session(folder / MODEL)
        except Exception as error:  # those of ONNX Runtime and tokenizers have no common base class
            reason = str(error).partition("\n")[0]
            raise DataError(f"{folder}: cannot be loaded as a tagger: {reason}; `xner export` makes one") from error
        chosen_on = str(getattr(config, "chosen_on", cls.chosen_on))
        return cls(session, tokenizer, labels, chosen_on, decoder.settings, decoder.bigrams, reading)

    @property
    def max_length(self) -> int:
        """The longest window, in sub-words."""
        return self.tokenizer.model_max_length

    @property
    def decoder(self) -> Decoder:
        """What chooses its tags."""
        return Decoder(self.labels, self.decoding, self.bigrams)

    def tag(self, corpus: Iterable[Sentence]) -> Iterator[Decoded]:
        """Yield the tags of each sentence, in order, exactly one for every word."""
        return self.decoder.decode(self.probabilities(corpus))

    def tags(self, corpus: Iterable[Sentence], repaired: bool = True) -> list[list[str]]:
        """Return the tags of every sentence.

        Args:
            corpus: the sentences.
            repaired: as IOB2; otherwise as they were chosen, for a score that is strict about them.
        """
        return [said.tags if repaired else said.best for said in self.tag(corpus)]

    def probabilities(self, corpus: Iterable[Sentence]) -> Iterator[np.ndarray]:
        """Yield the probabilities of the tags (words, tags) for each sentence, in order."""
        windower = Windower(self.tokenizer, self.max_length, self.labels)
        windows = windower.windows(Sentence(sentence.tokens) for sentence in corpus)
        results = run_in_batches(windows, self._run, self.room)
        for _, group in groupby(results, key=lambda pair: pair[0].sentence):
            rows = np.concatenate([row for _, row in group])
            yield self.reading.begun(rows) if self.reading else rows

    def _run(self, windows: list[Window]) -> list[np.ndarray]:
        """Run one batch and return the probabilities of its words window by window."""
        batch = side_by_side(windows, self.tokenizer.pad_token_id or 0)
        scores = self.session.scores(batch["input_ids"], batch["attention_mask"])[batch["rows"], batch["positions"]]
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        said = weights / weights.sum(-1, keepdims=True)
        ends = np.cumsum([len(window.words) for window in windows])
        return np.split(self.reading.added(said) if self.reading else said, ends[:-1])


def _threads() -> int:
    asked = os.environ.get("OMP_NUM_THREADS", "")
    if asked.isdigit() and int(asked):
        return int(asked)
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(allowed, psutil.cpu_count(logical=False) or allowed)
