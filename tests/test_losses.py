from math import log

import pytest
import torch

from xner.losses import tag_loss

STUDENT = [[0.5, 0.25, 0.25], [0.1, 0.2, 0.7]]
TEACHER = [[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]]


def losses(name, student=STUDENT, teacher=TEACHER):
    return tag_loss(name, torch.tensor(student).log() + 5, torch.tensor(teacher)).tolist()  # logits are log p + any


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse_prob", [0.2**2 + 0.05**2 + 0.15**2, 0]),
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


@pytest.mark.parametrize("name", ["mse_prob", "soft_ce", "kl", "hard_ce"])
def test_the_teacher_itself_is_the_best_student(name):
    best = losses(name, TEACHER)
    for worse in ([[0.8, 0.1, 0.1], [0.2, 0.2, 0.6]], [[0.6, 0.3, 0.1], [0.1, 0.3, 0.6]]):
        for one, other in zip(best, losses(name, worse), strict=True):
            assert one < other or (name == "hard_ce" and other == pytest.approx(-log(0.8)))


@pytest.mark.parametrize("name", ["mse_prob", "soft_ce", "kl", "hard_ce"])
def test_a_teacher_that_is_quite_sure(name):
    logits = torch.randn(2, 3, requires_grad=True)
    loss = tag_loss(name, logits, torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]))
    loss.sum().backward()
    assert loss.shape == (2,)
    assert loss.isfinite().all() and logits.grad.isfinite().all() and logits.grad.abs().sum() > 0


def test_kl_is_soft_cross_entropy_less_the_teachers_entropy():
    torch.manual_seed(0)
    logits, teacher = torch.randn(20, 7), torch.randn(20, 7).softmax(-1)
    entropy = -(teacher * teacher.log()).sum(-1)
    assert torch.allclose(tag_loss("kl", logits, teacher), tag_loss("soft_ce", logits, teacher) - entropy, atol=1e-6)
