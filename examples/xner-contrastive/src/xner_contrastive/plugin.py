"""What this plugin offers; a record only, so that `xner list` imports nothing heavy."""

from collections.abc import Iterable

from xner.hookspecs import Component, hookimpl


@hookimpl
def xner_auxiliary_tasks() -> Iterable[Component]:
    """Yield the task."""
    yield Component(
        "contrastive", "xner_contrastive.contrastive:Contrastive", "Words of one pseudo-label draw together (SupCon)"
    )
