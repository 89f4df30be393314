from dataclasses import replace

import pytest
import torch

from tests.stand_ins import SOURCE, keys
from xner.errors import XnerError
from xner.teachers.recognizer import GoldTags
from xner.testing.progresses import Heard
from xner.training import loop
from xner.training.resilience.halving import told
from xner.training.resilience.saving import last_checkpoint
from xner.training.settings import TrainingSettings

MESSAGES = [
    lambda: RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    lambda: MemoryError(),
]


def narrow(monkeypatch, most, error, from_step=0):
    """Lets every step with more sentences than that need more memory than there is."""
    real = GoldTags.forward

    def forward(self, batch):
        if len(batch["input_ids"]) > most and self.step >= from_step:
            raise error()
        return real(self, batch)

    monkeypatch.setattr(GoldTags, "forward", forward)


def settings_of(batch_size):
    return {"teachers.recognizer.batch_size": batch_size, "teachers.recognizer.epochs": 2}


def weights(stage):
    return (stage.folder / "tagger" / "model.safetensors").read_bytes()


@pytest.mark.parametrize("error", MESSAGES)
def test_a_batch_that_is_too_large_is_halved_and_the_result_is_that_of_the_smaller_one(
    make_context, monkeypatch, error
):
    small = make_context(settings_of(4)).fit("recognizer", SOURCE).stage
    narrow(monkeypatch, 4, error, from_step=1)
    monkeypatch.setattr(loop, "_CHECKPOINT_SECONDS", -1)  # of larger batches; none must be gone on from
    context = make_context(settings_of(16))
    context.workbench = replace(context.workbench, progress=(ear := Heard()))
    stage = context.fit("recognizer", SOURCE).stage
    assert weights(stage) == weights(small)
    title = "teacher recognizer on en"
    assert [line for line in ear.lines if "memory" in line] == [
        f"{title}: the memory is too short for {size} sentences in a step; it begins anew with half as many"
        for size in (16, 8)
    ]
    assert told(stage.folder) == ["4 sentences in a step, not 16, since the memory was too short"]
    assert told(small.folder) == []
    assert stage.key != small.key and keys(context) == [stage.key]


def test_after_a_kill_it_goes_on_with_the_smaller_batch(tiny_workbench, monkeypatch):
    settings = TrainingSettings(epochs=2, batch_size=16)
    narrow(monkeypatch, 8, MemoryError)
    tagger = tiny_workbench.new_tagger()
    with pytest.raises(Exception, match="too short for 16 sentences"):
        tiny_workbench.train(tagger, GoldTags(tagger), SOURCE, settings)
    tagger = tiny_workbench.new_tagger()
    tiny_workbench.train(tagger, GoldTags(tagger), SOURCE, settings)
    assert told(tiny_workbench.folder) == ["8 sentences in a step, not 16, since the memory was too short"]


def test_a_single_sentence_that_is_too_large_is_an_error(tiny_workbench, monkeypatch):
    narrow(monkeypatch, 0, MemoryError)
    tagger = tiny_workbench.new_tagger()
    with pytest.raises(XnerError) as error:
        tiny_workbench.train(tagger, GoldTags(tagger), SOURCE, TrainingSettings(epochs=1, batch_size=1))
    assert str(error.value) == "the memory is too short for a step of 1 sentences; lower max_length, or raise freeze"


def test_any_other_error_is_none_of_the_memory(tiny_workbench, monkeypatch):
    narrow(monkeypatch, 0, lambda: RuntimeError("shapes do not match"))
    tagger = tiny_workbench.new_tagger()
    with pytest.raises(RuntimeError, match="shapes do not match"):
        tiny_workbench.train(tagger, GoldTags(tagger), SOURCE, TrainingSettings(epochs=1, batch_size=4))
    assert last_checkpoint(tiny_workbench.folder / "scratch")[0] is None
