import pytest
import torch

from xner.corpora.corpus import Corpus, Sentence
from xner.students.batch import Pairs, SignalBatch
from xner.students.distillation import Distillation
from xner.students.losses import tag_loss
from xner.students.settings import StudentSettings
from xner.students.task import AuxiliaryTask, LossTerm
from xner.students.weighting import Uniform, Weighting, Weights
from xner.tagging.windows import collate
from xner.teachers.signals import Signals, record
from xner.testing import tiny_corpus

SENTENCES = [["Ada", "sees", "Rome"], ["old", "Oslo"], ["Juan"]]
WORDS = 6


class Fixed(Weighting):
    """Weights that the test sets."""

    words = torch.arange(6.0)
    pairs = torch.ones(6, 6)

    def weigh(self, signals):
        return Weights(self.words, self.pairs)


class OnWords(AuxiliaryTask):
    """The squared distance of the hidden states from a vector of its own."""

    level = "words"

    def build(self, hidden_size):
        self.vector = torch.nn.Parameter(torch.zeros(hidden_size))

    def losses(self, student, signals):
        values = (student.hidden - self.vector - 1).square().mean(-1)
        return LossTerm(values, torch.ones_like(values, dtype=torch.bool))


class OnPairs(AuxiliaryTask):
    """One for each pair that counts; whatever the test sets for the others."""

    level = "pairs"
    other = 0.0

    def losses(self, student, signals):
        mask = signals.pairs.mask
        distance = (student.hidden[signals.pairs.words, None] - student.hidden[None, signals.pairs.words]).sum(-1)
        return LossTerm(torch.where(mask, 1 + 0 * distance, self.other), mask)


class Distances(OnPairs):
    def losses(self, student, signals):
        hidden = student.hidden[signals.pairs.words]
        return LossTerm((hidden[:, None] - hidden[None, :]).square().mean(-1), signals.pairs.mask)


