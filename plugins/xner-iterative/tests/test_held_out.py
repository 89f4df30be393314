from math import exp, log

import numpy as np
import pytest

from xner.base import StudentSettings
from xner.testing import tiny_corpus
from xner_iterative.held_out import Part, held_out_loss, sentence_losses

TAGS = ["O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER"]
TARGET, DEV = tiny_corpus("xx", size=6).without_labels(), tiny_corpus("en", "dev", size=9)


@pytest.fixture
def tagger(tiny_workbench):
    return tiny_workbench.new_tagger()


def naive(tagger, corpus, rows, loss):
    """The mean over sentences of the mean over words."""
    means = []
    for said, soft in zip(tagger.states(corpus, lambda states: {"z": states.logits}), rows, strict=True):
        values = []
        for logits, p in zip(said["z"].tolist(), soft, strict=True):
            total = sum(exp(z) for z in logits)
            q = [exp(z) / total for z in logits]
            if loss == "mse_prob":
                values.append(sum((a - b) ** 2 for a, b in zip(q, p, strict=True)))
            else:
                values.append(-sum(b * log(a) for a, b in zip(q, p, strict=True)))
        means.append(sum(values) / len(values))
    return means


@pytest.mark.parametrize("loss", ["mse_prob", "soft_ce"])
def test_target_and_source_count_half_each(tagger, drawn, loss):
    settings, soft = StudentSettings(tag_loss=loss), drawn([len(sentence.tokens) for sentence in TARGET])
    gold = [[[float(tag == own) for tag in TAGS] for own in sentence.tags] for sentence in DEV]
    parts = [Part(TARGET, soft), Part.of_gold(DEV, TAGS)]
    of_target, of_source = naive(tagger, TARGET, soft, loss), naive(tagger, DEV, gold, loss)
    expected = sum(of_target) / len(of_target) / 2 + sum(of_source) / len(of_source) / 2
    assert held_out_loss(tagger, parts, settings) == pytest.approx(expected, rel=1e-4)
    assert held_out_loss(tagger, parts[:1], settings) == pytest.approx(sum(of_target) / len(of_target), rel=1e-4)
    assert np.allclose(sentence_losses(tagger, parts[1], settings), of_source, atol=1e-4)
