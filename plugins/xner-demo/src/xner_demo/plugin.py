"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Component, hookimpl


@hookimpl
def xner_encoders() -> Iterable[Component]:
    """Yield the embedded encoder."""
    yield Component(
        "e5-small", "xner_demo.encoder:E5Small", "Multilingual E5 small, 94 languages; embedded, no network"
    )


@hookimpl
def xner_corpora() -> Iterable[Component]:
    """Yield the generated corpus."""
    yield Component(
        "demo", "xner_demo.corpus:Demo", "Generated sentences in 11 languages, PER LOC ORG MISC; no network"
    )
