from dataclasses import replace

import numpy as np
import pytest

from xner.base import TransferTask
from xner.errors import DataError, UsageError
from xner.store.ragged import Ragged
from xner.store.stages import StageStore
from xner.teachers.labelled import SIGNALS
from xner.testing import MethodContract, tiny_corpus
from xner_iterative.picking import picked
from xner_iterative.rikd import RIKD

QUICK = {"teachers.recognizer.epochs": 1, "student.epochs": 2, "student.batch_size": 8}
POLICY = {"bag": 1, "judges": 8, "warm_up": 5}
ROUND = ["policy of round {} on xx", "student {} on xx (tags, uniform)"]


class TestRIKD(MethodContract):
    component = "rikd"

    @pytest.fixture
    def settings(self):
        return {**POLICY, "rounds": 2}

    @pytest.fixture
    def run_settings(self):
        return QUICK


def titles(stages):
    return [stage.title for stage in stages]


def of(stage):
    """Which sentences a stage gives weight."""
    file = Ragged(stage.folder / SIGNALS)
    rows = [file.row(number)["weight"] for number in range(len(file))]
    assert all(set(row.ravel()) in ({0.0}, {1.0}) for row in rows)
    return [bool(row.all()) for row in rows]


@pytest.fixture
def rikd(train):
    def run(method="rikd", **settings):
        more = {f"methods.{method}.{name}": value for name, value in {**POLICY, **settings}.items()}
        return train(method, more=more, epochs=2, batch_size=8, learning_rate=5e-3)

    return run


def test_each_round_labels_picks_and_distills_and_the_student_teaches_the_next(rikd):
    run = rikd(rounds=2)
    assert titles(run.stages) == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        *(title.format(1) for title in ROUND),
        "signals of student 1 on xx",
        *(title.format(2) for title in ROUND),
    ]
    teacher, said, policy, student, said_next, policy_next, last = run.stages
    assert policy.inputs == (said, teacher) and policy in student.inputs
    assert said_next.inputs == (student,) and set(policy_next.inputs) == {said_next, student}
    assert policy_next in last.inputs and policy not in last.inputs and policy.key != policy_next.key
    for stage in (policy, policy_next):
        assert 0.5 <= np.mean(of(stage)) <= 1 and len(of(stage)) == 60
    assert run.metrics.sentences == 60


def test_the_first_round_is_that_without_iteration(rikd):
    alone, rounds = rikd("rikd-no-iteration"), rikd(rounds=2)
    assert [stage.key for stage in alone.stages] == [stage.key for stage in rounds.stages[:4]]


def test_other_seeds_pick_other_sentences_and_the_same_the_same(make_context, tiny_workbench, tmp_path):
    found = []
    for number, seed in enumerate((0, 0, 1)):
        context = make_context(QUICK, workbench=replace(tiny_workbench, seed=seed))
        context = replace(context, store=StageStore(tmp_path / str(number)))
        RIKD(RIKD.Config(**POLICY, rounds=1, floor=0)).run(task(), context)
        found.append(of(context.stages[2]))
    assert found[0] == found[1] != found[2]


def task(dev=(), size=24):
    return TransferTask((tiny_corpus(size=24),), tiny_corpus("xx", size=size).without_labels(), dev)


def said_of(make_context, monkeypatch, dev=(), size=24, **settings):
    context, lines = make_context(QUICK), []
    monkeypatch.setattr(context.workbench.progress, "say", lines.append)
    RIKD(RIKD.Config(**{**POLICY, "rounds": 1, **settings})).run(task(dev, size), context)
    return [line for line in lines if line.startswith("policy: ")], context


def test_the_log_says_what_rewards_what_it_learns_and_what_it_picks(make_context, monkeypatch):
    lines, context = said_of(make_context, monkeypatch, (tiny_corpus("en", "dev"),), floor=0.9)
    rewarded, first, second, last = lines
    assert rewarded == (
        "policy: rewarded by the student's loss on 2 sentences of the target with the teacher's labels, "
        "and 8 of the source's dev with gold tags, half and half"
    )
    assert first.startswith("policy: epoch 1: kept 100% of the sentences, mean reward ")
    assert "policy: epoch 2: kept " in second and "entropy 0." in second
    number = sum(of(context.stages[2]))
    assert last.startswith(f"policy: picked {number} of 24 sentences") and number >= 22


def test_without_dev_sentences_the_target_rewards_alone_and_that_is_said(make_context, monkeypatch):
    rewarded, *_ = said_of(make_context, monkeypatch)[0]
    assert rewarded == (
        "policy: rewarded by the student's loss on 2 sentences of the target with the teacher's labels; "
        "there is no labelled dev split of the source to stand beside them"
    )


def test_dev_sentences_and_settings_are_part_of_the_key(make_context):
    def key(dev=(), **settings):
        context = make_context(QUICK, dry=True)
        RIKD(RIKD.Config(**{"rounds": 1, **settings})).run(task(dev), context)
        return context.stages[2].key

    dev = (tiny_corpus("en", "dev"),)
    assert len({key(), key(dev), key(bag=2), key(floor=0.4)}) == 4
    assert key(rounds=3) == key()


def test_it_reads_dev_sentences_of_the_source_and_none_of_the_target(train, monkeypatch):
    seen = []
    run = RIKD.run
    monkeypatch.setattr(RIKD, "run", lambda self, task, context: seen.append(task.dev) or run(self, task, context))
    more = {f"methods.rikd.{name}": value for name, value in {**POLICY, "rounds": 1}.items()}
    train("rikd", more={**more, "checkpoint": "target-dev"}, epochs=1, batch_size=32)
    assert {(corpus.language, corpus.split) for dev in seen for corpus in dev} == {("en", "dev")}


def test_one_sentence_is_too_few(make_context, monkeypatch):
    with pytest.raises(DataError, match="one sentence is too few"):
        said_of(make_context, monkeypatch, size=1)
    lines, _ = said_of(make_context, monkeypatch, size=2, held_out=0.9)
    assert "on 1 sentences of the target" in lines[0]


@pytest.mark.parametrize(
    ("probabilities", "floor", "expected"),
    [
        ([0.9, 0.2, 0.6, 0.1], 0.5, [True, False, True, False]),
        ([0.9, 0.6, 0.8, 0.51], 0.5, [True, True, True, True]),  # all that are likely, not the floor alone
        ([0.9, 0.2, 0.3, 0.1], 0.5, [True, False, True, False]),  # the floor takes the next
        ([0.5, 0.5, 0.5, 0.5], 0.5, [True, True, False, False]),  # a half is not over a half; the first of equals
        ([0.1, 0.4, 0.4], 0.5, [False, True, True]),  # rounded up
        ([0.1, 0.2], 0.0, [False, True]),  # something is left to learn from
        ([0.6, 0.6, 0.1], 0.0, [True, True, False]),
    ],
)
def test_what_is_picked(probabilities, floor, expected):
    assert picked(np.array(probabilities), floor).tolist() == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [("rounds", 0), ("floor", 1.5), ("held_out", 0), ("held_out", 1), ("bag", 0), ("judges", 0), ("baseline", 1)],
)
def test_settings_that_cannot_be_are_told_before_anything_is_trained(train, name, value):
    with pytest.raises(UsageError, match=name):
        train("rikd", more={f"methods.rikd.{name}": value})
