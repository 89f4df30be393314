"""The contract of refiners."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np
import pytest

from xner.corpora.corpus import Corpus
from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import LEGAL, Decoder
from xner.store.ragged import Ragged, Row, write
from xner.teachers.refiner import Refiner
from xner.teachers.signals import Signals
from xner.teachers.teacher import Teacher
from xner.testing.batches import TAGS, WIDTH
from xner.testing.contract import Contract, create
from xner.testing.tiny import tiny_corpus

_CLOSE = 1e-5


class RefinerContract(Contract):
    """What every refiner must do."""

    kind = "refiners"
    teachers: ClassVar[Sequence[str]] = ("recognizer", "joint")
    """The names of the teachers that label."""

    def column(self, name: str, words: int, seed: int) -> np.ndarray:
        """Return a column of signals (words, width); override it for columns of a form of their own.

        Args:
            name: `probabilities` are of tags, and all others are vectors.
            words: how many.
            seed: other seeds give other values.
        """
        draw = np.random.default_rng([seed, len(name), words])
        if name == "probabilities":
            return draw.dirichlet(np.full(TAGS, 0.3), words).astype(np.float32)
        return draw.standard_normal((words, WIDTH)).astype(np.float32)

    @pytest.fixture
    def signals(self, settings: Mapping[str, object], tmp_path_factory: pytest.TempPathFactory) -> Signals:
        """What teachers say of `target()`, and those who read their taggers; with the bigrams of a source.

        Each teacher gives the columns that the refiner needs, and each reader its own.
        """
        folder, files = tmp_path_factory.mktemp("signals"), []
        said = [(name, self._needs(settings)) for name in self.teachers]
        said += [(name, create("teachers", name, {}).provides) for name in self._readers(settings).values()]
        for place, (_, columns) in enumerate(said):
            rows = [
                {column: self.column(column, len(sentence.tokens), 100 * place + number) for column in columns}
                for number, sentence in enumerate(target())
            ]
            write(folder / str(place), [rows])
            files.append(Ragged(folder / str(place)))
        embeddings = {column for _, columns in said for column in columns} - {"probabilities"}
        return Signals(files, [name for name, _ in said], np.ones(len(files)), embeddings, decoder=decoder())

    def refined(self, settings: Mapping[str, object], signals: Signals) -> list[Row]:
        """Refine all sentences."""
        refiner = self._prepared(settings, signals)
        return [refiner.refine(number, signals) for number in range(len(signals))]

    def test_it_says_what_it_reads_and_writes(self, settings: Mapping[str, object]) -> None:
        refiner: Refiner = self.make(settings)
        for name in ("needs", "provides"):
            columns = getattr(refiner, name)
            assert isinstance(columns, tuple) and columns, f"its `{name}` is not a tuple of names of signals"
            assert all(isinstance(column, str) for column in columns), f"its `{name}` is not a tuple of names"

    def test_it_takes_these_teachers(self, settings: Mapping[str, object]) -> None:
        refiner: Refiner = self.make(settings)
        refiner.check(dict.fromkeys(self.teachers, refiner.needs))
        readers = self._readers(settings)
        assert readers.keys() <= set(self.teachers), f"it lets the taggers of others be read: {sorted(readers)}"
        assert all(isinstance(create("teachers", name, {}), Teacher) for name in readers.values())

    def test_there_is_a_row_for_every_word(self, settings: Mapping[str, object], signals: Signals) -> None:
        provides, widths = set(self.make(settings).provides), dict[str, set[int]]()
        for sentence, row in zip(target(), self.refined(settings, signals), strict=True):
            assert row.keys() == provides, f"it gives the signals {sorted(row)}, but `provides` has {sorted(provides)}"
            for name, values in row.items():
                assert values.ndim == 2 and len(values) == len(sentence.tokens), f"'{name}' is not (words, width)"
                assert np.isfinite(values).all(), f"'{name}' is not finite everywhere"
                widths.setdefault(name, set()).add(values.shape[1])
        assert all(len(found) == 1 for found in widths.values()), f"its signals differ in width: {widths}"

    def test_probabilities_stay_probabilities(self, settings: Mapping[str, object], signals: Signals) -> None:
        for row in self.refined(settings, signals):
            p = row.get("probabilities", np.full((1, TAGS), 1 / TAGS))
            assert p.shape[1] == TAGS, "`probabilities` are not one for each tag"
            assert (p >= 0).all() and np.allclose(p.sum(-1), 1, atol=1e-3), "`probabilities` do not add up to one"

    def test_weights_count_words(self, settings: Mapping[str, object], signals: Signals) -> None:
        rows = [row["weight"] for row in self.refined(settings, signals) if "weight" in row]
        assert all(values.shape[1] == 1 for values in rows), "`weight` is not (words, 1)"
        assert all((values >= 0).all() for values in rows), "`weight` is negative"
        assert not rows or any(values.any() for values in rows), "`weight` is 0 of all words, so none is learned from"

    def test_the_order_in_which_sentences_are_asked_for_does_not_matter(
        self, settings: Mapping[str, object], signals: Signals
    ) -> None:
        refiner = self._prepared(settings, signals)
        backwards = [refiner.refine(number, signals) for number in reversed(range(len(signals)))][::-1]
        for number, (one, other) in enumerate(zip(self.refined(settings, signals), backwards, strict=True)):
            for name, values in one.items():
                same = np.allclose(values, other[name], atol=_CLOSE)
                assert same, f"'{name}' of sentence {number} depends on which were asked for before"

    def test_the_signals_stay_as_they_are(self, settings: Mapping[str, object], signals: Signals) -> None:
        before = [{name: values.copy() for name, values in signals.row(n).items()} for n in range(len(signals))]
        self.refined(settings, signals)
        for number, row in enumerate(before):
            for name, values in row.items():
                assert np.array_equal(signals.row(number)[name], values), f"it writes into the signal '{name}'"

    def _needs(self, settings: Mapping[str, object]) -> Sequence[str]:
        return sorted({"probabilities", *self.make(settings).needs})

    def _readers(self, settings: Mapping[str, object]) -> Mapping[str, str]:
        refiner: Refiner = self.make(settings)
        return refiner.readers(dict.fromkeys(self.teachers, self._needs(settings)))

    def _prepared(self, settings: Mapping[str, object], signals: Signals) -> Refiner:
        refiner: Refiner = self.make(settings)
        refiner.prepare(target(), signals)
        return refiner


def decoder() -> Decoder:
    """Return what chooses tags of what the teachers say."""
    labels = LabelSet(("LOC", "ORG", "PER"))
    return Decoder(labels, LEGAL, Bigrams.of((sentence.tags or [] for sentence in tiny_corpus()), labels))


def target() -> Corpus:
    """Return the sentences that the teachers labelled."""
    return tiny_corpus("xx", size=24).without_labels()
