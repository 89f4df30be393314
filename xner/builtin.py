"""What the engine brings itself, registered like any other plugin; records only, nothing heavy is imported."""

from collections.abc import Iterable

from xner.hookspecs import Component, hookimpl


@hookimpl
def xner_encoders() -> Iterable[Component]:
    """Yield the encoder behind every hub id and folder."""
    yield Component("hub", "xner.hubmodel:HubModel", "Any Hugging Face encoder: a hub id or a folder")


@hookimpl
def xner_corpora() -> Iterable[Component]:
    """Yield folders of files, and the hub's best-known data sets."""
    yield Component("folder", "xner.folder:Folder", "Your own files: FOLDER/LANGUAGE/{train,dev,test}.conll")
    yield Component("wikiann", "xner.hubsets:WikiAnn", "WikiANN, 176 languages, PER LOC ORG (hub)")
    yield Component("conll2002", "xner.hubsets:Conll2002", "CoNLL 2002, es nl, PER LOC ORG MISC (hub)")
    yield Component("conll2003", "xner.hubsets:Conll2003", "CoNLL 2003, en, PER LOC ORG MISC (hub)")
    yield Component("uner", "xner.hubsets:UniversalNer", "Universal NER, PER LOC ORG (hub)")
    yield Component("masakhaner", "xner.hubsets:MasakhaNer", "MasakhaNER, 10 African languages (hub)")
    yield Component("masakhaner2", "xner.hubsets:MasakhaNer2", "MasakhaNER 2, 20 African languages (hub)")


@hookimpl
def xner_teachers() -> Iterable[Component]:
    """Yield the teacher that every method starts from."""
    yield Component("recognizer", "xner.recognizer:Recognizer", "A tagger trained on the source's gold labels")


@hookimpl
def xner_weightings() -> Iterable[Component]:
    """Yield the weighting that weighs nothing."""
    yield Component("uniform", "xner.uniform:Uniform", "Every word and every pair counts the same")
