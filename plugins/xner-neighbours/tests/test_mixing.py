"""The refiners, mixed into methods: end to end, after a kill, and on two processes."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from xner.base import TransferTask
from xner.errors import UsageError
from xner.methods.context import Context
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.store.ragged import Ragged
from xner.store.stages import TAGGER, StageStore
from xner.teachers.labelled import SIGNALS
from xner.testing import tiny_corpus, tiny_workbench
from xner.testing.progresses import KilledError
from xner.testing.two_processes import on_two_processes
from xner_neighbours.neighbour_agreement import NeighbourAgreement
from xner_neighbours.prototypes import Prototypes
from xner_neighbours.word_vectors import WordVectors

BOTH = pytest.mark.parametrize("refiner", ["neighbour-agreement", "prototypes"])
PARTS = ("teachers.recognizer", "teachers.similarity", "student")
QUICK = {"teachers.recognizer.epochs": 1, "student.epochs": 1}


def titles(run):
    return [stage.title for stage in run.stages]


@BOTH
def test_mixed_into_tsl_the_recognizers_tagger_is_read(train, refiner):
    run = train("tsl", more={"student.refiners": refiner})
    assert titles(run) == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "signals of word-vectors of recognizer on xx",
        f"{refiner} of the signals on xx",
        "student on xx (tags, uniform)",
    ]
    assert run.metrics is not None and run.metrics.sentences == 60


@BOTH
@pytest.mark.parametrize(("vectors", "read"), [("", 1), ("similarity", 0), ("recognizer", 1)])
def test_mixed_into_mtmt_it_may_be_the_evaluators_vectors(train, refiner, vectors, read):
    run = train("mtmt", PARTS, {"student.refiners": refiner, f"refiners.{refiner}.vectors": vectors})
    assert sum("word-vectors of recognizer" in title for title in titles(run)) == read
    assert len(run.stages) == 6 + read and run.metrics is not None


def test_a_name_with_a_plus_mixes_them_in(train):
    run = train("tsl+prototypes+neighbour-agreement")
    once = "signals of word-vectors of recognizer on xx"
    assert titles(run)[2:6] == [
        once,
        "prototypes of the signals on xx",
        once,
        "neighbour-agreement of the signals on xx",
    ]
    assert run.stages[2].key == run.stages[4].key  # one stage, which both read


def test_weights_reach_the_student_and_probabilities_are_replaced(train):
    plain, weighed, moved = (train(f"tsl{refiner}") for refiner in ("", "+neighbour-agreement", "+prototypes"))
    said, weights, types = (
        Ragged(run.stages[place].folder / SIGNALS) for run, place in ((plain, 1), (weighed, 3), (moved, 3))
    )
    assert weights.columns == ("weight",) and types.columns == ("probabilities",)
    found = np.concatenate([weights.row(number)["weight"] for number in range(60)])
    assert found.max() == 1 and 0 < found.min() < 0.9
    assert any(
        not np.allclose(types.row(number)["probabilities"], said.row(number)["probabilities"], atol=1e-3)
        for number in range(60)
    )
    students = [load_file(run.folder / "student" / "model.safetensors") for run in (plain, weighed, moved)]
    for other in students[1:]:
        assert not torch.equal(students[0]["classifier.weight"], other["classifier.weight"])


@BOTH
def test_settings_that_do_not_fit_are_told_before_training(train, refiner):
    more = {"student.refiners": refiner, f"refiners.{refiner}.vectors": "similarity"}
    with pytest.raises(
        UsageError, match=rf"^refiners\.{refiner}\.vectors: 'similarity' is not among the teachers here"
    ):
        train("tsl", more=more)
    with pytest.raises(UsageError, match=rf"^refiners\.{refiner}\.neigbours|there is no setting"):
        train("tsl", more={"student.refiners": refiner, f"refiners.{refiner}.neigbours": 3})


def task():
    return TransferTask((tiny_corpus(size=24),), tiny_corpus("xx", size=24).without_labels())


def refined(context, refiner):
    source, target = task().source, task().target
    labelled = context.label(target, context.fit("recognizer", source))
    return context.refine(labelled, refiner)


@BOTH
def test_killed_and_resumed_it_is_the_same_to_the_byte(make_context, tmp_path, monkeypatch, refiner):
    whole = make_context(QUICK)
    expected = (refined(whole, refiner).refined[-1].folder / SIGNALS).read_bytes()
    cut = replace(whole, store=StageStore(tmp_path / "killed"), stages=[], fitted=[])
    kind = {"neighbour-agreement": NeighbourAgreement, "prototypes": Prototypes}[refiner]

    def kill(self, sentence, signals):
        raise KilledError

    with monkeypatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(kind, "refine", kill)
        refined(cut, refiner)
    read = cut.stages[-2]
    assert read.done and not cut.stages[-1].done
    before = (read.folder / SIGNALS).stat().st_mtime_ns
    assert (refined(cut, refiner).refined[-1].folder / SIGNALS).read_bytes() == expected
    assert (read.folder / SIGNALS).stat().st_mtime_ns == before  # what was read is not read again


def context_of(encoder, store):
    config = build(QUICK)
    return Context(
        workbench=tiny_workbench(encoder, store),
        store=StageStore(store),
        create=Components(Plugins.load(), config).create,
        student=config.student,
        combination=config.combination,
    )


def said(refiner: str, encoder: Path, store: Path) -> tuple[str, bytes]:
    """Refine, and return the stage's key and what it wrote; run by one process, or by two at once."""
    stage = refined(context_of(encoder, store), refiner).refined[-1]
    return stage.key, (stage.folder / SIGNALS).read_bytes()


@BOTH
def test_two_processes_refine_as_one_does_to_the_byte(sure_encoder_folder, tmp_path, refiner):
    context = context_of(sure_encoder_folder, tmp_path / "alone")
    context.fit("recognizer", task().source)  # two would add up in another order
    shutil.copytree(tmp_path / "alone", tmp_path / "together")
    alone = said(refiner, sure_encoder_folder, tmp_path / "alone")
    both = on_two_processes(said, (refiner, sure_encoder_folder, tmp_path / "together"), tmp_path / "said")
    assert both == [alone, alone]


def test_a_teacher_that_is_no_tagger_is_told(tiny_workbench, tmp_path):
    with pytest.raises(UsageError, match=r"^word-vectors: a teacher here says tags but is no tagger, .*=recognizer$"):
        WordVectors().restore(tmp_path, tiny_workbench)


def test_it_reads_a_taggers_layers(tiny_workbench, tmp_path):
    tagger, target = tiny_workbench.new_tagger(), tiny_corpus("xx", size=5).without_labels()
    tagger.save(tmp_path / TAGGER)
    for layers in (1, 2):
        teacher = WordVectors(WordVectors.Config(layers=layers))
        teacher.restore(tmp_path, tiny_workbench)
        expected = tagger.vectors(target, layers, lambda vectors: {"v": vectors})
        for row, mine in zip(expected, teacher.label(target), strict=True):
            unit = row["v"] / np.linalg.norm(row["v"], axis=1, keepdims=True)
            assert mine["states"].dtype == np.float16 and np.allclose(mine["states"], unit, atol=1e-3)
