"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield TOF."""
    yield Offer(
        "tof",
        "xner_tof.tof:TOF",
        "Reads for answers, then tags source, translation and pseudo-labels (Zhang et al., Findings of ACL 2021)",
        needs="a dictionary",
    )
