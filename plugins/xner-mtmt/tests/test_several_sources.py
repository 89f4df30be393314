"""MTMT with several source languages: teachers for each, mixed into one signal of a kind."""

from math import sqrt

import numpy as np
import pytest
import torch

from naive import Form, cosine, student_loss
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.mixing import configure
from xner.tagging.states import WordStates
from xner.teachers.combination import averaged, joined

SENTENCES = [0, 0, 0, 1, 1, 2, 2, 2, 3]

NAMES, LANGUAGES = ("recognizer", "similarity"), ("en", "zz")


def several_teachers(shared, count=3):
    """What K pairs of teachers say of every word, and how much each counts in each sentence."""
    draw = np.random.default_rng(0)
    p = draw.dirichlet(np.ones(5), (count, len(SENTENCES))).astype(np.float32)
    v = draw.standard_normal((count, len(SENTENCES), 8)).astype(np.float16)
    w = draw.dirichlet(np.ones(count), 4)
    return p, v, np.broadcast_to(w[0], w.shape) if shared else w


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("beta", ["paper", "authors"])
def test_the_loss_is_that_of_the_mixed_teachers(given, shared, beta):
    """p is sum_k w_k p_k and cos is sum_k sqrt(w_k w'_k) cos_k, read without any joined vector."""
    p, v, w = several_teachers(shared)
    torch.manual_seed(0)
    states = WordStates(*(torch.randn(len(SENTENCES), width, dtype=torch.float64) for width in (6, 5)))
    words = [np.flatnonzero(np.equal(SENTENCES, sentence)) for sentence in range(4)]
    rows = {
        name: [mix(list(column[:, here]), w[sentence]) for sentence, here in enumerate(words)]
        for name, mix, column in (("probabilities", averaged, p), ("vectors", joined, v))
    }
    batch = {name: torch.tensor(np.concatenate(parts)).double() for name, parts in rows.items()}
    batch["sentences"] = torch.tensor(SENTENCES)
    plugins = Plugins.load()
    config = configure(plugins, {"method": "mtmt", "weightings.reliability.beta": beta}, preset="paper")
    components = Components(plugins, config)
    tasks, weighting = (
        [components.create("auxiliary_tasks", "similarity")],
        components.create("weightings", "reliability"),
    )
    got = given(states, tasks, weighting, config.student)(batch)

    shares = [w[sentence].tolist() for sentence in SENTENCES]
    mixed = [[sum(s * p[k][i][c] for k, s in enumerate(shares[i])) for c in range(5)] for i in range(len(SENTENCES))]

    def alike(i, j):
        pairs = zip(shares[i], shares[j], v[:, i].tolist(), v[:, j].tolist(), strict=True)
        return sum(sqrt(a * b) * cosine(x, y) for a, b, x, y in pairs)

    said = {
        "probabilities": torch.tensor(mixed),
        "vectors": torch.arange(len(SENTENCES)),
        "sentences": batch["sentences"],
    }
    form, places = Form(beta, "soft_ce", 1.0, 1.0), range(len(SENTENCES))
    expected = student_loss(form, said, states.logits, states.hidden, places, alike)
    assert got.item() == pytest.approx(expected, abs=1e-6)


def test_end_to_end(train):
    parts = ("teachers.recognizer", "teachers.similarity", "student")
    run = train("mtmt", parts, {"source.languages": LANGUAGES}, epochs=12, learning_rate=5e-3, batch_size=16)
    assert [stage.title for stage in run.stages] == [
        *(f"teacher {name} on {language}" for name in NAMES for language in LANGUAGES),
        "language classifier of en, zz",
        "language similarity of xx to en, zz",
        *(f"signals of {name} ({language}) on xx" for name in NAMES for language in LANGUAGES),
        "student on xx (tags + similarity, uniform)",
    ]
    assert run.metrics.sentences == 60 and run.metrics.overall.f1 > 15


@pytest.mark.parametrize("method", ["mtst", "mtmt-no-weighting"])
def test_its_ablations_take_several_sources_too(train, method):
    parts = ("teachers.recognizer", "teachers.similarity", "teachers.joint", "student")
    run = train(method, parts, {"source.languages": LANGUAGES, "combination.weights": "sentence-similarity"})
    assert run.metrics.sentences == 60 and run.stages[-1].done
