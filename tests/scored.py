"""Scores of tags, for tests that need some."""

from xner.scoring.scores import Metrics, count


def score(gold, predicted, corpus, rule="conlleval"):
    return Metrics.of(count(gold, predicted, corpus, rule), corpus, rule)
