"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_teachers() -> Iterable[Offer]:
    """Yield what reads vectors of words from a tagger."""
    yield Offer("word-vectors", "xner_neighbours.word_vectors:WordVectors", "Vectors of words, from a tagger's layers")


@hookimpl
def xner_refiners() -> Iterable[Offer]:
    """Yield what judges labels by the words that are near."""
    yield Offer(
        "neighbour-agreement",
        "xner_neighbours.neighbour_agreement:NeighbourAgreement",
        "Words count by how many of their neighbours have their type (Ma et al., ACL 2023)",
    )
    yield Offer(
        "prototypes",
        "xner_neighbours.prototypes:Prototypes",
        "Labels move towards the type whose words are nearest (Zhou et al., ACL 2023)",
    )
