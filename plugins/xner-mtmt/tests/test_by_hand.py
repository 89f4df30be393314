"""One case by hand, for a pocket calculator: words a and b in one sentence, c, d and e in another, and three tags.

     teacher's p    student's q    vector v    states h     alpha = (max p)^2
  a   1   0   0     .8  .1  .1      1   0       2   0       1
  b   0  .8  .2     .2  .6  .2      0   1       0   3        .64
  c  .6  .4   0     .5  .3  .2     .6  .8       3   4        .36
  d  .2  .7  .1    .25  .5 .25    -.6  .8       0  -2        .49
  e  .9   0  .1     .6  .2  .2      1   0      -8   6        .81

Tag loss of a: mse_prob (.8 - 1)^2 + .1^2 + .1^2 = .06; soft_ce -ln .8 = .223144.
Tag loss of d: mse_prob .05^2 + .2^2 + .15^2 = .065; soft_ce -.2 ln .25 - .7 ln .5 - .1 ln .25 = .901091.

The pair a, c, with sigmoid(x) = 1 / (1 + e^-x):
  v        cos = .6,                              t = sigmoid(.6) = .645656
  beta     (2 * .645656 - 1)^2 = .084863,         authors: + .5 = .584863
  p        cos = .6 / sqrt(.6^2 + .4^2) = .832050,  sigmoid = .696788
  gamma    1 - (.696788 - .645656) = .948868
  h        cos = (2 * 3) / (2 * 5) = .6,          u = sigmoid(.6) = .645656
  s        -.645656 ln .645656 - .354344 ln .354344 = .650094
  paper    .948868 * (1 * .223144 + .36 * .897477 + .084863 * .650094) = .570653
  authors  .948868 * (.5 * 1 * .06 + .5 * .36 * .06 + .5 * .584863 * .650094) = .219101

The six pairs, each of which counts twice, once in each order; the loss is the mean of the last columns:
         cos v  t        beta     cos p    gamma    cos h  s        paper    authors  unweighted
  a, c    .6    .645656  .084863  .832050  .948868   .6     .650094   .570653  .219101  1.770715
  a, d   -.6    .354344  .084863  .272166  .786719    0     .693147   .569192  .195597  1.817382
  a, e   1      .731059  .213552  .993884  .998796   -.8    .955948   .928925  .427244  1.799778
  b, c    .8    .689974  .144361  .538138  .941405   .8     .619121   .828455  .222048  2.247147
  b, d    .8    .689974  .144361  .957143  .967425  -1     1.003236  1.019583  .352867  2.634876
  b, e    0     .5       0        .026784  .993305   .6     .737488   .963810  .264886  2.088723
  mean                                                                .813436  .280291  2.059770
"""

from math import exp, log

import pytest
import torch

from naive import Form, student_loss
from xner.students.batch import Pairs, SignalBatch
from xner.students.losses import tag_loss
from xner.students.settings import StudentSettings
from xner.tagging.states import WordStates
from xner_mtmt.evaluator import EvaluatorSettings, pair_loss
from xner_mtmt.similarity import Similarity, scores
from xner_mtmt.weightings.reliability import Reliability, Unweighted

SENTENCES = torch.tensor([0, 0, 1, 1, 1])
P = torch.tensor([[1, 0, 0], [0, 0.8, 0.2], [0.6, 0.4, 0], [0.2, 0.7, 0.1], [0.9, 0, 0.1]])
Q = torch.tensor([[0.8, 0.1, 0.1], [0.2, 0.6, 0.2], [0.5, 0.3, 0.2], [0.25, 0.5, 0.25], [0.6, 0.2, 0.2]])
V = torch.tensor([[1, 0], [0, 1], [0.6, 0.8], [-0.6, 0.8], [1, 0]])
H = torch.tensor([[2.0, 0], [0, 3], [3, 4], [0, -2], [-8, 6]])
ALPHA = [1, 0.64, 0.36, 0.49, 0.81]
PAIRS = ((0, 2), (0, 3), (0, 4), (1, 2), (1, 3), (1, 4))
T = (0.645656, 0.354344, 0.731059, 0.689974, 0.689974, 0.5)
BETA = (0.084863, 0.084863, 0.213552, 0.144361, 0.144361, 0)
GAMMA = (0.948868, 0.786719, 0.998796, 0.941405, 0.967425, 0.993305)
S = (0.650094, 0.693147, 0.955948, 0.619121, 1.003236, 0.737488)
SIGNALS = SignalBatch(
    {"probabilities": P, "vectors": V},
    SENTENCES,
    Pairs(torch.arange(5), SENTENCES[:, None] != SENTENCES[None, :]),
)


