"""The tagger: a token-classification model that speaks of words. Teachers and students are taggers."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import Decoded, Decoder, DecodingSettings
from xner.decoding.noted import note_bigrams, noted_decoder
from xner.machine import processes
from xner.machine.hardware import Hardware
from xner.store.weights import save_model
from xner.tagging.classes import Wanted, read_as, reading_of
from xner.tagging.limits import check_precision, longest_input
from xner.tagging.quick import packing, varlen
from xner.tagging.quick.batching import Room, run_in_batches
from xner.tagging.quick.compiling import compile_layers
from xner.tagging.quick.pieces import Pieces
from xner.tagging.states import WordStates, word_states, word_vectors
from xner.tagging.windows import Window, Windower, by_piece, collate
from xner.tagging.wordwise import wordwise

if TYPE_CHECKING:  # what only tags with a plain model needs none of it
    from transformers import PreTrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

    from xner.tagging.hub import Origin

_BLOCK = 256
"""Sentences that one of several processes tags in one go."""
_Say = Callable[[Mapping[str, Tensor]], Mapping[str, Tensor]]
"""From a batch to named tensors (W, width) of its words."""


def chosen_on_of(config: "PreTrainedConfig") -> str:
    """Return what a model's configuration says of how its checkpoint was chosen."""
    return str(getattr(config, "chosen_on", Tagger.chosen_on))


