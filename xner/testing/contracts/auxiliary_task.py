"""The contract of auxiliary tasks."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import torch
from torch import Tensor
from transformers import set_seed

from xner.corpora.corpus import Corpus
from xner.students.distillation import Distillation
from xner.students.settings import StudentSettings
from xner.students.task import AuxiliarySettings, AuxiliaryTask, LossTerm
from xner.students.weighting import Uniform
from xner.tagging.states import WordStates
from xner.tagging.windows import collate
from xner.testing.batches import BATCHES, TAGS, WIDTH, SignalContract, signal_batch
from xner.testing.distilling import check_two_processes
from xner.testing.tiny import tiny_corpus
from xner.training.workbench import Workbench


class AuxiliaryTaskContract(SignalContract):
    """What every auxiliary task must do."""

    kind = "auxiliary_tasks"

    def task(self, settings: Mapping[str, object], seed: int = 0) -> AuxiliaryTask:
        """Make the task for a student of `WIDTH`."""
        set_seed(seed)
        task: AuxiliaryTask = self.make(settings)
        task.build(WIDTH)
        return task.eval()

    def losses(self, task: AuxiliaryTask, batch: str) -> tuple[LossTerm, WordStates]:
        """Return the losses of a batch, and the states that they are of."""
        set_seed(1)
        words = len(BATCHES[batch][0])
        hidden, logits = torch.randn(words, WIDTH), torch.randn(words, TAGS)
        hidden[0] = 0
        student = WordStates(hidden.requires_grad_(), logits.requires_grad_())
        return task.losses(student, signal_batch(batch, task.needs, self.column)), student

    def test_its_factor_is_a_setting(self, settings: Mapping[str, object]) -> None:
        task = self.make(settings)
        assert isinstance(task.config, AuxiliarySettings), "its Config must be an AuxiliarySettings, with `coefficient`"

    @pytest.mark.parametrize("batch", BATCHES)
    def test_there_is_a_loss_for_every_word_or_pair(self, settings: Mapping[str, object], batch: str) -> None:
        task = self.task(settings)
        assert task.level in ("words", "pairs"), f"its level is {task.level!r}, which is neither words nor pairs"
        term, (words, paired) = self.losses(task, batch)[0], BATCHES[batch]
        pairs = len(words if paired is None else paired)
        shape = (len(words),) if task.level == "words" else (pairs, pairs)
        assert term.values.shape == shape, f"its losses are {tuple(term.values.shape)}, not {shape}: no sum, no mean"
        assert term.mask.shape == shape, f"its mask is {tuple(term.mask.shape)}, not {shape}"
        assert term.mask.dtype == torch.bool, "its mask is not of truth values"

    @pytest.mark.parametrize("batch", BATCHES)
    def test_losses_and_their_gradients_are_finite(self, settings: Mapping[str, object], batch: str) -> None:
        term, student = self.losses(self.task(settings), batch)
        assert term.values[term.mask].isfinite().all(), f"some losses that count are not finite: {term.values}"
        for name, gradient in _gradients(term, student).items():
            assert gradient.isfinite().all(), f"some gradients of the {name} are not finite, though all losses are"

    def test_what_is_masked_counts_nothing(self, settings: Mapping[str, object]) -> None:
        task = self.task(settings)
        if task.level == "words":
            term, student = self.losses(task, "several sentences")
            nothing = LossTerm(term.values, torch.zeros_like(term.mask))
        else:
            nothing, student = self.losses(task, "one sentence, so no pair counts")
            assert not nothing.mask.any(), "it counts pairs that `signals.pairs.mask` takes out"
        assert nothing.mean(torch.ones(nothing.values.shape)) == 0, "where nothing counts, the loss is not zero"
        assert not any(g.any() for g in _gradients(nothing, student).values()), "what does not count has a gradient"

    def test_words_that_are_not_paired_count_nothing(self, settings: Mapping[str, object]) -> None:
        task, (words, paired) = self.task(settings), BATCHES["some of the words paired"]
        term, student = self.losses(task, "some of the words paired")
        if task.level == "pairs":
            others = sorted({*range(len(words))} - {*(paired or ())})
            gradient = _gradients(term, student)["hidden states"][others]
            assert not gradient.any(), "its losses of pairs depend on words that are not among `signals.pairs.words`"

    def test_the_gradient_reaches_the_encoder_and_all_of_the_task(
        self, settings: Mapping[str, object], tiny_workbench: Workbench
    ) -> None:
        tagger, task = tiny_workbench.new_tagger(), self.make(settings)
        batch = collate(list(tagger.windower.windows(_target())), 0)
        needed = {"probabilities", *task.needs}
        batch |= {name: self.column(name, len(batch["sentences"])) for name in sorted(needed)}
        objective = Distillation(tagger, [task], Uniform(), StudentSettings(tag_coefficient=0))
        objective.eval()(batch).backward()
        weights = dict(tagger.model.base_model.named_parameters())
        reached = [name for name, weight in weights.items() if weight.grad is not None and weight.grad.any()]
        assert any("layer" in name for name in reached), "no gradient of its losses reaches the student's encoder"
        for name, weight in task.named_parameters():
            assert not weight.requires_grad or weight.grad is not None, f"its parameter '{name}' is not learned"

    def test_the_signals_stay_as_they_are(self, settings: Mapping[str, object]) -> None:
        task = self.task(settings)
        signals = signal_batch("several sentences", task.needs, self.column)
        words = len(signals.sentences)
        task.losses(WordStates(torch.ones(words, WIDTH), torch.ones(words, TAGS)), signals)
        for name, values in signals.columns.items():
            assert torch.equal(values, self.column(name, words)), f"it writes into the signal '{name}'"

    def test_the_same_seed_gives_the_same_losses(self, settings: Mapping[str, object]) -> None:
        one, other = (self.losses(self.task(settings), "several sentences")[0] for _ in range(2))
        assert torch.equal(one.values, other.values), "its losses differ from one time to the next"

    def test_saved_and_loaded_it_has_the_same_losses(self, settings: Mapping[str, object]) -> None:
        first, again = self.task(settings), self.task(settings, seed=2)
        again.load_state_dict(first.state_dict())
        one, other = (self.losses(task, "several sentences")[0] for task in (first, again))
        assert torch.equal(one.values, other.values), "a run that goes on from a checkpoint has other losses"

    def test_two_processes_learn_what_one_learns(
        self, settings: Mapping[str, object], sure_encoder_folder: Path, tmp_path: Path
    ) -> None:
        check_two_processes(self, settings, sure_encoder_folder, tmp_path)


def _gradients(term: LossTerm, student: WordStates) -> dict[str, Tensor]:
    """Return the gradients of the mean loss of what counts; zeros where there is none."""
    loss = term.mean(torch.ones(term.values.shape))
    states = {"hidden states": student.hidden, "tag scores": student.logits}
    if not loss.requires_grad:
        return {name: torch.zeros_like(values) for name, values in states.items()}
    found = torch.autograd.grad(loss, list(states.values()), allow_unused=True, materialize_grads=True)
    return dict(zip(states, found, strict=True))


def _target() -> Corpus:
    return tiny_corpus("xx", size=8).without_labels()
