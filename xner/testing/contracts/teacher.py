"""The contract of teachers."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from transformers import set_seed

from xner.corpora.corpus import Corpus, Sentence
from xner.teachers.teacher import Teacher
from xner.testing.contract import Contract, create, quick
from xner.testing.tiny import tiny_corpus, tiny_workbench
from xner.testing.two_processes import on_two_processes
from xner.training.workbench import Workbench

Columns = dict[str, list[np.ndarray]]
_CLOSE = 5e-3
"""What a teacher in half precision may differ by."""


class TeacherContract(Contract):
    """What every teacher must do."""

    kind = "teachers"

    @pytest.fixture
    def settings(self) -> Mapping[str, object]:
        """The teacher's settings for these tests, by default one epoch where it has any; override it to give others."""
        return quick(self.component)

    def fit(self, settings: Mapping[str, object], workbench: Workbench) -> Teacher:
        """Make the teacher and let it learn from the tiny corpus."""
        return _fit(self.make(settings), workbench)

    def test_signals_are_aligned_row_by_row(self, settings: Mapping[str, object], tiny_workbench: Workbench) -> None:
        teacher = self.fit(settings, tiny_workbench)
        assert teacher.provides, "its `provides` names no signal"
        assert set(teacher.embeddings) <= set(teacher.provides), "its `embeddings` are not among what it `provides`"
        sentences = list(target())
        columns, backwards = _columns(teacher, target()), _columns(teacher, _corpus(sentences[::-1]))
        for name, rows in columns.items():
            assert [len(row) for row in rows] == [len(s.tokens) for s in sentences], (
                f"'{name}' has no row for each word"
            )
            assert len({row.shape[1:] for row in rows}) == 1 and rows[0].ndim == 2, f"'{name}' is not (words, width)"
            assert all(np.isfinite(row).all() for row in rows), f"'{name}' is not finite everywhere"
            _same(rows, backwards[name][::-1], f"'{name}' of a sentence depends on where the sentence stands")

    def test_signals_are_the_same_in_any_batch(self, settings: Mapping[str, object], tiny_workbench: Workbench) -> None:
        teacher = self.fit(settings, tiny_workbench)
        alone = [_columns(teacher, _corpus([sentence])) for sentence in target()]
        for name, rows in _columns(teacher, target()).items():
            single = [columns[name][0] for columns in alone]
            _same(rows, single, f"'{name}' of a sentence depends on which others are in its batch")

    def test_probabilities_are_of_the_tags(self, settings: Mapping[str, object], tiny_workbench: Workbench) -> None:
        teacher = self.fit(settings, tiny_workbench)
        for row in _columns(teacher, target()).get("probabilities", []):
            assert row.shape[1] == len(tiny_workbench.labels.tags), "`probabilities` are not one for each tag"
            assert (row >= 0).all() and np.allclose(row.sum(-1), 1, atol=1e-2), "`probabilities` do not add up to one"

    def test_labels_of_the_target_are_not_looked_at(
        self, settings: Mapping[str, object], tiny_workbench: Workbench
    ) -> None:
        teacher = self.fit(settings, tiny_workbench)
        labelled, bare = (_columns(teacher, corpus) for corpus in (target(), target().without_labels()))
        for name, rows in bare.items():
            _same(rows, labelled[name], f"'{name}' is another one where the target has labels")

    def test_saved_and_restored_it_says_the_same(
        self, settings: Mapping[str, object], tiny_workbench: Workbench, tmp_path: Path
    ) -> None:
        teacher = self.fit(settings, tiny_workbench)
        (tmp_path / "saved").mkdir()
        teacher.save(tmp_path / "saved")
        (tmp_path / "saved").rename(tmp_path / "moved")  # as a stage is, when it is done
        again: Teacher = self.make(settings)
        again.restore(tmp_path / "moved", replace(tiny_workbench, seed=7, folder=tmp_path / "other"))
        before, after = _columns(teacher, target()), _columns(again, target())
        for name, rows in before.items():
            _same(rows, after[name], f"'{name}' is another one after `save` and `restore`")

    def test_the_same_seed_teaches_the_same(
        self, settings: Mapping[str, object], tiny_workbench: Workbench, tmp_path: Path
    ) -> None:
        one, other = (
            _columns(self.fit(settings, replace(tiny_workbench, folder=tmp_path / str(time))), target())
            for time in (1, 2)
        )
        for name, rows in one.items():
            assert all(map(np.array_equal, rows, other[name])), f"'{name}' differs from one time to the next"

    def test_two_processes_teach_the_same(
        self, settings: Mapping[str, object], sure_encoder_folder: Path, tmp_path: Path
    ) -> None:
        arguments = (self.component, dict(settings), sure_encoder_folder, tmp_path / "stage")
        one, other = on_two_processes(_said, arguments, tmp_path / "said")
        for name, rows in one.items():
            _same(rows, other[name], f"two processes of one run say different things as '{name}'")


def target() -> Corpus:
    """Return sentences to label, short ones and one that is longer than a window; they have tags."""
    sentences = list(tiny_corpus("xx", size=24))
    tokens = [token for sentence in sentences[:12] for token in sentence.tokens]
    tags = [tag for sentence in sentences[:12] for tag in sentence.tags or []]
    return _corpus([*sentences[:5], Sentence(tokens, tags), *sentences[5:]])


def _corpus(sentences: list[Sentence]) -> Corpus:
    return Corpus.from_sentences("tiny", "xx", "train", sentences)


def _fit(teacher: Teacher, workbench: Workbench) -> Teacher:
    set_seed(workbench.seed)
    workbench.folder.mkdir(parents=True, exist_ok=True)
    if teacher.reads_target:
        workbench = replace(workbench, target=tiny_corpus("xx", size=24).without_labels())
    teacher.fit(tiny_corpus(size=48), workbench)
    return teacher


def _columns(teacher: Teacher, corpus: Corpus) -> Columns:
    """Return what a teacher says of a corpus, column by column, a row a sentence."""
    rows = list(teacher.label(corpus))
    if len(rows) != len(corpus):
        pytest.fail(f"it labels {len(rows)} sentences where there are {len(corpus)}")
    if wrong := [set(row) for row in rows if set(row) != set(teacher.provides)]:
        pytest.fail(f"it gives the signals {sorted(wrong[0])}, but `provides` has {sorted(teacher.provides)}")
    return {name: [np.asarray(row[name], dtype=np.float32) for row in rows] for name in teacher.provides}


def _same(rows: list[np.ndarray], others: list[np.ndarray], difference: str) -> None:
    shapes = [row.shape for row in rows] == [row.shape for row in others]
    assert shapes and all(np.allclose(a, b, atol=_CLOSE) for a, b in zip(rows, others, strict=True)), difference


def _said(name: str, settings: Mapping[str, object], encoder: Path, folder: Path) -> Columns:
    """Fit a teacher on the tiny corpus and return what it says; run by two processes at once."""
    return _columns(_fit(create("teachers", name, settings), tiny_workbench(encoder, folder)), target())
