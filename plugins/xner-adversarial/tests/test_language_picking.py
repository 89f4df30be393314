import numpy as np
import pytest

from xner.base import Corpus, Sentence, Signals
from xner.errors import UsageError
from xner.store.ragged import Ragged, write
from xner.testing import RefinerContract, tiny_corpus
from xner.testing.contract import create
from xner_adversarial.language_picking import LanguagePicking


class TestLanguagePicking(RefinerContract):
    component = "language-picking"

    def column(self, name, words, seed=0):
        if name != "source_probability":
            return super().column(name, words, seed)
        return np.random.default_rng([seed, words]).random((words, 1)).astype(np.float32)


class TestLanguagePickingOfAll(TestLanguagePicking):
    @pytest.fixture
    def settings(self):
        return {"keep": 1}


@pytest.fixture
def weighed(tmp_path):
    """Returns the weights of sentences, of which one or several teachers say how probable the source is."""

    def weigh(*teachers, **settings):
        files = []
        for number, said in enumerate(teachers):
            rows = [{"source_probability": np.reshape(p, (-1, 1)).astype(np.float32)} for p in said]
            write(tmp_path / str(number), [rows])
            files.append(Ragged(tmp_path / str(number)))
        refiner = LanguagePicking(LanguagePicking.Config(**settings))
        signals = Signals(files, ["one"] * len(files), np.full(len(files), 1 / len(files)))
        target = Corpus.from_sentences("x", "xx", "train", [Sentence(["w"] * len(np.ravel(p))) for p in teachers[0]])
        refiner.prepare(target, signals)
        return [refiner.refine(number, signals)["weight"] for number in range(len(signals))], refiner.notes

    return weigh


def naive(said, keep):
    """A second reading: the scores in plain Python, the best picked one after the other."""
    scores = [1 - abs(sum(p) / len(p) - 0.5) for p in said]
    kept = set()
    while len(kept) < max(1, round(keep * len(said))):
        best = None
        for number, score in enumerate(scores):
            if number not in kept and (best is None or score > scores[best]):
                best = number
        kept.add(best)
    return [float(number in kept) for number in range(len(said))]


@pytest.mark.parametrize("keep", [0.01, 0.3, 0.5, 0.8, 1])
def test_it_keeps_what_a_naive_reading_keeps(weighed, keep):
    draw = np.random.default_rng(3)
    said = [draw.random(draw.integers(1, 5)).astype(np.float32).tolist() for _ in range(21)]
    weights, _ = weighed(said, keep=keep)
    assert [len(values) for values in weights] == [len(p) for p in said]
    assert [float(values[0, 0]) for values in weights] == naive(said, keep)
    assert all(values.shape[1:] == (1,) and len({*values.ravel().tolist()}) == 1 for values in weights)


def test_of_equal_sentences_the_earlier_are_kept(weighed):
    weights, _ = weighed([[0.25], [0.75], [0.5], [0.75], [0.25], [0.25]], keep=0.5)
    assert [float(values[0, 0]) for values in weights] == [1, 1, 1, 0, 0, 0]


def test_of_many_equal_sentences_the_earlier_are_kept(weighed):
    said = np.random.default_rng(0).choice([0.25, 0.75, 0.5, 0.125], (300, 1)).tolist()  # most sorts would mix them
    for keep in (0.3, 0.5, 0.7, 0.9):
        weights, _ = weighed(said, keep=keep)
        assert [float(values[0, 0]) for values in weights] == naive(said, keep)


def test_both_sides_of_a_half_are_alike(weighed):
    weights, _ = weighed([[0.9], [0.55], [0.4], [0.02], [0.45]], keep=0.6)
    assert [float(values[0, 0]) for values in weights] == [0, 1, 1, 0, 1]


def test_of_several_teachers_the_mean_counts(weighed):
    weights, _ = weighed([[0.0], [0.9]], [[1.0], [0.9]], keep=0.5)
    assert [float(values[0, 0]) for values in weights] == [1, 0]


def test_what_it_says(weighed):
    _, notes = weighed([[0.25, 0.35], [0.5], [0.9], [0.5], [0.6]], keep=0.8)
    said = "4 of 5 sentences are kept; P(source) is 0.56 on average, and within 0.20 of a half in what is kept"
    assert list(notes) == [f"language-picking: {said}"]


@pytest.mark.parametrize(("value", "message"), [(0, "greater than 0"), (1.2, "less than or equal to 1")])
def test_shares_that_are_none(value, message):
    with pytest.raises(UsageError, match=rf"^refiners\.language-picking\.keep = .*{message}"):
        create("refiners", "language-picking", {"keep": value})


def test_teachers_that_do_not_say_it(make_context):
    context = make_context({}, dry=True)
    labelled = context.label(tiny_corpus("xx").without_labels(), context.fit("recognizer", tiny_corpus()))
    with pytest.raises(UsageError, match="the refiner 'language-picking' needs the signal 'source_probability'"):
        context.refine(labelled, "language-picking")
