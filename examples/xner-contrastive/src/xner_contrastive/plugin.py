"""What this plugin offers; a record only, so that `xner list` imports nothing heavy."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_auxiliary_tasks() -> Iterable[Offer]:
    """Yield the task."""
    yield Offer(
        "contrastive", "xner_contrastive.contrastive:Contrastive", "Words of one pseudo-label draw together (SupCon)"
    )
