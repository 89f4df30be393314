"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield TMP and WS."""
    yield Offer(
        "tmp",
        "xner_projection.tmp:TMP",
        "Translate, match, project: a tagger of the translated source (Jain et al., EMNLP 2019)",
        needs="a translator",
    )
    yield Offer(
        "ws",
        "xner_projection.parallel.ws:WS",
        "Labels projected along aligned words of parallel text; both taggers tag together (after Ni et al., ACL 2017)",
        needs="parallel text",
    )
