"""What plugin authors build on: the base class of each kind of component, and all that these are handed.

This is a whole plugin, `xner_entropy.py`:

```python
import torch

from xner.base import SignalBatch, Weighting, Weights  # one base class for each kind of component
from xner.hookspecs import Offer, hookimpl


class Entropy(Weighting):
    needs = ("probabilities",)  # what it reads of what the teachers say

    def weigh(self, signals: SignalBatch) -> Weights:
        words = torch.exp(-torch.special.entr(signals.columns["probabilities"]).sum(-1))  # (W,), 1 where they are sure
        paired = words[signals.pairs.words]  # (K,), the words that are paired in this step
        return Weights(words, pairs=paired[:, None] * paired)


@hookimpl
def xner_weightings():  # one hook for each kind; the class is imported when its name is asked for
    yield Offer("entropy", "xner_entropy:Entropy", "Words count by how sure the teacher is")
```

In the `pyproject.toml` beside it stands `entropy = "xner_entropy"` under `[project.entry-points.xner]`. Once it is
installed, `xner train --method tsl --weighting entropy` uses it, and `xner compare --methods tsl,tsl+entropy` says what
it is worth. `xner new-plugin` writes such a plugin of any kind, with its test.

Every name here is defined elsewhere and imported on first use.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xner.corpora.corpus import Corpus, Sentence
    from xner.corpora.labels import OUTSIDE, LabelSet, Span, spans, to_iob2
    from xner.corpora.source import CorpusReader
    from xner.corpora.transformer import Transformer
    from xner.corpora.words import split_words
    from xner.decoding.chain import Chain, Potentials
    from xner.decoding.decoder import Decoder, DecodingSettings
    from xner.machine.processes import agreed, first
    from xner.methods.context import Context
    from xner.methods.method import Method, TransferTask
    from xner.methods.sentence_translation import Translated, text_of
    from xner.methods.translating import translated
    from xner.plugin.code import code_of
    from xner.plugin.component import Component, Settings
    from xner.reporting.parts import Heat, Lines, Part, Points, Sentences, Table, Tagged, Text
    from xner.reporting.section import Section
    from xner.reporting.view import RunView
    from xner.resources.aligner import Aligner, Links, Pair
    from xner.resources.dictionary import Dictionary, Lexicon, frequencies_of
    from xner.resources.gazetteer import Found, Gazetteer, Name, NameTable
    from xner.resources.resource import Resource, Shown, Sides, depends_on
    from xner.resources.translations import Translations
    from xner.resources.translator import Translation, Translator, words_of
    from xner.resources.word_translation import WordTranslationSettings
    from xner.store.stages import NOTES, TAGGER, Stage
    from xner.students.batch import Pairs, SignalBatch
    from xner.students.losses import tag_loss
    from xner.students.settings import StudentSettings
    from xner.students.task import AuxiliarySettings, AuxiliaryTask, LossTerm
    from xner.students.weighting import Weighting, Weights
    from xner.tagging.encoder import Encoder
    from xner.tagging.hubmodel import load_pretrained
    from xner.tagging.states import WordStates
    from xner.tagging.tagger import Tagger
    from xner.tagging.windows import IGNORED
    from xner.teachers.labelled import FittedTeacher, Labelled
    from xner.teachers.recognizer import gold_loss
    from xner.teachers.refiner import Refiner
    from xner.teachers.signals import Signals
    from xner.teachers.teacher import Teacher
    from xner.training.batches import TextBatches
    from xner.training.checkpoints import Judge
    from xner.training.objective import Objective
    from xner.training.settings import TagSettings, TrainingSettings
    from xner.training.updates import Update
    from xner.training.workbench import Workbench

HOMES = {
    "agreed": "machine.processes",
    "Aligner": "resources.aligner",
    "AuxiliarySettings": "students.task",
    "AuxiliaryTask": "students.task",
    "Chain": "decoding.chain",
    "code_of": "plugin.code",
    "Component": "plugin.component",
    "Context": "methods.context",
    "Corpus": "corpora.corpus",
    "CorpusReader": "corpora.source",
    "Decoder": "decoding.decoder",
    "DecodingSettings": "decoding.decoder",
    "depends_on": "resources.resource",
    "Dictionary": "resources.dictionary",
    "Encoder": "tagging.encoder",
    "first": "machine.processes",
    "FittedTeacher": "teachers.labelled",
    "Found": "resources.gazetteer",
    "frequencies_of": "resources.dictionary",
    "Gazetteer": "resources.gazetteer",
    "gold_loss": "teachers.recognizer",
    "Heat": "reporting.parts",
    "IGNORED": "tagging.windows",
    "Judge": "training.checkpoints",
    "Labelled": "teachers.labelled",
    "LabelSet": "corpora.labels",
    "Lexicon": "resources.dictionary",
    "Lines": "reporting.parts",
    "Links": "resources.aligner",
    "load_pretrained": "tagging.hubmodel",
    "LossTerm": "students.task",
    "Method": "methods.method",
    "Name": "resources.gazetteer",
    "NameTable": "resources.gazetteer",
    "NOTES": "store.stages",
    "Objective": "training.objective",
    "OUTSIDE": "corpora.labels",
    "Pair": "resources.aligner",
    "Pairs": "students.batch",
    "Part": "reporting.parts",
    "Points": "reporting.parts",
    "Potentials": "decoding.chain",
    "Refiner": "teachers.refiner",
    "Resource": "resources.resource",
    "RunView": "reporting.view",
    "Section": "reporting.section",
    "Sentence": "corpora.corpus",
    "Sentences": "reporting.parts",
    "Settings": "plugin.component",
    "Shown": "resources.resource",
    "Sides": "resources.resource",
    "SignalBatch": "students.batch",
    "Signals": "teachers.signals",
    "Span": "corpora.labels",
    "spans": "corpora.labels",
    "split_words": "corpora.words",
    "Stage": "store.stages",
    "StudentSettings": "students.settings",
    "Table": "reporting.parts",
    "tag_loss": "students.losses",
    "Tagged": "reporting.parts",
    "TAGGER": "store.stages",
    "Tagger": "tagging.tagger",
    "TagSettings": "training.settings",
    "Teacher": "teachers.teacher",
    "Text": "reporting.parts",
    "text_of": "methods.sentence_translation",
    "TextBatches": "training.batches",
    "to_iob2": "corpora.labels",
    "TrainingSettings": "training.settings",
    "TransferTask": "methods.method",
    "Transformer": "corpora.transformer",
    "translated": "methods.translating",
    "Translated": "methods.sentence_translation",
    "Translation": "resources.translator",
    "Translations": "resources.translations",
    "Translator": "resources.translator",
    "Update": "training.updates",
    "Weighting": "students.weighting",
    "Weights": "students.weighting",
    "words_of": "resources.translator",
    "WordStates": "tagging.states",
    "WordTranslationSettings": "resources.word_translation",
    "Workbench": "training.workbench",
}
"""The module of the engine that defines each name."""

__all__ = [
    "IGNORED",
    "NOTES",
    "OUTSIDE",
    "TAGGER",
    "Aligner",
    "AuxiliarySettings",
    "AuxiliaryTask",
    "Chain",
    "Component",
    "Context",
    "Corpus",
    "CorpusReader",
    "Decoder",
    "DecodingSettings",
    "Dictionary",
    "Encoder",
    "FittedTeacher",
    "Found",
    "Gazetteer",
    "Heat",
    "Judge",
    "LabelSet",
    "Labelled",
    "Lexicon",
    "Lines",
    "Links",
    "LossTerm",
    "Method",
    "Name",
    "NameTable",
    "Objective",
    "Pair",
    "Pairs",
    "Part",
    "Points",
    "Potentials",
    "Refiner",
    "Resource",
    "RunView",
    "Section",
    "Sentence",
    "Sentences",
    "Settings",
    "Shown",
    "Sides",
    "SignalBatch",
    "Signals",
    "Span",
    "Stage",
    "StudentSettings",
    "Table",
    "TagSettings",
    "Tagged",
    "Tagger",
    "Teacher",
    "Text",
    "TextBatches",
    "TrainingSettings",
    "TransferTask",
    "Transformer",
    "Translated",
    "Translation",
    "Translations",
    "Translator",
    "Update",
    "Weighting",
    "Weights",
    "WordStates",
    "WordTranslationSettings",
    "Workbench",
    "agreed",
    "code_of",
    "depends_on",
    "first",
    "frequencies_of",
    "gold_loss",
    "load_pretrained",
    "spans",
    "split_words",
    "tag_loss",
    "text_of",
    "to_iob2",
    "translated",
    "words_of",
]


def __getattr__(name: str) -> object:
    """Import a public name on first use."""
    if name not in HOMES:
        raise AttributeError(f"module 'xner.base' has no attribute '{name}'")
    return getattr(importlib.import_module(f"xner.{HOMES[name]}"), name)