def near(values):
    return pytest.approx(values, abs=1.5e-6)  # six digits here, float32 there


def of_pairs(matrix):
    assert torch.allclose(matrix, matrix.T, atol=1e-6)
    return [matrix[pair].item() for pair in PAIRS]


@pytest.mark.parametrize(("form", "more"), [("paper", 0.0), ("authors", 0.5)])
def test_alpha_beta_and_gamma(form, more):
    weights = Reliability(Reliability.Config(beta=form)).weigh(SIGNALS)
    assert of_pairs(weights.pairs) == near([gamma * (beta + more) for gamma, beta in zip(GAMMA, BETA, strict=True)])
    sums = [2 * sum(gamma for pair, gamma in zip(PAIRS, GAMMA, strict=True) if word in pair) for word in range(5)]
    assert sums[0] == near(2 * (0.948868 + 0.786719 + 0.998796))
    # a mean over 5 words for one over 12 pairs
    assert weights.words.tolist() == near([5 / 12 * alpha * sum_ for alpha, sum_ in zip(ALPHA, sums, strict=True)])


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mse_prob", [0.06, 0.08, 0.06, 0.065, 0.14]),
        ("soft_ce", [0.223144, 0.730548, 0.897477, 0.901091, 0.620687]),
    ],
)
def test_tag_losses(name, expected):
    assert tag_loss(name, Q.log(), P).tolist() == near(expected)


def test_scores_and_similarity_losses():
    assert of_pairs(scores(V)) == near(list(T))
    term = Similarity().losses(WordStates(H, Q.log()), SIGNALS)
    assert of_pairs(term.values) == near(list(S))
    assert term.mask.sum() == 12 and all(term.mask[pair] for pair in PAIRS)


@pytest.mark.parametrize(
    ("beta", "loss", "factor", "total"),
    [("paper", "soft_ce", 1, 0.813436), ("authors", "mse_prob", 0.5, 0.280291), ("none", "soft_ce", 1, 2.059770)],
)
def test_the_students_loss(given, beta, loss, factor, total):
    batch = {"sentences": SENTENCES, **SIGNALS.columns}
    weighting = Unweighted() if beta == "none" else Reliability(Reliability.Config(beta=beta))
    tasks = [Similarity(Similarity.Config(coefficient=factor))]
    settings = StudentSettings(tag_loss=loss, tag_coefficient=factor)
    assert given(WordStates(H, Q.log()), tasks, weighting, settings)(batch).item() == near(total)
    assert student_loss(Form(beta, loss, factor, factor), batch, Q.log(), H, range(5)) == near(total)


@pytest.mark.parametrize(
    ("same", "words", "alike", "different"),
    [
        # gold tags: a B-X, b O, c B-X, d O, e I-X; pairs that are alike lose ln(1 + e^-cos), others ln(1 + e^cos)
        # as they come: a c and b d are alike, and a d, a e, b c, b e are not
        ("tag", "uniform", (0.437488 + 0.371101) / 2, (0.437488 + 1.313262 + 1.171101 + 0.693147) / 4),
        # even: the only I-X is drawn twice as often as each of the two B-X and of the two O
        ("tag", "even", (0.437488 + 0.371101) / 2, (0.437488 + 2 * 1.313262 + 1.171101 + 2 * 0.693147) / 6),
        ("type", "uniform", (0.437488 + 0.313262 + 0.371101) / 3, (0.437488 + 1.171101 + 0.693147) / 3),
        # even: a pair of two X has the chance 1/9, one of two O 1/4, any other 1/6
        (
            "type",
            "even",
            (0.437488 / 9 + 0.313262 / 9 + 0.371101 / 4) / (2 / 9 + 1 / 4),
            (0.437488 + 1.171101 + 0.693147) / 3,
        ),
    ],
)
def test_the_evaluators_loss(same, words, alike, different):
    assert log(1 + exp(-0.6)) == near(0.437488)
    got = pair_loss(V, torch.tensor([1, 0, 1, 0, 2]), SENTENCES, EvaluatorSettings(same=same, words=words))
    assert got.item() == near((alike + different) / 2)
