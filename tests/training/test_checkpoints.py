import shutil
from dataclasses import replace
from functools import cache

import pytest
import torch

from tests.scored import score
from xner import testing
from xner.errors import XnerError
from xner.machine.progress import Progress
from xner.tagging.tagger import Tagger
from xner.teachers.recognizer import GoldTags
from xner.testing import tiny_corpus
from xner.testing.progresses import KilledError
from xner.training import loop as training
from xner.training.checkpoints import CHOSEN_ON, ENTITY_F1, Dev, Judge, Trial, record_of
from xner.training.settings import TrainingSettings

SETTINGS = TrainingSettings(epochs=3, learning_rate=1e-3, batch_size=8, schedule="constant")
CORPUS = tiny_corpus(size=24)  # 3 steps an epoch
DEV = Dev("source-dev", (tiny_corpus(split="dev", size=20),))


class KilledAt(Progress):
    """Dies in the middle of a step, or as soon as it hears of an epoch's score."""

    def __init__(self, moment):
        super().__init__(quiet=True)
        self.moment = moment
        self.steps = 0

    def advance(self, share, words):
        self.steps += 1
        if self.steps == self.moment:
            raise KilledError

    def say(self, line):
        if line.startswith(f"{self.moment}:"):
            raise KilledError


class Script:
    """A judge that says of each epoch what stands in its script, and keeps the weights that it saw."""

    def __init__(self, *scores, seen=()):
        self.scores, self.seen, self.asked = scores, dict(seen), []
        self.judge = Judge("applause", self.score)

    def score(self, tagger, corpus):
        assert corpus in DEV.corpora
        weights = copy_of(tagger)
        epoch = next((name for name, seen in self.seen.items() if same(seen, weights)), len(self.seen) + 1)
        self.asked.append(epoch)
        self.seen.setdefault(epoch, weights)
        return self.scores[epoch - 1]


def copy_of(tagger):
    return {name: weight.detach().clone() for name, weight in tagger.model.state_dict().items()}


def same(one, other):
    return all(torch.equal(one[name], other[name]) for name in one)


def fit(workbench, judge=ENTITY_F1, settings=SETTINGS, dev=DEV):
    workbench = replace(workbench, dev=dev)
    tagger = workbench.new_tagger()
    workbench.train(tagger, GoldTags(tagger), CORPUS, settings, judge=judge)
    return tagger


# the best one


@pytest.mark.parametrize(
    ("scores", "best"),
    [((1, 3, 2), 2), ((1, 2, 3), 3), ((3, 2, 1), 1), ((2, 2, 2), 1), ((1, 2, 2), 2), ((0, 0, 0), 1), ((-3, -1, -2), 2)],
)
def test_the_best_epochs_weights_are_kept_and_of_equals_the_earliest(tiny_workbench, scores, best):
    jury = Script(*scores)
    tagger = fit(tiny_workbench, jury.judge)
    assert jury.asked == [1, 2, 3] and not same(jury.seen[1], jury.seen[3])
    assert [epoch for epoch, seen in jury.seen.items() if same(seen, copy_of(tagger))] == [best]
    record = record_of(tiny_workbench.folder)
    assert record["kept_step"] == 3 * best
    assert record["epochs"] == [
        {"epoch": float(epoch), "step": 3 * epoch, "score": float(score)} for epoch, score in enumerate(scores, 1)
    ]
    assert (record["checkpoint"], record["judge"]) == ("source-dev", "applause")
    assert record["corpora"] == [{"corpus": "tiny en/dev", "fingerprint": DEV.corpora[0].fingerprint}]


def test_being_judged_changes_nothing_of_the_training(tiny_workbench, tmp_path):
    jury = Script(1, 2, 3)
    judged = fit(tiny_workbench, jury.judge)
    workbench = replace(tiny_workbench, folder=tmp_path / "last")
    last = fit(workbench, dev=None)
    assert same(copy_of(judged), copy_of(last))
    assert record_of(workbench.folder) is None
    assert not list(workbench.folder.rglob("checkpoint-*"))


def test_by_default_the_judge_is_entity_f1(tiny_workbench, capsys):
    tagger = fit(
        replace(tiny_workbench, progress=Progress()),
        settings=SETTINGS.model_copy(update={"epochs": 12, "learning_rate": 5e-3}),
    )
    (dev,) = DEV.corpora
    record = record_of(tiny_workbench.folder)
    scores = [epoch["score"] for epoch in record["epochs"]]
    reached = score([s.tags for s in dev], tagger.tags(dev), "x").overall.f1
    assert reached == max(scores) > min(scores) and len(scores) == 12
    assert record["kept_step"] == 3 * (scores.index(max(scores)) + 1)
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("epoch ")]
    assert lines == [f"epoch {n}: entity F1 {value:.4g} on tiny en/dev" for n, value in enumerate(scores, 1)]


@pytest.mark.parametrize(("epochs", "ends"), [(0.5, [(2 / 3, 2)]), (1.4, [(1.0, 3), (5 / 3, 5)]), (1, [(1.0, 3)])])
def test_a_part_of_an_epoch_is_judged_at_its_end(tiny_workbench, epochs, ends):
    jury = Script(1, 2)
    fit(tiny_workbench, jury.judge, SETTINGS.model_copy(update={"epochs": epochs}))
    assert [(pytest.approx(row["epoch"]), row["step"]) for row in record_of(tiny_workbench.folder)["epochs"]] == ends


