import numpy as np
import pytest
import torch

from xner.corpora.corpus import Corpus, Sentence
from xner.errors import XnerError
from xner.machine.progress import Progress
from xner.students.distillation import Distillation
from xner.students.losses import tag_loss
from xner.students.picked import Picked, picked
from xner.students.settings import StudentSettings
from xner.students.task import AuxiliaryTask, LossTerm
from xner.students.weighting import Uniform
from xner.tagging.windows import collate

TARGET = Corpus.from_sentences("x", "xx", "train", [Sentence([letter] * 2) for letter in "abcd"])


class Said:
    """The number of the sentence, and its words' weights."""

    def __init__(self, *weights):
        self.weights = weights

    def row(self, sentence):
        return {"probabilities": np.full((2, 7), sentence), "weight": np.array(self.weights[sentence], np.float32)}


class Quiet:
    """Says only numbers of sentences."""

    def row(self, sentence):
        return {"probabilities": np.full((2, 7), sentence)}


def weights(*pairs):
    return Said(*([[first], [second]] for first, second in pairs))


def told():
    progress = Progress(quiet=True)
    progress.said = []
    progress.say_once = progress.said.append
    return progress


def test_sentences_without_weight_are_left_out_and_the_others_keep_their_columns():
    progress = told()
    corpus, columns = picked(TARGET, weights((0, 0), (0, 2), (1, 1), (0, 0)), progress)
    assert [sentence.tokens for sentence in corpus] == [["b", "b"], ["c", "c"]]
    assert [columns.row(number)["probabilities"][0, 0] for number in range(2)] == [1, 2]
    assert columns.row(0)["weight"].tolist() == [[0], [2]]
    assert progress.said == ["refiners picked 2 of 4 sentences for the student to learn from"]


def test_all_stay_where_nothing_weighs_them():
    progress, said = told(), Quiet()
    assert picked(TARGET, said, progress) == (TARGET, said) and not progress.said


def test_nothing_is_said_where_words_are_weighed_and_none_is_left_out():
    progress = told()
    corpus, _ = picked(TARGET, weights((0, 1), (0.5, 2), (1, 1), (3, 0)), progress)
    assert len(corpus) == len(TARGET) and not progress.said


@pytest.mark.parametrize(
    ("said", "message"),
    [
        (weights((0, 0), (0, 0), (0, 0), (0, 0)), "all words the weight 0, so no sentence is left"),
        (weights((1, 0), (0, -0.5), (0, 0), (0, 0)), r"a word the weight -0\.5; weights must not be negative"),
        (Said(*[[[1, 1], [1, 1]]] * 4), r"weights of the shape \(2, 2\); expected one for each word"),
    ],
)
def test_weights_that_cannot_be_used_are_told(said, message):
    with pytest.raises(XnerError, match=message):
        picked(TARGET, said, told())


def test_numbers_are_those_of_the_picked_sentences():
    assert Picked(Quiet(), [3, 1]).row(1)["probabilities"][0, 0] == 1


class Ones(AuxiliaryTask):
    """One for each word, whatever the student does."""

    level = "words"

    def losses(self, student, signals):
        values = torch.ones(len(signals.sentences)) + 0 * student.hidden.sum()
        return LossTerm(values, torch.ones_like(values, dtype=torch.bool))


def test_a_words_losses_are_multiplied_by_its_weight(tiny_workbench):
    """Against a second reading, word by word; also of its further sub-words and of tasks on words."""
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()  # no dropout
    corpus = Corpus.from_sentences("x", "xx", "train", [Sentence(["Ada", "sees"]), Sentence(["Oslo"])])
    torch.manual_seed(0)
    counts = [0.5, 0.0, 3.0]
    batch = collate(list(tagger.windower.windows(corpus)), 0) | {"probabilities": torch.randn(3, 7).softmax(-1)}
    objective = Distillation(tagger, [Ones()], Uniform(), StudentSettings(tag_loss="mse_prob", subwords=0))
    losses = tag_loss("mse_prob", objective.states(batch).logits, batch["probabilities"])
    expected = sum(count * loss for count, loss in zip(counts, losses, strict=True)) / 3 + sum(counts) / 3
    assert torch.allclose(objective(batch | {"weight": torch.tensor(counts)[:, None]}), expected)
    assert not torch.allclose(objective(batch), expected)
    further = Distillation(tagger, (), Uniform(), StudentSettings(tag_loss="mse_prob", tag_coefficient=1, subwords=1))
    alone = further(batch | {"weight": torch.tensor([[0.0], [1.0], [0.0]])})  # only "sees" and its 3 further letters
    following = further.states(batch).following[2:5]
    said = torch.tensor(
        [
            [p[0], *(v for b, i in zip(p[1::2], p[2::2], strict=True) for v in (0, b + i))]
            for p in batch["probabilities"][1:2].tolist()
        ]
    )
    parts = tag_loss("mse_prob", following, said.expand(3, -1)).sum() / 8
    assert torch.allclose(alone, losses[1] / 3 + parts)
