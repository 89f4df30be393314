"""UniTrans once more, for the tests: votes and the student's loss (Wu et al., 2020) in plain Python, word by word.

Floats, lists and loops only; nothing is shared with the code that is held against it.
"""

from math import exp, log


def softmax(logits):
    total = sum(exp(x) for x in logits)
    return [exp(x) / total for x in logits]


def best(row):
    place = 0
    for tag, value in enumerate(row):
        if value > row[place]:
            place = tag
    return place


def votes(*teachers):
    """Whether all teachers have one best tag, for each word; each teacher is a list of words of probabilities."""
    found = []
    for word in range(len(teachers[0])):
        tags = set()
        for teacher in teachers:
            tags.add(best(teacher[word]))
        found.append(len(tags) == 1)
    return found


def loss(logits, p, voted, scale=1.0, weighted=False):
    """lambda times the mean squared error of words and tags, and the mean cross-entropy of words with a vote."""
    squares, count = 0.0, 0
    entropies, voters = 0.0, 0
    for x, row, vote in zip(logits, p, voted, strict=True):
        q = softmax(x)
        for one, other in zip(q, row, strict=True):
            squares += (one - other) ** 2
            count += 1
        if vote:
            y = best(row)
            entropies -= log(q[y]) * (row[y] if weighted else 1)
            voters += 1
    return scale * squares / count + (entropies / voters if voters else 0)