@pytest.fixture
def student(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    tagger.model.eval()  # no dropout
    return tagger


@pytest.fixture
def batch(student):
    corpus = Corpus.from_sentences("x", "xx", "train", map(Sentence, SENTENCES))
    made = collate(list(student.windower.windows(corpus)), 0)
    torch.manual_seed(0)
    return made | {"probabilities": torch.randn(WORDS, 7).softmax(-1), "unused": torch.full((WORDS, 1), float("nan"))}


def loss(student, batch, tasks=(), weighting=None, **settings):
    objective = Distillation(
        student, tasks, weighting or Uniform(), StudentSettings(**{"tag_loss": "mse_prob", "subwords": 0} | settings)
    )
    return objective(batch)


def plain(student, batch, name="mse_prob"):
    objective = Distillation(student, (), Uniform(), StudentSettings(tag_loss="mse_prob"))
    return tag_loss(name, objective.states(batch).logits, batch["probabilities"])


def gradients(model):
    return {name: weight.grad is not None and bool(weight.grad.abs().sum() > 0) for name, weight in model.items()}


@pytest.mark.parametrize("name", ["mse_prob", "soft_ce", "kl", "hard_ce"])
def test_the_tag_loss_is_a_mean_over_words(student, batch, name):
    assert torch.allclose(loss(student, batch, tag_loss=name), plain(student, batch, name).mean())
    assert torch.allclose(
        loss(student, batch, tag_loss=name, tag_coefficient=0.25), plain(student, batch, name).mean() / 4
    )


def test_weights_of_words(student, batch):
    expected = (Fixed.words * plain(student, batch)).mean()
    assert torch.allclose(loss(student, batch, weighting=Fixed()), expected)


@pytest.mark.parametrize("name", ["mse_prob", "soft_ce", "kl", "hard_ce"])
def test_further_sub_words_learn_to_be_inside_what_their_words_are(student, batch, name):
    """Against a second reading: sub-word by sub-word, with the word's own weight."""
    objective = Distillation(student, (), Uniform(), StudentSettings(tag_loss=name))
    following, words, values = objective.states(batch).following, ["Ada", "sees", "Rome", "old", "Oslo", "Juan"], []
    assert len(following) == len("daeesomeldslouan")
    for word, row in enumerate(batch["probabilities"].tolist()):
        said = [row[0]]
        for begin, inside in zip(row[1::2], row[2::2], strict=True):
            said += [0.0, begin + inside]
        for _ in words[word][1:]:
            scores = following[len(values)]
            values.append(Fixed.words[word] * tag_loss(name, scores[None], torch.tensor([said]))[0])
    both = loss(student, batch, weighting=Fixed(), tag_loss=name, subwords=0.5, tag_coefficient=3)
    alone = loss(student, batch, weighting=Fixed(), tag_loss=name, tag_coefficient=3)
    assert torch.allclose(both, alone + 3 * 0.5 * sum(values) / len(values))


def test_words_of_one_sub_word_are_no_trouble(student):
    corpus = Corpus.from_sentences("x", "xx", "train", [Sentence(["a", "b"])])
    made = collate(list(student.windower.windows(corpus)), 0) | {"probabilities": torch.eye(7)[:2]}
    assert torch.equal(loss(student, made, subwords=1), loss(student, made))


def test_weights_and_coefficients_of_tasks(student, batch):
    hidden = Distillation(student, (), Uniform(), StudentSettings(tag_loss="mse_prob")).states(batch).hidden
    values = (hidden - 1).square().mean(-1)
    tags = (Fixed.words * plain(student, batch)).mean()
    task = OnWords(OnWords.Config(coefficient=0.5))
    assert torch.allclose(loss(student, batch, [task], Fixed()), tags + 0.5 * (Fixed.words * values).mean())


def test_weights_of_pairs_and_the_mean_over_those_that_count(student, batch):
    class Numbered(Fixed):
        pairs = torch.arange(36.0).reshape(6, 6)

    inside = torch.tensor([0, 0, 0, 1, 1, 2])
    counts = inside[:, None] != inside[None, :]
    tags = (Fixed.words * plain(student, batch)).mean()
    task = OnPairs(OnPairs.Config(coefficient=3))
    expected = tags + 3 * Numbered.pairs[counts].mean()
    assert torch.allclose(loss(student, batch, [task], Numbered()), expected)


@pytest.mark.parametrize("other", [1e9, float("nan"), float("inf")])
def test_masked_pairs_do_not_matter(student, batch, other):
    right = loss(student, batch, [OnPairs()])
    task = OnPairs()
    task.other = other
    wrong = loss(student, batch, [task])
    assert torch.equal(right, wrong)
    wrong.backward()
    assert all(weight.grad is None or weight.grad.isfinite().all() for weight in student.model.parameters())


def test_a_batch_without_pairs(student, batch):
    batch["sentences"] = torch.zeros(WORDS, dtype=torch.long)
    assert torch.allclose(loss(student, batch, [OnPairs()]), plain(student, batch).mean())


def test_at_most_so_many_words_are_paired(student, batch):
    seen = []

    class Look(Uniform):
        def weigh(self, signals):
            seen.append((signals.pairs, signals))
            return super().weigh(signals)

    loss(student, batch, weighting=Look(), paired_words=4)
    pairs, signals = seen[0]
    assert isinstance(pairs, Pairs) and isinstance(signals, SignalBatch)
    assert (len(pairs.words), pairs.mask.shape) == (4, (4, 4))
    assert set(signals.columns) == {"probabilities"}  # what nobody needs is left out
    assert not any(column.requires_grad for column in signals.columns.values())
    assert torch.equal(signals.sentences, batch["sentences"])


def test_the_gradient_reaches_encoder_head_and_task(student, batch):
    task = OnWords()
    loss(student, batch, [task]).backward()
    reached = gradients(dict(student.model.named_parameters()))
    assert all(reached[name] for name in reached if "position" not in name and "token_type" not in name)
    assert task.vector.grad.abs().sum() > 0


def test_no_gradient_reaches_the_signals_or_the_weights(student, batch):
    class Sure(Uniform):
        def weigh(self, signals):
            sure = signals.columns["probabilities"].max(-1).values
            assert not sure.requires_grad
            return Weights(sure, sure[:, None] * sure)

    batch["probabilities"].requires_grad_()
    value = loss(student, batch, [Distances()], Sure(), tag_loss="soft_ce")
    value.backward()
    assert batch["probabilities"].grad is None
    assert student.model.classifier.weight.grad.any()


@pytest.mark.parametrize(("task", "head"), [(OnWords, False), (Distances, False), (None, True)])
def test_tasks_alone_train_the_encoder_and_tags_alone_the_head(student, batch, task, head):
    loss(student, batch, [task()] if task else [], tag_coefficient=1.0 if head else 0.0).backward()
    reached = gradients(dict(student.model.named_parameters()))
    assert reached["classifier.weight"] is head
    assert reached["bert.encoder.layer.0.attention.self.query.weight"]
    assert reached["bert.embeddings.word_embeddings.weight"]


def test_losses_are_computed_in_full_precision(student, batch):
    objective = Distillation(student, (), Uniform(), StudentSettings(tag_loss="mse_prob"))
    objective.hardware = type(student.hardware)(student.hardware.device, True)
    states = objective.states(batch)
    assert states.hidden.dtype == states.logits.dtype == objective(batch).dtype == torch.float32


def test_parameters_of_a_task_are_trained_and_the_signals_stay_with_their_words(tiny_workbench, tmp_path):
    target = tiny_corpus("xx", size=40).without_labels()
    rows = [
        {"probabilities": torch.eye(7)[[len(token) % 7 for token in sentence.tokens]].numpy()} for sentence in target
    ]
    record(tmp_path / "s.arrow", target, ["probabilities"], lambda *_: rows, lambda *_: None)
    tagger = tiny_workbench.new_tagger()
    seen = []

    class Look(OnWords):
        def losses(self, student, signals):
            seen.append((signals.columns["probabilities"].argmax(-1), signals.sentences))
            return super().losses(student, signals)

    task = Look()
    settings = StudentSettings(epochs=2, learning_rate=1e-2, batch_size=8)
    objective = Distillation(tagger, [task], Uniform(), settings)
    before = tagger.model.classifier.weight.detach().clone()
    tiny_workbench.train(tagger, objective, target, settings, Signals.open([tmp_path / "s.arrow"]))
    assert task.vector.detach().abs().min() > 0
    assert not torch.equal(before, tagger.model.classifier.weight)
    sentences = list(target)
    for columns, numbers in seen:
        assert columns.tolist() == [
            len(token) % 7 for number in dict.fromkeys(numbers.tolist()) for token in sentences[number].tokens
        ]
