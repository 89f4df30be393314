from dataclasses import replace

import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.reporting.view import RunView
from xner.testing import tiny_corpus, tiny_workbench


@pytest.fixture
def made(encoder_folder, tmp_path):
    """A view of given sentences (words, gold tags, predicted tags), from a source of others."""

    def make(*rows, source=((["Ada"], ["B-PER"]),)):
        test = Corpus.from_sentences(
            "own", "xx", "test", [Sentence(words.split(), gold.split()) for words, gold, _ in rows]
        )
        sources = (Corpus.from_sentences("own", "en", "train", [Sentence(*row) for row in source]),)
        workbench = tiny_workbench(encoder_folder, tmp_path)
        tags = [predicted.split() for _, _, predicted in rows]
        return RunView(workbench, (), (), sources, tiny_corpus("xx").without_labels(), test, tags)

    return make


@pytest.fixture
def saying(monkeypatch):
    """Lets a view's taggers say given things: from the key of a stage, or "" for the student, to what is decoded."""

    def say(view, **said):
        changed = replace(view)
        for key, decoded in said.items():
            changed._known[key.removeprefix("_")] = dict(enumerate(decoded))
        return changed

    return say
