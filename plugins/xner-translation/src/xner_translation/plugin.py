"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield UniTrans and CoLaDa."""
    yield Offer(
        "unitrans",
        "xner_translation.unitrans:UniTrans",
        "Taggers of the source, of its translation word by word and of both vote (Wu et al., IJCAI 2020)",
        needs="a dictionary",
    )
    yield Offer(
        "colada",
        "xner_translation.colada:CoLaDa",
        "Taggers of the translation and of the target clean each other's labels, in rounds (Ma et al., ACL 2023)",
        needs="a dictionary",
    )


@hookimpl
def xner_refiners() -> Iterable[Offer]:
    """Yield the votes of several taggers."""
    yield Offer("votes", "xner_translation.votes:Votes", "One teacher's probabilities, and where all others agree")


@hookimpl
def xner_auxiliary_tasks() -> Iterable[Offer]:
    """Yield what a student learns of votes."""
    yield Offer(
        "voted-tags", "xner_translation.voted_tags:VotedTags", "The tags on which all teachers agree, as if gold"
    )
