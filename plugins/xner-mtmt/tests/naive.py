"""MTMT once more, for the tests: the formulas of Li et al. (2022) in plain Python, one pair of words after the other.

Floats, lists and loops only; nothing is shared with the code that is held against it.
"""

from collections import Counter
from math import exp, log, sqrt
from typing import NamedTuple


class Form(NamedTuple):
    """What is chosen in the student's loss: beta ("none": alpha = beta = gamma = 1), tag loss, and both factors."""

    beta: str
    loss: str
    tags: float
    similarity: float


def sigmoid(x):
    return 1 / (1 + exp(-x))


def cosine(one, other):
    lengths = sqrt(sum(a * a for a in one)) * sqrt(sum(b * b for b in other))
    return sum(a * b for a, b in zip(one, other, strict=True)) / lengths if lengths else 0.0


def softmax(row):
    total = sum(map(exp, row))
    return [exp(x) / total for x in row]


def binary_cross_entropy(target, score):
    return -target * log(score) - (1 - target) * log(1 - score)


def tag_loss(name, q, p):
    if name == "mse_prob":
        return sum((a - b) ** 2 for a, b in zip(q, p, strict=True))
    assert name == "soft_ce"
    return -sum(b * log(a) for a, b in zip(q, p, strict=True))


def alpha_of(p):
    return max(p) ** 2


def beta_of(t, form):
    return (2 * t - 1) ** 2 if form == "paper" else min((2 * t - 1) ** 2 + 0.5, 1)


def gamma_of(p, other, t):
    return 1 - abs(sigmoid(cosine(p, other)) - t)


def across(places, sentences):
    """All ordered pairs of these words that stand in different sentences."""
    return [(i, j) for i in places for j in places if sentences[i] != sentences[j]]


def student_loss(form, batch, logits, hidden, places, alike=cosine):
    """The mean over pairs of gamma * (tags * (alpha_i l_i + alpha_j l_j) + similarity * beta * s); without pairs, 0.

    How alike the evaluator finds two of its vectors may be told another way than by their cosine.
    """
    p, v, sentences = (batch[name].tolist() for name in ("probabilities", "vectors", "sentences"))
    q, h = [softmax(row) for row in logits.tolist()], hidden.tolist()
    total, pairs = 0.0, across(places, sentences)
    for i, j in pairs:
        t, u = sigmoid(alike(v[i], v[j])), sigmoid(cosine(h[i], h[j]))
        alpha_i, alpha_j, beta, gamma = 1.0, 1.0, 1.0, 1.0
        if form.beta != "none":
            alpha_i, alpha_j = alpha_of(p[i]), alpha_of(p[j])
            beta, gamma = beta_of(t, form.beta), gamma_of(p[i], p[j], t)
        tags = alpha_i * tag_loss(form.loss, q[i], p[i]) + alpha_j * tag_loss(form.loss, q[j], p[j])
        total += gamma * (form.tags * tags + form.similarity * beta * binary_cross_entropy(t, u))
    return total / len(pairs) if pairs else 0.0


def stronger_loss(batch, logits, hidden, places):
    """The mean over all words of the tag losses, and a tenth of the mean over pairs of s, cosines times 10."""
    p, v, sentences = (batch[name].tolist() for name in ("probabilities", "vectors", "sentences"))
    q, h, pairs = [softmax(row) for row in logits.tolist()], hidden.tolist(), across(places, sentences)
    tags = sum(tag_loss("soft_ce", *words) for words in zip(q, p, strict=True)) / len(p)
    apart = [binary_cross_entropy(sigmoid(10 * cosine(v[i], v[j])), sigmoid(10 * cosine(h[i], h[j]))) for i, j in pairs]
    return tags + 0.1 * sum(apart) / len(pairs) if pairs else tags


def evaluator_loss(vectors, labels, sentences, same="tag", words="even", scale=1.0, negatives="all"):
    """The expectation of BCE(t, sigmoid(scale cos)) if half of the pairs drawn are alike and half are not.

    A pair is drawn word by word, a word by way of its tag where words are even over the tags, and counts if its words
    stand in different sentences. A hard negative counts by its score.
    """
    kinds = [(label + 1) // 2 for label in labels] if same == "type" else labels
    frequency = Counter(kinds)
    halves = []
    for alike in (True, False):
        total = mass = 0.0
        for i, j in across(range(len(labels)), sentences):
            if (kinds[i] == kinds[j]) == alike:
                chance = 1 / frequency[kinds[i]] / frequency[kinds[j]] if words == "even" else 1.0
                score = sigmoid(scale * cosine(vectors[i], vectors[j]))
                chance *= score if negatives == "hard" and not alike else 1.0
                total += chance * binary_cross_entropy(float(alike), score)
                mass += chance
        halves.append(total / mass if mass else 0.0)
    return sum(halves) / 2


def recognizer_loss(logits, labels):
    """The mean over words of the cross-entropy with the gold tag."""
    return sum(-log(softmax(row)[label]) for row, label in zip(logits, labels, strict=True)) / len(labels)
