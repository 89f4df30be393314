"""What this plugin offers; a record only, so that `xner list` imports nothing heavy."""

from collections.abc import Iterable

from xner.hookspecs import Component, hookimpl


@hookimpl
def xner_weightings() -> Iterable[Component]:
    """Yield the weighting."""
    yield Component("entropy", "xner_entropy.entropy:Entropy", "Words count by how sure the teacher is of them")
