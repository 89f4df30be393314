"""What this plugin offers; a record only, so that `xner list` imports nothing heavy."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_weightings() -> Iterable[Offer]:
    """Yield the weighting."""
    yield Offer("entropy", "xner_entropy.entropy:Entropy", "Words count by how sure the teacher is of them")
