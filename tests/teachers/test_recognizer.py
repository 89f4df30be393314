from dataclasses import replace
from math import exp, log

import numpy as np
import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.errors import DataError
from xner.store.stages import TAGGER
from xner.tagging.tagger import Tagger
from xner.tagging.windows import IGNORED, collate
from xner.teachers.recognizer import GoldTags, Recognizer
from xner.testing import TeacherContract, tiny_corpus


class TestRecognizer(TeacherContract):
    component = "recognizer"


CONFIG = Recognizer.Config(epochs=2, learning_rate=2e-3, batch_size=16)


@pytest.fixture
def fitted(tiny_workbench):
    teacher = Recognizer(CONFIG)
    teacher.fit(tiny_corpus(), tiny_workbench)
    return teacher


def columns(teacher, corpus):
    return [row["probabilities"] for row in teacher.label(corpus)]


def test_it_says_how_probable_each_tag_is(fitted):
    target = tiny_corpus("xx").without_labels()
    rows = columns(fitted, target)
    assert Recognizer.provides == ("probabilities",)
    assert [row.shape for row in rows] == [(len(sentence.tokens), 7) for sentence in target]
    assert all(np.allclose(row.sum(-1), 1, atol=1e-6) and (row >= 0).all() for row in rows)


def test_saved_and_restored_it_says_the_same(fitted, tiny_workbench, tmp_path):
    fitted.save(tmp_path / "r")
    again = Recognizer(CONFIG)
    again.restore(tmp_path / "r", replace(tiny_workbench, seed=7))
    target = tiny_corpus("xx")
    assert all(map(np.array_equal, columns(fitted, target), columns(again, target)))
    tagger = Tagger.load(tmp_path / "r" / TAGGER, tiny_workbench.hardware)
    for prediction, row in zip(tagger.tag(target), columns(fitted, target), strict=True):
        assert prediction.scores == pytest.approx(row.max(-1).tolist())


def test_it_learns(tiny_workbench):
    teacher = Recognizer(CONFIG.model_copy(update={"epochs": 20, "learning_rate": 5e-3}))
    teacher.fit(tiny_corpus(), tiny_workbench)
    right = [
        tiny_workbench.labels.tags[best] == tag
        for sentence, row in zip(tiny_corpus(split="test"), columns(teacher, tiny_corpus(split="test")), strict=True)
        for tag, best in zip(sentence.tags, row.argmax(-1), strict=True)
    ]
    assert np.mean(right) > 0.7  # half of the words are O


def test_the_loss_is_the_mean_cross_entropy_of_labelled_words(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()
    sentences = [Sentence(["Ada", "sees", "Rome"], ["B-PER", "O", "B-LOC"]), Sentence(["old"], ["O"])]
    batch = collate(list(tagger.windower.windows(Corpus.from_sentences("x", "en", "train", sentences))), 0)
    objective = GoldTags(tagger, subwords=0)
    rows, labels = objective.states(batch).logits.tolist(), [5, 0, 1, 0]
    assert batch["labels"].tolist() == labels
    losses = [log(sum(map(exp, row))) - row[label] for row, label in zip(rows, labels, strict=True)]
    assert objective(batch).item() == pytest.approx(sum(losses) / 4, abs=1e-6)
    batch["labels"][1] = IGNORED
    assert objective(batch).item() == pytest.approx((losses[0] + losses[2] + losses[3]) / 3, abs=1e-6)


def test_further_sub_words_learn_to_be_inside_what_their_words_are(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()
    sentences = [Sentence(["Al", "sees", "Oz"], ["B-PER", "O", "B-LOC"]), Sentence(["Bo", "a"], ["I-ORG", "O"])]
    batch = collate(list(tagger.windower.windows(Corpus.from_sentences("x", "en", "train", sentences))), 0)
    rows, labels = GoldTags(tagger).states(batch).following.tolist(), [6, 0, 0, 0, 2, 4]  # l, e e s, z, o
    losses = [log(sum(map(exp, row))) - row[label] for row, label in zip(rows, labels, strict=True)]
    alone = GoldTags(tagger, subwords=0)(batch).item()
    assert GoldTags(tagger, subwords=0.5)(batch).item() == pytest.approx(alone + 0.5 * sum(losses) / 6, abs=1e-6)
    batch["labels"][1] = IGNORED  # "sees"
    alone, counted = GoldTags(tagger, subwords=0)(batch).item(), losses[:1] + losses[4:]
    assert GoldTags(tagger)(batch).item() == pytest.approx(alone + sum(counted) / 3, abs=1e-6)
    batch["labels"][:] = IGNORED
    batch["labels"][-1] = 0
    assert GoldTags(tagger)(batch).item() == pytest.approx(GoldTags(tagger, subwords=0)(batch).item())


def test_the_target_needs_no_labels(fitted):
    bare = columns(fitted, tiny_corpus("xx").without_labels())
    assert all(map(np.array_equal, bare, columns(fitted, tiny_corpus("xx"))))


def test_it_does_not_learn_without_labels(tiny_workbench):
    with pytest.raises(DataError, match=r"^tiny xx/train: has no labels, so no recognizer can learn from it$"):
        Recognizer(CONFIG).fit(tiny_corpus("xx").without_labels(), tiny_workbench)
