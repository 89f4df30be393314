"""The workbench: what a teacher or a student needs to be trained, handed to it in one piece."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase, set_seed

from xner.corpora.corpus import Corpus
from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import DecodingSettings
from xner.errors import XnerError
from xner.machine import processes
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.plugin.code import code_of
from xner.plugin.component import place_of
from xner.store.stages import SCRATCH
from xner.tagging.encoder import Encoder
from xner.tagging.limits import check_precision, freeze, longest_input
from xner.tagging.tagger import Tagger
from xner.tagging.windows import Window, WindowFile, by_piece, write_windows
from xner.training.batches import Columns, TextBatches, TrainingData
from xner.training.checkpoints import CHOSEN_ON, ENTITY_F1, Dev, Judge, Trial
from xner.training.loop import Training, train
from xner.training.objective import Objective
from xner.training.resilience.halving import fitting
from xner.training.settings import Rates, TrainingSettings
from xner.training.trackers import NOBODY, Trackers
from xner.training.vocabulary import check_words


@dataclass(frozen=True)
class Workbench:
    """An encoder, a label set, and the training loop with the run's settings.

    Args:
        encoder: loads the pretrained model.
        labels: the run's label set.
        max_length: longest window in sub-words.
        freeze: "none"; "words" for the word embeddings; a number N for all embeddings and the lowest N layers;
            "quarter" for N a quarter of the layers.
        seed: of everything that is drawn at random.
        hardware: device and precision.
        progress: reports progress.
        folder: where the stage at hand keeps its checkpoints and results; each training needs one of its own.
        dev: the labelled sentences on which every training's best epoch is chosen; None: its last step is kept.
        trackers: record the curves of every training.
        target: the target's raw text, for a teacher that reads it while it learns.
        start: the folder of the tagger that a teacher goes on from; None: from the pretrained weights.
        reads: what will be tagged once something is trained; whether its words are known is seen before.
        renames: the run's label map, for a tagger that is not trained here.
        decoding: how tags are chosen from probabilities.
        averaged: whether every training keeps the mean of its snapshots' weights, and not its last step's.
    """

    encoder: Encoder
    labels: LabelSet
    max_length: int
    freeze: str | int
    seed: int
    hardware: Hardware
    progress: Progress
    folder: Path = Path()
    dev: Dev | None = None
    trackers: Trackers = NOBODY
    target: Corpus | None = None
    start: Path | None = None
    reads: tuple[Corpus, ...] = ()
    renames: Mapping[str, str] = field(default_factory=dict)
    decoding: DecodingSettings = field(default_factory=DecodingSettings)
    averaged: bool = False

    def identity(self) -> Mapping[str, object]:
        """Return what the result of a training depends on beside its data and settings."""
        return {
            "encoder": {
                "component": place_of(self.encoder),
                "code": code_of(self.encoder),
                "weights": self._weights(),  # and not its settings: a folder may have moved
                "rates": [self.encoder.learning_rate, self.encoder.head_rate],
            },
            "labels": self.labels.tags,
            "max_length": self.max_length,
            "freeze": self.freeze,
            "seed": self.seed,
            "bf16": self.hardware.bf16,
            **({"compiled": True} if self.hardware.compiled else {}),
            **({"checkpoint": "average"} if self.averaged else {}),
            **({"checkpoint": self.dev.identity(), "decoding": str(self.decoding)} if self.dev else {}),
        }

    def _weights(self) -> str:
        identity = self.encoder.identity()
        if not isinstance(identity, str):
            kind = type(identity).__name__
            raise XnerError(f"the encoder {place_of(self.encoder)} has {kind} as its identity; expected a text")
        return identity

    def new_tagger(self) -> Tagger:
        """Return a tagger with pretrained weights and a fresh tag head, the same for the same seed.

        Where the method says that the teacher goes on from another's weights, it is that tagger.

        Raises:
            XnerError: the encoder returns something else than a model for these tags and its tokenizer.
            DataError: there is no tagger to go on from.
        """
        set_seed(self.seed)
        if self.start is not None:
            return self.load_tagger(self.start, trainable=True)
        model, tokenizer = self._loaded()
        check_precision(model, self.hardware)
        limit = min(self.max_length, longest_input(model, tokenizer, self.max_length))
        tagger = Tagger(model, tokenizer, self.labels, limit, self.hardware, decoding=self.decoding)
        tagger.room.say = self.progress.say_once
        return tagger

    def _loaded(self) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """Return the encoder's model and tokenizer, if they are what they must be."""
        loaded = self.encoder.load(self.labels)
        who = f"the encoder {place_of(self.encoder)}"
        kinds = [type(each).__name__ for each in loaded] if isinstance(loaded, tuple) else [type(loaded).__name__]
        match loaded:
            case (PreTrainedModel() as model, PreTrainedTokenizerBase() as tokenizer):
                pass
            case _:
                raise XnerError(f"{who} returned {', '.join(kinds)}; expected a model and its tokenizer")
        if model.config.num_labels != len(self.labels.tags):
            raise XnerError(f"{who} has {model.config.num_labels} classes for {len(self.labels.tags)} tags")
        return model, tokenizer

    def load_tagger(self, folder: Path, trainable: bool = False) -> Tagger:
        """Read a tagger that an earlier stage made.

        Args:
            folder: where it is.
            trainable: it is to learn more, and not only to tag.
        """
        tagger = Tagger.load(folder, self.hardware, trainable, self.encoder.trusted)
        tagger.decoding = self.decoding  # the run's, and not that of whoever made it
        tagger.room.say = self.progress.say_once
        return tagger

    def train(
        self,
        tagger: Tagger,
        objective: Objective,
        corpus: Corpus,
        settings: TrainingSettings,
        columns: Columns | None = None,
        judge: Judge | None = ENTITY_F1,
    ) -> None:
        """Minimise an objective over the tagger's weights that are not frozen.

        The last step's weights are kept; where the run has dev sentences, those of the epoch that the judge likes best.

        Args:
            tagger: what learns; its model is `objective.model`.
            objective: the loss.
            corpus: the sentences; their tags become labels where they have any.
            settings: epochs, rates and so on.
            columns: what stands beside the words, such as the teachers' signals for a student.
            judge: says how good the tagger is; None: nothing can say it, and the last step is kept in any case.

        Raises:
            DataError: the tokenizer does not know the words of these sentences, or of those that are to be tagged.
        """
        self._prepare(tagger, settings := fitting(self.folder, settings), corpus)
        train(
            Training(
                tagger=tagger,
                objective=objective,
                data=TrainingData(self._windows(tagger, corpus), columns),
                settings=settings,
                rates=self._rates(settings),
                seed=self.seed,
                folder=self.folder,
                progress=self.progress,
                trial=Trial(tagger, judge, self.dev, self.progress) if self.dev and judge else None,
                trackers=self.trackers,
                averaged=self.averaged,
            )
        )

    def text_batches(self, tagger: Tagger, corpus: Corpus, batch_size: int, name: str) -> TextBatches:
        """Return batches of a text without an end, for an objective's further updates.

        Args:
            tagger: whose sub-words they are of.
            corpus: the sentences; their tags are not looked at.
            batch_size: sentences (windows) in a batch.
            name: what the text is called; each of a training needs one of its own, and has an order of its own.
        """
        windows = self._windows(tagger, corpus.without_labels(), name, by_piece)
        pad, device = tagger.tokenizer.pad_token_id or 0, self.hardware.device
        return TextBatches(windows, batch_size, pad, device, self.seed, name)

    def check_words(self, tagger: Tagger, *corpora: Corpus) -> None:
        """Tell, once, which words a tagger's tokenizer does not know, also of what taggers will read later.

        Args:
            tagger: whose tokenizer it is.
            corpora: what it reads now.

        Raises:
            DataError: it does not know over half of them.
        """
        for corpus in (*corpora, *self.reads):
            if told := check_words(tagger.windower, corpus):
                self.progress.say_once(told)

    def _prepare(self, tagger: Tagger, settings: TrainingSettings, corpus: Corpus) -> None:
        """Take weights out of the training, set the tag head's dropout, note who chooses, and count tag bigrams."""
        tagger.chosen_on = CHOSEN_ON[self.dev.choice if self.dev else "average" if self.averaged else "last"]
        freeze(tagger.model, self.freeze)
        dropout = getattr(tagger.model, "dropout", None)
        if settings.head_dropout is not None and isinstance(dropout, torch.nn.Dropout):
            dropout.p = settings.head_dropout
        if corpus.labelled:
            tagger.bigrams = Bigrams.of((sentence.tags or [] for sentence in corpus), tagger.labels)

    def _rates(self, settings: TrainingSettings) -> Rates:
        rate = settings.learning_rate or self.encoder.learning_rate
        return Rates(rate, rate * (settings.head_rate or self.encoder.head_rate))

    def _windows(
        self, tagger: Tagger, corpus: Corpus, name: str = "windows", changed: Callable[[Window], Window] | None = None
    ) -> WindowFile:
        self.check_words(tagger, corpus)
        path = self.folder / SCRATCH / f"{name}.arrow"
        path.parent.mkdir(parents=True, exist_ok=True)
        if processes.first():
            windows = tagger.windower.windows(corpus)
            write_windows(path, map(changed, windows) if changed else windows)
        processes.wait()
        return WindowFile(path)
