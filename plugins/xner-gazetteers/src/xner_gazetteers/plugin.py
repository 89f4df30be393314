"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_resources() -> Iterable[Offer]:
    """Yield the gazetteers."""
    yield Offer(
        "gazetteer-file", "xner_gazetteers.gazetteer_file:GazetteerFile", "gazetteer: a file of yours, name and type"
    )
    yield Offer("geonames", "xner_gazetteers.geonames:GeoNames", "gazetteer: places of GeoNames, in all scripts")
    yield Offer("iso-codes", "xner_gazetteers.iso_codes:ISOCodes", "gazetteer: countries and their parts, translated")
    yield Offer("faker-names", "xner_gazetteers.faker_names:FakerNames", "gazetteer: given names and family names")
    yield Offer(
        "public-names",
        "xner_gazetteers.public_names:PublicNames",
        "gazetteer: several of these as one; no organisations",
    )


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield Wiki."""
    yield Offer(
        "wiki",
        "xner_gazetteers.wiki:Wiki",
        "What a gazetteer says of words (Tsai et al., CoNLL 2016)",
        needs="a gazetteer",
    )
