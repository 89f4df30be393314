from math import exp, log

import pytest
import torch

from xner.corpora.corpus import Corpus, Sentence
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.students.distillation import Distillation
from xner.tagging.windows import collate
from xner.testing import MethodContract


class TestTSL(MethodContract):
    component = "tsl"


def test_end_to_end(train):
    run = train("tsl", epochs=10, learning_rate=5e-3, batch_size=16)
    assert [stage.title for stage in run.stages] == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert run.metrics.sentences == 60 and run.metrics.overall.f1 > 30  # the names are shared, the words are not


@pytest.fixture
def student(tiny_workbench):
    """A student, and a batch with what a teacher says of its five words."""
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()
    sentences = [Sentence(["zed", "Ada", "um"]), Sentence(["Rome"]), Sentence(["a"])]
    batch = collate(list(tagger.windower.windows(Corpus.from_sentences("x", "xx", "train", sentences))), 0)
    torch.manual_seed(0)
    return tagger, batch | {"probabilities": (2 * torch.randn(5, 7)).softmax(-1)}


def objective(tagger, **settings):
    """What the method tsl minimises over words with the settings given, and the default ones beside."""
    config = build({"method": "tsl", "student.subwords": 0, **settings})
    components = Components(Plugins.load(), config)
    return Distillation(tagger, (), components.create("weightings", "uniform"), config.student)


LOSSES = {
    "mse_prob": lambda q, p: sum((a - b) ** 2 for a, b in zip(q, p, strict=True)),
    "soft_ce": lambda q, p: -sum(b * log(a) for a, b in zip(q, p, strict=True)),
    "kl": lambda q, p: sum(b * log(b / a) for a, b in zip(q, p, strict=True)),
    "hard_ce": lambda q, p: -log(q[p.index(max(p))]),
}
"""One word's loss in plain Python."""


@pytest.mark.parametrize("name", [*LOSSES, None])
def test_the_loss_is_the_mean_over_words(student, name):
    tagger, batch = student
    tsl = objective(tagger, **({"student.tag_loss": name} if name else {}))
    rows, teacher = tsl.states(batch).logits.tolist(), batch["probabilities"].tolist()
    q = [[exp(x) / sum(map(exp, row)) for x in row] for row in rows]
    expected = sum(map(LOSSES[name or "soft_ce"], q, teacher)) / 5
    assert tsl(batch).item() == pytest.approx(expected, abs=1e-6)
    tsl(batch).backward()
    assert tagger.model.bert.encoder.layer[0].output.dense.weight.grad.any()


def test_squared_error_is_wu_et_als_times_the_number_of_tags(student):
    """Their code calls `MSELoss`, which is a mean over words and tags."""
    tagger, batch = student
    tsl = objective(tagger, **{"student.tag_loss": "mse_prob"})
    theirs = torch.nn.MSELoss()(tsl.states(batch).logits.softmax(-1), batch["probabilities"])
    assert tsl(batch).item() == pytest.approx(7 * theirs.item(), abs=1e-6)


def test_the_student_comes_closer_to_the_teacher(train):
    """From the pretrained encoder, on the target's sentences alone, to what the teacher says of them."""
    alike = {"epochs": 10, "learning_rate": 5e-3, "batch_size": 16}
    own = {"decoding.rule": "legal"}  # what both say of each word, without the bigrams
    run = train("tsl", more={"student.start": "encoder", "student.subwords": 0, **own}, **alike)
    direct = train("direct", ("teachers.recognizer",), own, **alike)
    assert run.stages[0].key == direct.stages[0].key  # the same teacher, not trained again
    one, other = ((r.folder / "predictions.conll").read_text().split()[1::2] for r in (run, direct))  # words left out
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
