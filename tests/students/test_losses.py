from math import exp, log

import pytest
import torch

from xner.students.losses import tag_loss

STUDENT = [[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]
TEACHER = [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]]


def losses(name, student=STUDENT, teacher=TEACHER):
    return tag_loss(name, torch.tensor(student).log() + 5, torch.tensor(teacher)).tolist()  # logits are log p + any


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse_prob", [0.2**2 + 0.05**2 + 0.15**2, 0]),
        ("mse_mean", [(0.2**2 + 0.05**2 + 0.15**2) / 3, 0]),
        (
            "soft_ce",
            [
                -(0.7 * log(0.5) + 0.2 * log(0.25) + 0.1 * log(0.25)),
                -(0.1 * log(0.1) + 0.2 * log(0.2) + 0.7 * log(0.7)),
            ],
        ),
        ("kl", [0.7 * log(0.7 / 0.5) + 0.2 * log(0.2 / 0.25) + 0.1 * log(0.1 / 0.25), 0]),
        ("hard_ce", [-log(0.5), -log(0.7)]),
    ],
)
def test_by_hand(name, expected):
    assert losses(name) == pytest.approx(expected, abs=1e-6)


def naive(name, logits, p):
    """One word's loss, in plain Python."""
    q = [exp(x) / sum(map(exp, logits)) for x in logits]
    if name == "hard_ce":
        return -log(q[p.index(max(p))])
    terms = {
        "mse_prob": lambda a, b: (a - b) ** 2,
        "mse_mean": lambda a, b: (a - b) ** 2 / len(p),
        "soft_ce": lambda a, b: -b * log(a),
        "kl": lambda a, b: b * log(b / a) if b else 0.0,
    }
    return sum(map(terms[name], q, p))


@pytest.mark.parametrize("name", ["mse_prob", "mse_mean", "soft_ce", "kl", "hard_ce"])
def test_against_plain_python(name):
    torch.manual_seed(0)
    logits = 3 * torch.randn(40, 9, dtype=torch.float64)
    sharp = (5 * torch.randn(40, 9, dtype=torch.float64)).softmax(-1)
    for teacher in (sharp, torch.eye(9, dtype=torch.float64)[sharp.argmax(-1)], torch.full_like(sharp, 1 / 9)):
        if name == "hard_ce" and len(set(teacher[0].tolist())) == 1:
            continue  # an undecided teacher has no best tag
        expected = list(map(naive, [name] * 40, logits.tolist(), teacher.tolist()))
        assert tag_loss(name, logits, teacher).tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("name", ["mse_prob", "mse_mean", "soft_ce", "kl", "hard_ce"])
def test_the_teacher_itself_is_the_best_student(name):
    best = losses(name, TEACHER)
    for worse in ([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6]], [[0.6, 0.3, 0.1], [0.1, 0.3, 0.6]]):
        for one, other in zip(best, losses(name, worse), strict=True):
            assert one < other or (name == "hard_ce" and other == pytest.approx(-log(0.8)))


@pytest.mark.parametrize("name", ["mse_prob", "mse_mean", "soft_ce", "kl", "hard_ce"])
def test_a_teacher_that_is_quite_sure(name):
    logits = torch.randn(2, 3, requires_grad=True)
    loss = tag_loss(name, logits, torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    loss.sum().backward()
    assert loss.shape == (2,)
    assert loss.isfinite().all() and logits.grad.isfinite().all() and logits.grad.abs().sum() > 0
