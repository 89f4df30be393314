"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield the method that uses both refiners."""
    yield Offer("consensus", "xner_consensus.consensus:Consensus", "Two teachers, shared by form, chained, one student")


@hookimpl
def xner_refiners() -> Iterable[Offer]:
    """Yield what lets words of one form, and neighbouring tags, agree."""
    yield Offer(
        "form-agreement", "xner_consensus.form_agreement:FormAgreement", "Words of one form share what is said of them"
    )
    yield Offer("tag-chain", "xner_consensus.tag_chain:TagChain", "Each word's tags as its sentence allows them")
