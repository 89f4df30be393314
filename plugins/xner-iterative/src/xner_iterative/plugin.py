"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield RIKD, its ablation and its controls."""
    yield Offer(
        "rikd",
        "xner_iterative.rikd:RIKD",
        "Rounds of distillation on sentences that a policy picks (after Liang et al., KDD 2021)",
    )
    yield Offer("rikd-no-iteration", "xner_iterative.ablations:NoIteration", "rikd with a single round")
    yield Offer(
        "rikd-confidence", "xner_iterative.ablations:Confidence", "rikd on the sentences its teacher is sure of"
    )
    yield Offer("rikd-random", "xner_iterative.ablations:Random", "rikd on sentences drawn at random")


@hookimpl
def xner_refiners() -> Iterable[Offer]:
    """Yield what picks sentences without a policy."""
    yield Offer(
        "most-confident", "xner_iterative.shares:MostConfident", "Only the sentences that the teachers are surest of"
    )
    yield Offer("random-share", "xner_iterative.shares:RandomShare", "Only a share of the sentences, drawn at random")
