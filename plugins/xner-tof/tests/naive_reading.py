"""TOF's losses of reading once more, for the tests: floats, lists and loops only, a span at a time."""

from math import erf, exp, log, sqrt


def linear(layer, x):
    rows = zip(layer.weight.tolist(), layer.bias.tolist(), strict=True)
    return [sum(w * v for w, v in zip(row, x, strict=True)) + bias for row, bias in rows]


def gelu(x):
    return x * (1 + erf(x / sqrt(2))) / 2


def sigmoid(x):
    return 1 / (1 + exp(-x))


def span_score(heads, one, other):
    """Of the states of a span's first and last word."""
    (score,) = linear(heads.score, [gelu(x) for x in linear(heads.pair, one + other)])
    return score


def loss(heads, texts, widest):
    """The sum of three means: of beginnings and ends over words of texts, of spans over all that may be answers.

    Args:
        heads: the layers.
        texts: of each question the states of its words, how many of them stand before the text, and its answers, as
            (first, last) words of the text, the last one included.
        widest: the most words of a candidate.
    """
    starts, ends, cells = [], [], []
    for states, before, answers in texts:
        text = states[before:]
        for place, state in enumerate(text):
            for layer, found, number in ((heads.start, starts, 0), (heads.end, ends, 1)):
                scores = linear(layer, state)
                right = int(any(answer[number] == place for answer in answers))
                found.append(-log(exp(scores[right]) / sum(map(exp, scores))))
            for last in range(place, min(place + widest, len(text))):
                p = sigmoid(span_score(heads, state, text[last]))
                cells.append(-log(p if (place, last) in answers else 1 - p))
    return sum(sum(values) / len(values) for values in (starts, ends, cells))
