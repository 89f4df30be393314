from dataclasses import replace

import numpy as np
import pytest

from naive import evaluator_loss, recognizer_loss
from xner.store.stages import TAGGER
from xner.tagging.tagger import Tagger
from xner.tagging.windows import collate
from xner.testing import TeacherContract, tiny_corpus
from xner_mtmt.joint import Joint, JointLoss, JointSettings


class TestJoint(TeacherContract):
    component = "joint"


CONFIG = Joint.Config(epochs=2, learning_rate=2e-3, batch_size=16)


@pytest.mark.parametrize(("same", "words"), [("tag", "even"), ("tag", "uniform"), ("type", "even")])
def test_the_loss_is_the_sum_of_both(tiny_workbench, same, words):
    settings = JointSettings(same=same, words=words, subwords=0)
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()
    batch = collate(list(tagger.windower.windows(tiny_corpus(size=8))), 0)
    objective = JointLoss(tagger, settings)
    states = objective.states(batch)
    hidden, logits, labels, sentences = (
        column.tolist() for column in (states.hidden, states.logits, batch["labels"], batch["sentences"])
    )
    tags, pairs = recognizer_loss(logits, labels), evaluator_loss(hidden, labels, sentences, same, words)
    assert objective(batch).item() == pytest.approx(tags + pairs, abs=1e-6)
    assert tags > 0.1 and pairs > 0.3132
    objective(batch).backward()
    more = JointLoss(tagger, settings.model_copy(update={"subwords": 1.0}))(batch) - objective(batch)
    assert more.item() == pytest.approx(recognizer_loss(states.following.tolist(), _inside(labels, batch)), abs=1e-6)
    assert tagger.model.classifier.weight.grad.abs().sum() > 0


def _inside(labels, batch):
    sizes = batch["sizes"].tolist()
    inside = [label + label % 2 for label in labels]
    return [label for label, size in zip(inside, sizes, strict=True) for _ in range(size - 1)]


@pytest.fixture
def fitted(tiny_workbench):
    teacher = Joint(CONFIG)
    teacher.fit(tiny_corpus(), tiny_workbench)
    return teacher


def test_it_gives_what_both_teachers_give(fitted):
    target = tiny_corpus("xx").without_labels()
    rows = list(fitted.label(target))
    assert (Joint.provides, Joint.embeddings) == (("probabilities", "vectors"), ("vectors",))
    for sentence, row in zip(target, rows, strict=True):
        assert set(row) == set(Joint.provides)
        assert row["probabilities"].shape == (len(sentence.tokens), 7)
        assert row["vectors"].shape == (len(sentence.tokens), 32)
        assert np.allclose(row["probabilities"].sum(-1), 1, atol=1e-6)
        assert np.allclose(np.linalg.norm(row["vectors"].astype(float), axis=-1), 1, atol=2e-3)


def test_both_come_from_one_encoder(fitted):
    target = tiny_corpus("xx", size=5)
    read = fitted._tagger.states(target, lambda states: {"h": states.hidden, "p": states.logits.softmax(-1)})
    for row, states in zip(fitted.label(target), read, strict=True):
        unit = states["h"] / np.linalg.norm(states["h"], axis=-1, keepdims=True)
        assert np.allclose(row["vectors"], unit, atol=1e-3)
        assert np.array_equal(row["probabilities"], states["p"])


def test_saved_and_restored_it_says_the_same(fitted, tiny_workbench, tmp_path):
    fitted.save(tmp_path / "j")
    again = Joint()
    again.restore(tmp_path / "j", replace(tiny_workbench, seed=3))
    target = tiny_corpus("xx")
    for one, other in zip(fitted.label(target), again.label(target), strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in Joint.provides)
    assert Tagger.load(tmp_path / "j" / TAGGER).labels == tiny_workbench.labels  # a student may start from it
