import pytest
import torch

from xner.components import Components
from xner.config import build
from xner.corpus import Corpus, Sentence
from xner.distillation import Distillation, StudentSettings
from xner.encoding import collate
from xner.plugins import Plugins
from xner_baselines.tsl import TSL


def test_end_to_end(train):
    run = train("tsl", epochs=10, learning_rate=5e-3, batch_size=16)
    assert [stage.title for stage in run.stages] == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert run.metrics.sentences == 60 and run.metrics.overall.f1 > 30  # the names are shared, the words are not


def test_the_loss_is_the_mean_over_words_of_the_squared_error(tiny_bench):
    tagger = tiny_bench.new_tagger()
    tagger.model.eval()
    sentences = [Sentence(["zed", "Ada"]), Sentence(["Rome"])]
    batch = collate(list(tagger.encoder.windows(Corpus.from_sentences("x", "xx", "train", sentences))), 0)
    torch.manual_seed(0)
    batch["probabilities"] = torch.randn(3, 7).softmax(-1)
    method = TSL()
    weighting = Components(Plugins.load(), build()).create("weightings", method.config.weighting)
    objective = Distillation(tagger, (), weighting, StudentSettings(tag_loss="mse_prob"))
    assert not method.config.tasks
    q, p = objective.states(batch).logits.softmax(-1).tolist(), batch["probabilities"].tolist()
    expected = sum(sum((a - b) ** 2 for a, b in zip(q[i], p[i], strict=True)) for i in range(3)) / 3
    assert objective(batch).item() == pytest.approx(expected, abs=1e-6)
    objective(batch).backward()
    assert tagger.model.bert.encoder.layer[0].output.dense.weight.grad.abs().sum() > 0


def test_the_student_comes_closer_to_the_teacher(train):
    """From the pretrained encoder, on the target's sentences alone, to what the teacher says of them."""
    run = train("tsl", epochs=10, learning_rate=5e-3, batch_size=16)
    direct = train("direct", ("teachers.recognizer",), epochs=10, learning_rate=5e-3, batch_size=16)
    assert run.stages[0].key == direct.stages[0].key  # the same teacher, not trained again
    one, other = ((r.folder / "predictions.conll").read_text().split() for r in (run, direct))
    assert sum(a == b for a, b in zip(one, other, strict=True)) / len(one) > 0.9
    assert one != other


def test_several_sources_have_one_teacher(train):
    several = {"source.languages": ["en", "zz"]}
    run, direct = train("tsl", more=several), train("direct", ("teachers.recognizer",), more=several)
    assert [stage.title for stage in run.stages] == [
        "teacher recognizer on en+zz",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert run.stages[0].key == direct.stages[0].key
