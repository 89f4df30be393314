"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_resources() -> Iterable[Offer]:
    """Yield the dictionaries."""
    yield Offer(
        "dictionary-file",
        "xner_resources.dictionary_file:DictionaryFile",
        "dictionary: a file of yours, in two columns or in CC-CEDICT's form",
    )
    yield Offer("freedict", "xner_resources.freedict:FreeDict", "dictionary: FreeDict's, where they are installed")
    yield Offer("cedict", "xner_resources.cedict:CEDICT", "dictionary: Chinese and English, CC-CEDICT")
