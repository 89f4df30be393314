import numpy as np
import pytest
import torch

from naive_colada import label, target_loss, translated_loss
from xner.base import LossTerm, TransferTask, WordTranslationSettings, tag_loss, translated
from xner.store.ragged import Ragged
from xner.teachers.labelled import SIGNALS
from xner.testing import tiny_corpus
from xner_translation.colada import CoLaDa
from xner_translation.mixed_labels import mixed, mixed_labels


def drawn(words=7, tags=5):
    draw = np.random.default_rng(0)
    given, said = draw.integers(tags, size=words), draw.dirichlet(np.full(tags, 0.4), words)
    return given, said, draw.uniform(0.01, 1, (words, 1))


@pytest.mark.parametrize("own", [0, 0.1, 0.5, 1])
def test_the_product_is_the_papers_label(own):
    given, said, weights = drawn()
    labels, mass = mixed(given, said, weights, own)
    assert labels.dtype == mass.dtype == np.float32 and np.allclose(labels.sum(-1), 1, atol=1e-6)
    expected = [label(y, p, w, own) for y, p, w in zip(given, said.tolist(), weights[:, 0].tolist(), strict=True)]
    assert np.allclose(labels * mass, expected, atol=1e-6)


def test_a_word_that_counts_nothing_keeps_what_is_said_of_it():
    labels, mass = mixed(np.array([1]), np.array([[0.25, 0.75]]), np.zeros((1, 1)), own=0)
    assert labels.tolist() == [[0.25, 0.75]] and mass.tolist() == [[0]]


@pytest.mark.parametrize("own", [0.1, 0.5])
def test_with_soft_labels_it_is_the_papers_loss(own):
    given, said, weights = drawn()
    torch.manual_seed(0)
    logits = torch.randn(*said.shape, dtype=torch.float64)
    labels, mass = map(torch.from_numpy, mixed(given, said, weights, own))
    losses = tag_loss("soft_ce", logits, labels.double())
    found = LossTerm(losses, torch.ones(len(losses), dtype=torch.bool)).mean(mass[:, 0])
    plain = said.tolist(), weights[:, 0].tolist()
    assert float(found) == pytest.approx(translated_loss(logits.tolist(), given.tolist(), *plain, own), rel=1e-5)


def test_with_hard_labels_it_is_the_papers_loss_of_the_target():
    given, said, weights = drawn()
    torch.manual_seed(0)
    logits = torch.randn(*said.shape, dtype=torch.float64)
    losses = tag_loss("hard_ce", logits, torch.eye(said.shape[1], dtype=torch.float64)[given])
    found = LossTerm(losses, torch.ones(len(losses), dtype=torch.bool)).mean(torch.from_numpy(weights[:, 0]))
    assert float(found) == pytest.approx(target_loss(logits.tolist(), given.tolist(), weights[:, 0].tolist()), rel=1e-6)


def test_the_stage_mixes_tags_of_the_corpus_with_what_is_said(make_context, words):
    context, method = make_context({"teachers.recognizer.epochs": 1, **words}), CoLaDa()
    task = TransferTask((tiny_corpus(size=12),), tiny_corpus("xx", size=12).without_labels())
    translation = translated(task.source, task.target, WordTranslationSettings(), context)
    labelled = context.label(translation, context.fit("recognizer", task.source))
    weighed = context.refine(labelled, "neighbour-agreement")
    made = mixed_labels(weighed, 0.3, context, method)
    assert made.columns == ("probabilities", "weight") and made.refiners == ("neighbour-agreement", "mixed labels")
    said, counts, rows = (
        Ragged(s.folder / SIGNALS) for s in (labelled.stages[0], weighed.refined[-1], made.refined[-1])
    )
    ids, both = context.workbench.labels.ids, made.signals()
    for number, (sentence, old) in enumerate(zip(translation, task.source, strict=True)):
        assert sentence.tags == old.tags
        parts = said.row(number)["probabilities"].tolist(), counts.row(number)["weight"][:, 0].tolist()
        expected = [label(ids[tag], p, w, 0.3) for tag, p, w in zip(old.tags, *parts, strict=True)]
        row = rows.row(number)
        assert np.allclose(row["probabilities"] * row["weight"], expected, atol=1e-5)
        assert np.array_equal(both.row(number)["weight"], row["weight"])  # the agreement counts once


def test_without_weights_all_words_count_in_full(make_context, words):
    context, source = make_context({"teachers.recognizer.epochs": 1, **words}), tiny_corpus(size=6)
    labelled = context.label(source, context.fit("recognizer", source))
    rows = Ragged(mixed_labels(labelled, 0.5, context, CoLaDa()).refined[-1].folder / SIGNALS)
    assert all(np.allclose(rows.row(number)["weight"], 1) for number in range(6))


def test_another_share_is_another_stage(make_context, words):
    context, source = make_context(words, dry=True), tiny_corpus(size=6)
    labelled = context.label(source, context.fit("recognizer", source))
    keys = {mixed_labels(labelled, own, context, CoLaDa()).refined[-1].key for own in (0.1, 0.5)}
    assert len(keys) == 2
