"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_resources() -> Iterable[Offer]:
    """Yield the dictionaries, the translators and the aligners."""
    yield Offer(
        "dictionary-file",
        "xner_resources.dictionary_file:DictionaryFile",
        "dictionary: a file of yours, in two columns or in CC-CEDICT's form",
    )
    yield Offer("freedict", "xner_resources.freedict:FreeDict", "dictionary: FreeDict's, where they are installed")
    yield Offer("cedict", "xner_resources.cedict:CEDICT", "dictionary: Chinese and English, CC-CEDICT")
    yield Offer("embedding", "xner_resources.embedding:Embedding", "dictionary: words whose vectors are near, by CSLS")
    translators = "xner_resources.translators"
    yield Offer("precomputed", f"{translators}.precomputed:Precomputed", "translator: a file of yours")
    yield Offer("apertium", f"{translators}.apertium:Apertium", "translator: Apertium's rules, where it is installed")
    yield Offer("ctranslate2", f"{translators}.ctranslate2:CTranslate2", "translator: a model of CTranslate2")
    yield Offer("hub", f"{translators}.hub:Hub", "translator: a model of the hub, or in a folder")
    yield Offer("word-by-word", f"{translators}.word_by_word:WordByWord", "translator: the run's dictionary")
    aligners = "xner_resources.aligners"
    yield Offer(
        "argmax", f"{aligners}.argmax:Argmax", "aligner: words most similar to each other, by the run's encoder"
    )
    yield Offer("itermax", f"{aligners}.itermax:Itermax", "aligner: the same, again for what is left over")
    yield Offer("eflomal", f"{aligners}.eflomal:Eflomal", "aligner: statistics of many pairs of sentences, by eflomal")
