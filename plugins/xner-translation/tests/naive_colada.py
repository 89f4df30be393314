"""CoLaDa once more, for the tests: soft labels and losses (Ma et al., 2023) in plain Python, word by word.

Floats, lists and loops only; nothing is shared with the code that is held against it.
"""

from math import exp, log


def softmax(logits):
    total = sum(exp(x) for x in logits)
    return [exp(x) / total for x in logits]


def label(y, p, w, a):
    """The soft label of a translated word: a onehot(y) + (1 - a) w p."""
    return [a * (1 if tag == y else 0) + (1 - a) * w * value for tag, value in enumerate(p)]


def translated_loss(logits, y, p, w, a):
    """The mean over words of the cross-entropy with these labels, which need not add up to one."""
    total = 0.0
    for word, x in enumerate(logits):
        q = softmax(x)
        for tag, value in enumerate(label(y[word], p[word], w[word], a)):
            total -= value * log(q[tag])
    return total / len(logits)


def target_loss(logits, y, w):
    """The mean over words of the cross-entropy with hard labels, each times its weight."""
    return -sum(w[word] * log(softmax(x)[y[word]]) for word, x in enumerate(logits)) / len(logits)
