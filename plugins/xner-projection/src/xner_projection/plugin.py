"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield TMP."""
    yield Offer(
        "tmp",
        "xner_projection.tmp:TMP",
        "Translate, match, project: a tagger of the translated source (Jain et al., EMNLP 2019)",
        needs="a translator",
    )
