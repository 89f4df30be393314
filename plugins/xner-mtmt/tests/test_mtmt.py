"""The whole of MTMT's student loss against its equation, and the method from end to end."""

from math import exp, log, sqrt
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from xner.base import StudentBatch
from xner.distillation import Distillation, StudentSettings
from xner.mixing import averaged, joined
from xner.pairing import draw
from xner_mtmt.reliability import Reliability, Unweighted
from xner_mtmt.similarity import Similarity

SENTENCES = [0, 0, 0, 1, 1, 2, 2, 2, 3]


def cosine(one, other):
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / sqrt(sum(a * a for a in one) * sum(b * b for b in other))


def sigmoid(x):
    return 1 / (1 + exp(-x))


def softmax(row):
    total = sum(map(exp, row))
    return [exp(x) / total for x in row]


def tag_loss(name, q, p):
    if name == "mse_prob":
        return sum((a - b) ** 2 for a, b in zip(q, p, strict=True))
    return -sum(b * log(a) for a, b in zip(q, p, strict=True))


def naive(batch, states, places, *, form, loss, tags, coefficient, alike=cosine):
    """L = the mean over ordered pairs of gamma * (tags * (alpha_i l_i + alpha_j l_j) + coefficient * beta * l_sim)."""
    p, v = batch["probabilities"].tolist(), batch["vectors"].tolist()
    q, h = [softmax(row) for row in states.logits.tolist()], states.hidden.tolist()
    total, count = 0.0, 0
    for i in places:
        for j in places:
            if SENTENCES[i] == SENTENCES[j]:
                continue
            t, u = sigmoid(alike(v[i], v[j])), sigmoid(cosine(h[i], h[j]))
            alpha_i, alpha_j = max(p[i]) ** 2, max(p[j]) ** 2
            beta = (2 * t - 1) ** 2 if form == "paper" else min((2 * t - 1) ** 2 + 0.5, 1)
            gamma = 1 - abs(sigmoid(cosine(p[i], p[j])) - t)
            if form == "none":
                alpha_i = alpha_j = beta = gamma = 1
            similar = -t * log(u) - (1 - t) * log(1 - u)
            words = alpha_i * tag_loss(loss, q[i], p[i]) + alpha_j * tag_loss(loss, q[j], p[j])
            total += gamma * (tags * words + coefficient * beta * similar)
            count += 1
    return total / count


class Given(Distillation):
    """The student's loss of states that the test made, in any precision."""

    def __init__(self, states, tasks, weighting, settings):
        model = torch.nn.Module()
        model.config = SimpleNamespace(hidden_size=states.hidden.shape[1])
        super().__init__(SimpleNamespace(model=model, hardware=None), tasks, weighting, settings)
        self.given = states

    def states(self, batch):
        return self.given


def example(dtype, seed=0):
    torch.manual_seed(seed)
    size = len(SENTENCES)
    states = StudentBatch(
        torch.randn(size, 6, dtype=dtype, requires_grad=True), torch.randn(size, 5, dtype=dtype, requires_grad=True)
    )
    batch = {
        "sentences": torch.tensor(SENTENCES),
        "probabilities": (2 * torch.randn(size, 5, dtype=dtype)).softmax(-1),
        "vectors": torch.randn(size, 8, dtype=dtype),
    }
    return states, batch


def objective(states, form, loss="mse_prob", tags=1.0, coefficient=1.0, **settings):
    weighting = Unweighted() if form == "none" else Reliability(Reliability.Config(beta=form))
    tasks = [Similarity(Similarity.Config(coefficient=coefficient))]
    return Given(states, tasks, weighting, StudentSettings(tag_loss=loss, tag_coefficient=tags, **settings))


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-6), (torch.float32, 1e-5)])
@pytest.mark.parametrize(
    ("form", "loss", "tags", "coefficient"),
    [
        ("paper", "mse_prob", 1.0, 1.0),
        ("paper", "soft_ce", 1.0, 1.0),
        ("authors", "mse_prob", 0.5, 0.5),
        ("none", "mse_prob", 1.0, 2.0),
    ],
)
@pytest.mark.parametrize(("pairing", "size"), [("uniform", 512), ("uniform", 5), ("balanced", 6)])
def test_the_students_loss_is_the_equation(dtype, tolerance, form, loss, tags, coefficient, pairing, size):
    states, batch = example(dtype)
    made = objective(states, form, loss, tags, coefficient, pairing=pairing, paired_words=size)
    torch.manual_seed(7)
    places = draw(pairing, batch["sentences"], size, batch["probabilities"]).words.tolist()
    torch.manual_seed(7)
    got = made(batch)
    expected = naive(batch, states, places, form=form, loss=loss, tags=tags, coefficient=coefficient)
    assert len(places) <= size
    assert got.item() == pytest.approx(expected, abs=tolerance)


def test_by_hand():
    # two words, one in each of two sentences: q and q' are (.5 .25 .25) and (.2 .6 .2), cos of their states is 0
    states = StudentBatch(
        torch.tensor([[2.0, 0.0], [0.0, 5.0]]), torch.tensor([[0.5, 0.25, 0.25], [0.2, 0.6, 0.2]]).log()
    )
    batch = {
        "sentences": torch.tensor([0, 1]),
        "probabilities": torch.tensor([[0.6, 0.3, 0.1], [0.2, 0.7, 0.1]]),  # alpha 0.36 and 0.49, l 0.035 and 0.02
        "vectors": torch.tensor([[1.0, 0.0], [0.6, 0.8]]),  # t 0.645656, beta 0.084863, gamma 0.981430, BCE 0.693147
    }
    assert objective(states, "paper")(batch).item() == pytest.approx(0.0797143, abs=1e-6)
    assert objective(states, "authors", tags=0.5, coefficient=0.5)(batch).item() == pytest.approx(0.2099259, abs=1e-6)
    assert objective(states, "none")(batch).item() == pytest.approx(0.7481472, abs=1e-6)


