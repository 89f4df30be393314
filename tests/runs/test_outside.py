"""A student of any kind of encoder finds in a plain pipeline, called as its card says, what `xner predict` finds."""

import random
import re
from pathlib import Path

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
OTHERS = ["sees", "visitou", "zed", "ko", "在", "他", ",", ".", "(", ")", "and", "mehr"]


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


def code_of(folder):
    """The Python code on the card, block by block."""
    return re.findall(r"```python\n(.*?)```", ModelCard.load(folder / "README.md").text, re.DOTALL)


def called(folder, monkeypatch):
    """What the first of it makes."""
    monkeypatch.chdir(folder)
    names = {}
    exec(code_of(folder)[0], names)
    return names["tagger"]


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
def test_the_call_on_the_card_finds_what_xner_finds(student, monkeypatch):
    tagger, test = Tagger.load(student), corpus("test", 60)
    use = outside(tagger, build({}), test)
    write_card(student, build({}), None, tagger.labels, use)
    pipe = called(student, monkeypatch)
    texts = [running_text(sentence.tokens)[0] for sentence in test]
    own = [{(e.type, e.start, e.end) for e in entities} for entities in Predictor(tagger).predict(texts)]
    plain = [{(e["entity_group"], e["start"], e["end"]) for e in pipe(text)} for text in texts]
    differing = [(text, one ^ other) for text, one, other in zip(texts, own, plain, strict=True) if one != other]
    assert len(differing) < 4, differing
    assert use.sentences == 60 and use.xner > 95 and abs(use.xner - use.pipeline) < 1
    found = {text[start:end] for text, entities in zip(texts, plain, strict=True) for _, start, end in entities}
    assert {"Paris", "Inc", "北京"} <= found
    assert not [name for name in found if name.strip(" ,()") != name]


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
def test_a_long_text_is_read_to_its_end(student, monkeypatch):
    tagger = Tagger.load(student)
    write_card(student, build({}), None, tagger.labels, outside(tagger, build({}), None))
    text = "zed ko and " * 60 + "Lovelace (mehr), Rome."
    found = called(student, monkeypatch)(text)
    assert [text[entity["start"] : entity["end"]] for entity in found] == ["Lovelace", "Rome"]


@pytest.mark.filterwarnings("ignore:Tokenizer does not support real words")
def test_with_spaces_between_words_it_finds_just_what_xner_finds(student, monkeypatch):
    tagger = Tagger.load(student)
    tagger.model.classifier.weight.data += 0.3 * torch.randn_like(tagger.model.classifier.weight)  # so that it errs
    tagger.save(student.parent / "erring")
    monkeypatch.chdir(student.parent / "erring")
    write_card(Path(), build({}), None, tagger.labels, outside(tagger, build({}), None))
    first, *others = code_of(Path())
    assert len(others) == (outside(tagger, build({}), None).strategy == "simple")
    test = [sentence for sentence in corpus("test", 20) if not re.search("[在他北上]", " ".join(sentence.tokens))]
    names = {}
    exec(first, names)
    for text in (running_text(sentence.tokens)[0] for sentence in test):
        for code in others:
            exec(code.replace('"..."', repr(text)).replace("tagger(spaced)", "found = tagger(spaced)"), names)
            found = [(one["entity_group"], names["spaced"][one["start"] : one["end"]]) for one in names["found"]]
            expected = [(one.type, one.text.replace(" ", "")) for one in Predictor(tagger).predict(text)[0]]
            assert [(kind, name.replace(" ", "")) for kind, name in found] == expected