def test_of_several_dev_corpora_the_mean_counts(tiny_workbench):
    judge, dev = Judge("length", lambda _, corpus: len(corpus)), Dev("source-dev", (CORPUS, *DEV.corpora))
    assert Trial(tiny_workbench.new_tagger(), judge, dev, tiny_workbench.progress).score(1) == 22.0


def test_where_nothing_can_be_judged_the_last_step_is_kept(tiny_workbench, tmp_path):
    last = fit(replace(tiny_workbench, folder=tmp_path / "last"), dev=None)
    assert same(copy_of(fit(tiny_workbench, judge=None)), copy_of(last))
    assert record_of(tiny_workbench.folder) is None


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), float("-inf")])
def test_a_score_that_cannot_be_compared(tiny_workbench, odd):
    with pytest.raises(XnerError, match=rf"^applause on tiny en/dev: is {odd}; no checkpoint can be chosen on such"):
        fit(tiny_workbench, Script(1, odd, 2).judge)


# after a kill


@pytest.fixture(scope="module")
def whole(encoder_folder, tmp_path_factory):
    """Trains without a kill, once for all tests; returns the weights, the jury and the record."""

    @cache
    def train(scores, epochs):
        workbench = testing.tiny_workbench(encoder_folder, tmp_path_factory.mktemp("whole"))
        jury = Script(*scores)
        tagger = fit(workbench, jury.judge, SETTINGS.model_copy(update={"epochs": epochs}))
        return copy_of(tagger), jury, record_of(workbench.folder)

    return train


@pytest.mark.parametrize("pause", [0, 120])
@pytest.mark.parametrize("moment", [2, 4, 5, 8, "epoch 1", "epoch 2", "epoch 2.66667"])
@pytest.mark.parametrize(("scores", "best"), [((3, 1, 2), 1), ((1, 3, 2), 2), ((1, 2, 3), 3), ((2, 2, 1), 1)])
def test_killed_and_gone_on_it_ends_the_same(tiny_workbench, whole, monkeypatch, scores, best, moment, pause):
    right, first, record = whole(scores, 2.5)  # 8 steps
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", pause)
    settings = SETTINGS.model_copy(update={"epochs": 2.5})
    jury = Script(*scores, seen=first.seen)
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(moment)), jury.judge, settings)
    torch.rand(5)
    again = fit(tiny_workbench, jury.judge, settings)
    assert same(right, copy_of(again)) and same(right, first.seen[best])
    assert set(jury.asked) == {1, 2, 3}  # and no weights that the whole training had not
    assert record_of(tiny_workbench.folder) == record


@pytest.mark.parametrize("epochs", [2.5, 3])
@pytest.mark.parametrize("scores", [(1, 2, 3), (3, 2, 1)])
def test_killed_after_the_last_step(tiny_workbench, whole, monkeypatch, scores, epochs):
    right, first, record = whole(scores, epochs)
    settings = SETTINGS.model_copy(update={"epochs": epochs})
    jury = Script(*scores, seen=first.seen)

    def kill(*args):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr(Trial, "record", kill)
        with pytest.raises(KilledError):
            fit(tiny_workbench, jury.judge, settings)
    again = fit(tiny_workbench, jury.judge, settings)
    assert same(right, copy_of(again)) and set(jury.asked) == {1, 2, 3}
    assert record_of(tiny_workbench.folder) == record


def test_the_best_one_is_found_where_the_cache_was_moved(tiny_workbench, tmp_path):
    jury = Script(3, 2, 1)
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(8)), jury.judge)
    shutil.move(tiny_workbench.folder, tmp_path / "moved")
    tagger = fit(replace(tiny_workbench, folder=tmp_path / "moved"), jury.judge)
    assert jury.asked == [1, 2, 2, 3]
    assert same(copy_of(tagger), jury.seen[1])


# whose sentences


def test_a_languages_own_dev_sentences_judge_it_and_else_all():
    english, other = tiny_corpus(split="dev"), tiny_corpus("xx", "dev")
    dev = Dev("source-dev", (english, other))
    assert dev.of("xx").corpora == (other,)
    assert dev.of("de") == dev
    assert str(dev) == "tiny en/dev + tiny xx/dev"


def test_the_identity_of_a_choice_is_the_rule_and_the_sentences():
    dev = DEV.identity()
    assert dev == Dev("source-dev", (tiny_corpus(split="dev", size=20),)).identity()
    assert dev != replace(DEV, choice="target-dev").identity()
    assert dev != replace(DEV, corpora=(tiny_corpus(split="dev", size=19),)).identity()


@pytest.mark.parametrize("rule", ["last", "source-dev", "target-dev"])
def test_a_tagger_knows_how_it_was_chosen(tiny_workbench, tmp_path, rule):
    dev = None if rule == "last" else replace(DEV, choice=rule)
    tagger = fit(tiny_workbench, None, SETTINGS.model_copy(update={"epochs": 0.3}), dev)
    tagger.save(tmp_path / "t")
    assert Tagger.load(tmp_path / "t").chosen_on == tagger.chosen_on == CHOSEN_ON[rule]
    assert ("leak" in CHOSEN_ON[rule]) == (rule == "target-dev")


def test_of_other_taggers_nothing_is_claimed(tiny_workbench, tmp_path):
    tagger = tiny_workbench.new_tagger()
    tagger.model.save_pretrained(tmp_path / "t")
    tagger.tokenizer.save_pretrained(tmp_path / "t")
    assert Tagger.load(tmp_path / "t").chosen_on == "not recorded"
