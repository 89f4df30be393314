"""What the engine brings itself, registered like any other plugin; records only, nothing heavy is imported."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_encoders() -> Iterable[Offer]:
    """Yield the encoder behind every hub id and folder."""
    yield Offer("hub", "xner.tagging.hubmodel:HubModel", "Any Hugging Face encoder: a hub id or a folder")


@hookimpl
def xner_corpora() -> Iterable[Offer]:
    """Yield folders of files, and the hub's best-known data sets."""
    yield Offer("folder", "xner.corpora.folder:Folder", "Your own files: FOLDER/LANGUAGE/{train,dev,test}.conll")
    yield Offer("wikiann", "xner.corpora.hubsets:WikiAnn", "WikiANN, 176 languages, PER LOC ORG (hub)")
    yield Offer("conll2002", "xner.corpora.hubsets:Conll2002", "CoNLL 2002, es nl, PER LOC ORG MISC (hub)")
    yield Offer("conll2003", "xner.corpora.hubsets:Conll2003", "CoNLL 2003, en, PER LOC ORG MISC (hub)")
    yield Offer("uner", "xner.corpora.hubsets:UniversalNer", "Universal NER, PER LOC ORG (hub)")
    yield Offer("masakhaner", "xner.corpora.hubsets:MasakhaNer", "MasakhaNER, 10 African languages (hub)")
    yield Offer("masakhaner2", "xner.corpora.hubsets:MasakhaNer2", "MasakhaNER 2, 20 African languages (hub)")


@hookimpl
def xner_teachers() -> Iterable[Offer]:
    """Yield the teacher that every method starts from."""
    yield Offer("recognizer", "xner.teachers.recognizer:Recognizer", "A tagger trained on the source's gold labels")


@hookimpl
def xner_weightings() -> Iterable[Offer]:
    """Yield the weighting that weighs nothing."""
    yield Offer("uniform", "xner.students.weighting:Uniform", "Every word and every pair counts the same")


@hookimpl
def xner_refiners() -> Iterable[Offer]:
    """Yield the mean of several teachers."""
    yield Offer("agreement", "xner.teachers.agreement:Agreement", "The mean of several teachers, in a given ratio")


@hookimpl
def xner_transformers() -> Iterable[Offer]:
    """Yield the random part of a corpus."""
    yield Offer("sample", "xner.corpora.sample:Sample", "A random part: source and target of one size")


@hookimpl
def xner_sections() -> Iterable[Offer]:
    """Yield what the page of every run has, from the top."""
    own = "xner.reporting.own"
    yield Offer("groups", f"{own}.groups:Groups", "Scores by length, by whether it was seen in the source, by script")
    yield Offer(
        "confusion", f"{own}.confusion:Confusion", "What entities are mistaken for, and what is wrong with them"
    )
    yield Offer("calibration", f"{own}.calibration:Calibration", "Whether scores of entities can be believed")
    yield Offer("changes", f"{own}.changes:Changes", "What each student changed against its teacher")
    yield Offer("mistakes", f"{own}.mistakes:Mistakes", "Sentences in which prediction and gold differ")
    yield Offer("curves", f"{own}.curves:Curves", "Loss, rate and scores of every training")
