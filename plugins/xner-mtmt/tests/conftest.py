from types import SimpleNamespace

import pytest
import torch

from xner.corpora.corpus import Corpus, Sentence
from xner.students.distillation import Distillation


class Given(Distillation):
    """The student's objective of states that the test made, in any precision."""

    def __init__(self, states, tasks, weighting, settings):
        model = torch.nn.Module()
        model.config = SimpleNamespace(hidden_size=states.hidden.shape[1])
        super().__init__(SimpleNamespace(model=model, hardware=None), tasks, weighting, settings)
        self.given = states

    def states(self, batch):
        return self.given


@pytest.fixture
def given():
    return Given


@pytest.fixture
def labelled():
    """Makes a corpus of sentences, each its words and its tags."""

    def make(*texts):
        rows = zip(texts[::2], texts[1::2], strict=True)
        return Corpus.from_sentences(
            "own", "xx", "test", [Sentence(words.split(), tags.split()) for words, tags in rows]
        )

    return make
