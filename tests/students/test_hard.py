import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import ARGMAX, LEGAL, Decoder, DecodingSettings
from xner.students.distillation import Distillation
from xner.students.hard import HARD, HardLabels
from xner.students.settings import StudentSettings
from xner.students.weighting import Uniform
from xner.tagging.windows import collate

LABELS = LabelSet(("LOC", "ORG", "PER"))
SAID = np.full((2, 7), 0.02)
SAID[0, [0, 5]] = 0.5, 0.4  # O before B-PER
SAID[1, 6] = 0.9  # I-PER
SOURCES = Bigrams.of([["O", "B-PER", "I-PER"]] * 1000, LABELS)  # none begins with an entity


class Said:
    """Signals of one sentence."""

    def row(self, sentence):
        return {"probabilities": SAID, "vectors": np.ones((2, 3)) * sentence}


@pytest.mark.parametrize(
    ("decoder", "tags"),
    [
        (Decoder(LABELS, LEGAL), ["B-PER", "I-PER"]),
        (Decoder(LABELS, ARGMAX), ["O", "B-PER"]),  # an I- that continues nothing is repaired
        (Decoder(LABELS, DecodingSettings(rule="chain", strength=1), SOURCES), ["O", "B-PER"]),
    ],
)
def test_hard_labels_are_those_of_the_sentence(decoder, tags):
    row = HardLabels(Said(), decoder).row(4)
    assert row[HARD].argmax(-1).tolist() == [LABELS.ids[tag] for tag in tags]
    assert (row[HARD].dtype, row[HARD].sum(), row[HARD].max()) == (np.float32, 2, 1)
    assert row["probabilities"] is SAID and (row["vectors"] == 4).all()


def test_a_student_learns_hard_labels_and_not_each_words_best(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()  # no dropout
    corpus = Corpus.from_sentences("x", "xx", "train", [Sentence(["a", "b"])])
    hard = torch.from_numpy(HardLabels(Said(), Decoder(LABELS, LEGAL)).row(0)[HARD])
    batch = collate(list(tagger.windower.windows(corpus)), 0) | {"probabilities": torch.from_numpy(SAID).float()}
    objective = Distillation(tagger, (), Uniform(), StudentSettings(tag_loss="hard_ce", subwords=0))
    logits = objective.states(batch).logits
    expected = cross_entropy(logits, torch.tensor([LABELS.ids["B-PER"], LABELS.ids["I-PER"]]))
    assert torch.allclose(objective(batch | {HARD: hard}), expected)
    assert not torch.allclose(objective(batch), expected)
