"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_encoders() -> Iterable[Offer]:
    """Yield the embedded encoder."""
    yield Offer("e5-small", "xner_demo.encoder:E5Small", "Multilingual E5 small, 94 languages; embedded, no network")


@hookimpl
def xner_corpora() -> Iterable[Offer]:
    """Yield the generated corpus."""
    yield Offer("demo", "xner_demo.corpus:Demo", "Generated sentences in 11 languages, PER LOC ORG MISC; no network")