def test_only_the_student_learns():
    """The gradient is that of the equation with alpha, beta, gamma, p and t as constants: by finite differences."""
    states, batch = example(torch.float64)
    made = objective(states, "paper")
    made(batch).backward()
    assert not any(tensor.requires_grad for tensor in batch.values())
    assert not list(made.parameters())
    places = list(range(len(SENTENCES)))
    rule = {"form": "paper", "loss": "mse_prob", "tags": 1.0, "coefficient": 1.0}
    for tensor in (states.hidden, states.logits):
        for place in ((0, 0), (4, 3), (8, 1)):
            values = []
            for step in (1e-5, -1e-5):
                with torch.no_grad():
                    tensor[place] += step
                    values.append(naive(batch, states, places, **rule))
                    tensor[place] -= step
            assert float(tensor.grad[place]) == pytest.approx((values[0] - values[1]) / 2e-5, abs=1e-6)


def test_a_batch_of_one_sentence_teaches_nothing():
    states, batch = example(torch.float32)
    batch["sentences"] = torch.zeros(len(SENTENCES), dtype=torch.long)
    loss = objective(states, "paper")(batch)
    loss.backward()
    assert loss == 0 and states.hidden.grad.abs().sum() == 0


def test_end_to_end(train):
    parts = ("teachers.recognizer", "teachers.similarity", "student")
    run = train("mtmt", parts, epochs=12, learning_rate=5e-3, batch_size=16)
    assert [stage.title for stage in run.stages] == [
        "teacher recognizer on en",
        "teacher similarity on en",
        "signals of recognizer on xx",
        "signals of similarity on xx",
        "student on xx (tags + similarity, reliability)",
    ]
    assert run.metrics.sentences == 60 and run.metrics.overall.f1 > 15  # the names are shared, the words are not
    names = {path.name for path in (run.folder / "student").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names  # a plain checkpoint


# several sources

NAMES, LANGUAGES = ("recognizer", "similarity"), ("en", "zz")


def several_teachers(shared, count=3):
    """What K pairs of teachers say of every word, and how much each counts in each sentence."""
    draw = np.random.default_rng(0)
    p = draw.dirichlet(np.ones(5), (count, len(SENTENCES))).astype(np.float32)
    v = draw.standard_normal((count, len(SENTENCES), 8)).astype(np.float16)
    w = draw.dirichlet(np.ones(count), 4)
    return p, v, np.broadcast_to(w[0], w.shape) if shared else w


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize(("form", "loss"), [("paper", "soft_ce"), ("authors", "mse_prob")])
def test_with_several_sources_the_loss_is_that_of_the_mixed_teachers(shared, form, loss):
    """p is sum_k w_k p_k and cos is sum_k sqrt(w_k w'_k) cos_k, read without any joined vector."""
    p, v, w = several_teachers(shared)
    states, batch = example(torch.float64)
    words = [np.flatnonzero(np.equal(SENTENCES, sentence)) for sentence in range(4)]
    rows = {
        name: [mix(list(column[:, here]), w[sentence]) for sentence, here in enumerate(words)]
        for name, mix, column in (("probabilities", averaged, p), ("vectors", joined, v))
    }
    batch |= {name: torch.tensor(np.concatenate(parts)).double() for name, parts in rows.items()}
    got = objective(states, form, loss)(batch)

    shares = [w[sentence].tolist() for sentence in SENTENCES]
    mixed = [[sum(s * p[k][i][c] for k, s in enumerate(shares[i])) for c in range(5)] for i in range(len(SENTENCES))]

    def alike(i, j):
        pairs = zip(shares[i], shares[j], v[:, i].tolist(), v[:, j].tolist(), strict=True)
        return sum(sqrt(a * b) * cosine(x, y) for a, b, x, y in pairs)

    said = {"probabilities": torch.tensor(mixed), "vectors": torch.arange(len(SENTENCES))}
    rule = {"form": form, "loss": loss, "tags": 1.0, "coefficient": 1.0, "alike": alike}
    assert got.item() == pytest.approx(naive(said, states, range(len(SENTENCES)), **rule), abs=1e-6)


def test_end_to_end_with_several_sources(train):
    parts = ("teachers.recognizer", "teachers.similarity", "student")
    run = train("mtmt", parts, {"source.languages": LANGUAGES}, epochs=12, learning_rate=5e-3, batch_size=16)
    assert [stage.title for stage in run.stages] == [
        *(f"teacher {name} on {language}" for name in NAMES for language in LANGUAGES),
        "language classifier of en, zz",
        "similarity of xx to en, zz",
        *(f"signals of {name} ({language}) on xx" for name in NAMES for language in LANGUAGES),
        "student on xx (tags + similarity, reliability)",
    ]
    assert run.metrics.sentences == 60 and run.metrics.overall.f1 > 15


@pytest.mark.parametrize("method", ["mtst", "mtmt-no-weighting"])
def test_its_ablations_take_several_sources_too(train, method):
    parts = ("teachers.recognizer", "teachers.similarity", "teachers.joint", "student")
    run = train(method, parts, {"source.languages": LANGUAGES, "combination.weights": "sentence-similarity"})
    assert run.metrics.sentences == 60 and run.stages[-1].done