@dataclass
class Tagger:
    """A model with its tokenizer and label set.

    Args:
        model: a token-classification model.
        tokenizer: its fast tokenizer; it reads text word by word from now on.
        labels: the label set; the model has one class for each of its tags, or a reading that gives it these.
        max_length: the longest window, in sub-words.
        hardware: where it runs.
        chosen_on: what decided which checkpoint it is; kept in its config.json.
        decoding: how tags are chosen from probabilities.
        bigrams: the tag bigrams of the sources that it learned from; kept in its config.json. None: not known.
        room: how much it reads at once while it tags.
    """

    model: "PreTrainedModel"
    tokenizer: "PreTrainedTokenizerBase"
    labels: LabelSet
    max_length: int
    hardware: Hardware
    chosen_on: str = "not recorded"
    decoding: DecodingSettings = field(default_factory=DecodingSettings)
    bigrams: Bigrams | None = None
    room: Room = field(default_factory=Room)

    def __post_init__(self) -> None:
        if isinstance(self.tokenizer, Pieces):
            return  # both were read as they are needed
        self.tokenizer = wordwise(self.tokenizer)
        device = self.hardware.device.type
        if device == "cpu" or (device == "cuda" and varlen.kernel()):
            packing.enable(self.model)
        if self.hardware.compiled:
            compile_layers(self.model)

    @classmethod
    def load(
        cls,
        folder: Path,
        hardware: Hardware | None = None,
        trainable: bool = False,
        trusted: bool = False,
        names: Sequence[str] = (),
        pickled: bool = False,
    ) -> "Tagger":
        """Read a tagger from a Hugging Face folder.

        Args:
            folder: where it is.
            hardware: where it is to run; None: the best there is.
            trainable: read its weights in full precision; otherwise in the one in which they are multiplied.
            trusted: run Python code that comes with it; otherwise such a tagger is refused.
            names: of its classes, where it does not name them.
            pickled: read pickled weights where it has no others; otherwise such a tagger is refused.

        Raises:
            DataError: the folder is missing or holds no tagger.
            UsageError: the model does not run in the hardware's precision, or the names do not fit.
        """
        from xner.tagging.hub import Origin

        origin = Origin(str(folder), trusted=trusted, pickled=pickled)
        return cls.adopt(origin, hardware or Hardware.choose(), Wanted(names=names), trainable)

    @classmethod
    def adopt(cls, origin: "Origin", hardware: Hardware, wanted: Wanted, trainable: bool = True) -> "Tagger":
        """Read a tagger of whoever's, and its classes as tags of a label set.

        Args:
            origin: a folder, or a commit of the hub.
            hardware: where it is to run.
            wanted: how its classes are to be read.
            trainable: read its weights in full precision.

        Raises:
            DataError: it holds no tagger.
            UsageError: it does not run in the hardware's precision, or its types are not those that are wanted.
        """
        from xner.tagging.hub import pretrained_tagger

        dtype = torch.bfloat16 if hardware.bf16 and not trainable else torch.float32
        model, tokenizer = pretrained_tagger(origin, dtype)
        labels = read_as(wanted, model, origin.path)
        check_precision(model, hardware)
        decoder = noted_decoder(model.config, labels, origin.path)
        limit, chosen_on = longest_input(model, tokenizer), chosen_on_of(model.config)
        return cls(model, tokenizer, labels, limit, hardware, chosen_on, decoder.settings, decoder.bigrams)

    def save(self, folder: Path) -> None:
        """Write a Hugging Face folder that loads without xner; in a stage, frozen weights are links to shared files."""
        self.tokenizer.model_max_length = self.max_length
        self.model.config.chosen_on = self.chosen_on
        note_bigrams(self.model.config, self.bigrams)
        save_model(self.model, self.tokenizer, folder)

    @property
    def windower(self) -> Windower:
        """What cuts sentences into windows for this tagger."""
        return Windower(self.tokenizer, self.max_length, self.labels)

    @property
    def decoder(self) -> Decoder:
        """What chooses its tags."""
        return Decoder(self.labels, self.decoding, self.bigrams)

    def tag(self, corpus: Iterable[Sentence]) -> Iterator[Decoded]:
        """Yield the tags of each sentence, in order, exactly one for every word."""
        return self.decoder.decode(self.probabilities(corpus))

    def probabilities(self, corpus: Iterable[Sentence]) -> Iterator[np.ndarray]:
        """Yield the probabilities of the tags (words, tags) for each sentence, in order."""
        reading = reading_of(self.model)
        for row in self.states(corpus, lambda states: {"p": states.logits.softmax(-1)}):
            yield reading.begun(row["p"]) if reading else row["p"]

    def tags(self, corpus: Corpus, repaired: bool = True) -> list[list[str]]:
        """Return the tags of every sentence; the processes of a run share the work, and all get the whole.

        Args:
            corpus: the sentences.
            repaired: as IOB2; otherwise as they were chosen, for a score that is strict about them.
        """
        return [said.tags if repaired else said.best for said in self.decoded(corpus)]

    def decoded(self, corpus: Corpus) -> list[Decoded]:
        """Return what `tag` yields; the processes of a run share the work, and all get the whole.

        Args:
            corpus: the sentences.
        """
        blocks = -(-len(corpus) // _BLOCK)
        mine = [corpus.part(number * _BLOCK, (number + 1) * _BLOCK) for number in processes.share(blocks)]
        return list(chain.from_iterable(processes.collected([list(self.tag(block)) for block in mine], blocks)))

    def states(
        self, corpus: Iterable[Sentence], read: Callable[[WordStates], Mapping[str, Tensor]], pieces: bool = False
    ) -> Iterator[Mapping[str, np.ndarray]]:
        """Run the model over a corpus and yield, for each sentence in order, what `read` takes from its words.

        Args:
            corpus: the sentences.
            read: from the states of W words to named tensors (W, width).
            pieces: all sub-words stand in place of the words, special tokens included; where two windows of a long
                sentence overlap, they come twice.

        Yields:
            each of these as (words of the sentence, width).
        """

        def say(batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
            with self.hardware.autocast():
                states = word_states(self.model, batch)
            return read(states)

        return self._said(corpus, say, pieces)

    def vectors(
        self, corpus: Iterable[Sentence], layers: int, read: Callable[[Tensor], Mapping[str, Tensor]]
    ) -> Iterator[Mapping[str, np.ndarray]]:
        """Run the model over a corpus and yield, for each sentence in order, what `read` takes from its words' vectors.

        Args:
            corpus: the sentences.
            layers: of so many of the highest layers, and of all sub-words of a word, its vector is the mean.
            read: from the vectors (W, hidden) of W words to named tensors (W, width).

        Yields:
            each of these as (words of the sentence, width).
        """

        def say(batch: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
            with self.hardware.autocast():
                vectors = word_vectors(self.model, batch, layers)
            return read(vectors)

        return self._said(corpus, say)

    def _said(self, corpus: Iterable[Sentence], say: _Say, pieces: bool = False) -> Iterator[Mapping[str, np.ndarray]]:
        """Yield what is said of the words of each sentence, or of its sub-words, in order."""
        self.model.eval().to(self.hardware.device)
        windows = self.windower.windows(Sentence(sentence.tokens) for sentence in corpus)
        shown = map(by_piece, windows) if pieces else windows
        results = run_in_batches(shown, lambda batch: self._run(batch, say), self.room)
        for _, group in groupby(results, key=lambda pair: pair[0].sentence):
            parts = [row for _, row in group]
            yield {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    @torch.inference_mode()
    def _run(self, windows: list[Window], say: _Say) -> Iterator[dict[str, np.ndarray]]:
        """Run one batch and return its columns window by window."""
        batch = {k: v.to(self.hardware.device) for k, v in collate(windows, self.tokenizer.pad_token_id or 0).items()}
        columns = {name: value.cpu().numpy() for name, value in say(batch).items()}
        ends = np.cumsum([len(window.words) for window in windows])
        return iter(
            {n: c[end - len(w.words) : end] for n, c in columns.items()} for w, end in zip(windows, ends, strict=True)
        )
