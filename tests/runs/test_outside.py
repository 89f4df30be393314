"""A student of any kind of encoder finds in a plain pipeline, called as its card says, what `xner predict` finds."""

import random
import re

import pytest
import torch
from huggingface_hub import ModelCard

from tests.kinds import KINDS, encoder_of
from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.corpora.words import running_text
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.runs.config import build
from xner.runs.written.card import write_card
from xner.runs.written.outside import outside
from xner.tagging.hubmodel import HubModel
from xner.tagging.tagger import Tagger
from xner.teachers.recognizer import GoldTags
from xner.training.settings import TrainingSettings
from xner.training.workbench import Workbench
from xner.using.predicting import Predictor

NAMES = {
    "PER": ["Ada", "Lovelace", "Merkel"],
    "LOC": ["Rome", "Paris", "São", "北京", "上海"],
    "ORG": ["Acme", "Fiat", "Inc"],
}
OTHERS = ["½…", "sees", "visitou", "zed", "ko", "在", "他", ",", ".", "(", ")", "and", "mehr"]


def corpus(seed, size):
    """Sentences of names and other words, with punctuation at the names."""
    draw, sentences = random.Random(seed), []
    for _ in range(size):
        tokens, tags = [], []
        for _ in range(draw.randint(2, 4)):
            kind = draw.choice(list(NAMES))
            others = draw.sample(OTHERS, draw.randint(1, 3))
            tokens += [draw.choice(NAMES[kind]), *others]
            tags += [f"B-{kind}", *("O" for _ in others)]
        sentences.append(Sentence(tokens, tags))
    return Corpus.from_sentences("made", "xx", "test", sentences)


@pytest.fixture(scope="module", params=KINDS)
def student(request, tmp_path_factory):
    """The folder of a tagger of this kind that has learned its corpus."""
    folder = tmp_path_factory.mktemp("student")
    workbench = Workbench(
        HubModel(HubModel.Config(path=str(encoder_of(request.param, folder / "encoder")))),
        LabelSet(tuple(NAMES)),
        max_length=64,
        freeze="none",
        seed=0,
        hardware=Hardware(torch.device("cpu"), bf16=False),
        progress=Progress(quiet=True),
        folder=folder / "stage",
    )
    tagger = workbench.new_tagger()
    settings = TrainingSettings(epochs=20, learning_rate=3e-3, batch_size=16)
    workbench.train(tagger, GoldTags(tagger), corpus("train", 150), settings)
    tagger.save(folder / "student")
    return folder / "student"


def called(folder, monkeypatch, capsys):
    """The function that the Python code on the card makes."""
    monkeypatch.chdir(folder)
    (code,) = re.findall(r"```python\n(.*?)```", ModelCard.load("README.md").text, re.DOTALL)
    names = {}
    exec(code, names)
    assert capsys.readouterr().out.startswith("[")  # of "..."
    return names["entities"]


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
def test_the_code_on_the_card_finds_just_what_xner_finds(student, monkeypatch, capsys):
    tagger = Tagger.load(student)
    test = corpus("test", 60)
    use = outside(tagger, test)
    write_card(student, build({}), None, tagger.labels, use)
    find = called(student, monkeypatch, capsys)
    texts = [running_text(sentence.tokens)[0] for sentence in test]
    own = [[(e.type, e.start, e.end) for e in entities] for entities in Predictor(tagger).predict(texts)]
    assert [[(e["entity_group"], e["start"], e["end"]) for e in find(text)] for text in texts] == own
    assert (use.xner, use.sentences) == (use.pipeline, 60)
    wordpiece = tagger.tokenizer.backend_tokenizer.model.__class__.__name__ == "WordPiece"
    assert use.spaced != wordpiece
    names = {text[start:end] for text, found in zip(texts, own, strict=True) for _, start, end in found}
    assert {"Paris", "北京"} <= names


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
def test_a_text_as_it_is_needs_no_more_than_another_strategy(student):
    """Since all sub-words have learned, and text is cut as its words are."""
    use = outside(Tagger.load(student), corpus("test", 60))
    assert use.xner > 95 and abs(use.xner - use.plain) < 1


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
def test_a_long_text_is_read_to_its_end(student, monkeypatch, capsys):
    tagger = Tagger.load(student)
    unlabelled = outside(tagger, corpus("test", 9).without_labels())
    assert (unlabelled.sentences, unlabelled.stride) == (0, 16)
    write_card(student, build({}), None, tagger.labels, unlabelled)
    text = "zed ko and " * 60 + "Lovelace (mehr), Rome."
    found = called(student, monkeypatch, capsys)(text)
    assert [text[entity["start"] : entity["end"]] for entity in found] == ["Lovelace", "Rome"]
