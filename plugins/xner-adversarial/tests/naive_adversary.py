"""The discriminator and its losses once more, for the tests: floats, lists and loops only."""

from math import exp, log


def sigmoid(x):
    return 1 / (1 + exp(-x))


def naive_loss(source, target, flipped=False):
    """Of lists of scores: the mean of -log of what each language is taken for, if it is told right."""
    told = [sigmoid(-x if flipped else x) for x in source], [sigmoid(x if flipped else -x) for x in target]
    return sum(sum(-log(p) for p in share) / len(share) for share in told)


def naive_score(discriminator, state):
    """Of one state, unit by unit."""
    layers = [layer for layer in discriminator.layers if hasattr(layer, "weight")]
    for place, layer in enumerate(layers):
        state = [
            sum(w * x for w, x in zip(weights, state, strict=True)) + bias
            for weights, bias in zip(layer.weight.tolist(), layer.bias.tolist(), strict=True)
        ]
        if place < len(layers) - 1:
            state = [max(0.0, x) for x in state]
    (score,) = state
    return score
