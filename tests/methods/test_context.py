from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.stand_ins import FAST, SOURCE, TARGET, Mute, Needy, keys, student_of, with_part
from xner.corpora.labels import LabelSet
from xner.errors import DataError
from xner.methods.method import Method, TransferTask
from xner.plugin.component import Settings
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.store.stages import TAGGER
from xner.students.task import LossTerm
from xner.tagging.tagger import Tagger
from xner.teachers.recognizer import Recognizer
from xner.teachers.signals import Signals
from xner.testing import tiny_corpus
from xner.training.checkpoints import Dev, record_of


def test_a_method_from_end_to_end(make_context):
    context = make_context(FAST)
    student = student_of(context)
    assert [stage.title for stage in context.stages] == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert all(stage.done for stage in context.stages)
    tagger = Tagger.load(student.folder / TAGGER)
    assert tagger.labels == context.workbench.labels
    assert [len(p.tags) for p in tagger.tag(TARGET)] == [len(s.tokens) for s in TARGET]


def test_the_signals_are_what_the_teacher_says(make_context):
    context = make_context(FAST)
    fitted = context.fit("recognizer", SOURCE)
    (stage,) = context.label(TARGET, fitted).stages
    teacher = Recognizer()
    teacher.restore(fitted.stage.folder, context.workbench)
    signals = Signals.open([stage.folder / "signals.arrow"])
    for number, row in enumerate(teacher.label(TARGET)):
        assert np.array_equal(signals.row(number)["probabilities"], row["probabilities"])


def test_teachers_and_signals_are_shared_and_the_student_is_not(make_context, monkeypatch):
    student_of(make_context(FAST))
    fits, labels, trainings = [], [], []
    for name, calls in (("fit", fits), ("label", labels)):
        monkeypatch.setattr(Recognizer, name, lambda *_, calls=calls: calls.append(1))
    context = make_context({**FAST, "student.learning_rate": 1e-4})
    monkeypatch.setattr(type(context.workbench), "train", lambda *_: trainings.append(1))
    student_of(context)
    assert (fits, labels, trainings) == ([], [], [1])


def test_a_second_run_computes_nothing(make_context, monkeypatch):
    first = make_context(FAST)
    student_of(first)
    context = make_context(FAST)
    monkeypatch.setattr(type(context.store), "complete", lambda *_: pytest.fail("computed again"))
    student_of(context)
    assert keys(context) == keys(first)


def test_a_stage_names_what_it_builds_on(make_context):
    context = make_context({**FAST, "student.start": "teacher"}, dry=True)
    student = student_of(context)
    fitted, labelled, _ = context.stages
    assert (fitted.inputs, labelled.inputs, student.inputs) == ((), (fitted,), (labelled, fitted))
    from_encoder = student_of(make_context(FAST, dry=True))
    assert [stage.key for stage in from_encoder.inputs] == [labelled.key]


def test_one_stage_alone(make_context):
    whole = make_context(FAST, dry=True)
    student_of(whole)
    for number, stage in enumerate(whole.stages):
        context = make_context(FAST)
        context.only = stage.key
        student_of(context)
        assert keys(context) == keys(whole)
        assert [found.done for found in whole.stages] == [True] * (number + 1) + [False] * (2 - number)


def test_one_stage_alone_needs_what_it_builds_on(make_context):
    dry = make_context(FAST, dry=True)
    student = student_of(dry)
    context = make_context(FAST)
    context.only = student.key
    with pytest.raises(DataError, match="there is no 'signals of recognizer on xx' to build on"):
        student_of(context)


def test_a_dry_run_computes_nothing(make_context, tmp_path):
    dry = make_context(FAST, dry=True)
    student = student_of(dry)
    assert not (tmp_path / "cache").exists() and not student.done
    wet = make_context(FAST)
    student_of(wet)
    assert keys(dry) == keys(wet) and all(stage.done for stage in dry.stages)


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"student.epochs": 2}, 2),
        ({"student.tag_loss": "kl"}, 2),
        ({"student.paired_words": 9}, 2),
        ({"teachers.recognizer.epochs": 2}, 0),
        ({"teachers.recognizer.learning_rate": 1e-4}, 0),
        ({"teachers.similarity.epochs": 2}, 3),  # takes no part
    ],
)
def test_settings_change_the_keys_of_what_they_change(make_context, change, kept):
    one, two = make_context(FAST, dry=True), make_context({**FAST, **change}, dry=True)
    student_of(one)
    student_of(two)
    assert [a == b for a, b in zip(keys(one), keys(two), strict=True)] == [True] * kept + [False] * (3 - kept)


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"max_length": 32}, {"freeze": 1}, {"labels": LabelSet(("LOC", "ORG", "PER", "X"))}]
)
def test_the_bench_changes_every_key(make_context, tiny_workbench, change):
    one, two = make_context(FAST, dry=True), make_context(FAST, dry=True, workbench=replace(tiny_workbench, **change))
    student_of(one)
    student_of(two)
    assert not set(keys(one)) & set(keys(two))


def test_the_corpora_change_the_keys(make_context):
    contexts = [make_context(FAST, dry=True) for _ in range(3)]
    pairs = [(SOURCE, TARGET), (tiny_corpus(size=21), TARGET), (SOURCE, tiny_corpus("xx", size=21).without_labels())]
    for context, (source, target) in zip(contexts, pairs, strict=True):
        context.distill(context.label(target, context.fit("recognizer", source)))
    first, other_source, other_target = map(keys, contexts)
    assert not set(first) & set(other_source)
    assert first[0] == other_target[0] and not set(first[1:]) & set(other_target[1:])


class Guessing(Mute):
    """Says of each word what it draws."""

    def label(self, target):
        for sentence in target:
            yield {"probabilities": torch.rand(len(sentence.tokens), 7).softmax(-1).numpy()}


class Grown(Needy):
    """Owns a parameter that begins at random."""

    needs = ()

    def build(self, hidden_size):
        self.layer = torch.nn.Linear(hidden_size, 1)

    def losses(self, student, signals):
        values = self.layer(student.hidden).squeeze(-1).square()
        return LossTerm(values, torch.ones_like(values, dtype=torch.bool))


@pytest.mark.parametrize("start", ["teacher", "encoder"])
def test_what_a_stage_draws_does_not_hang_on_what_was_done_before(make_context, tmp_path, start):
    students = []
    for number in range(2):
        context = make_context({**FAST, "student.start": start, "student.batch_size": 4, "student.learning_rate": 1e-3})
        for kind, name, part in (("teachers", "guessing", Guessing()), ("auxiliary_tasks", "grown", Grown())):
            context = with_part(context, kind, name, part)
        context.store = replace(context.store, root=tmp_path / str(number))
        tagging = context.fit("recognizer", SOURCE)  # in the second round, of another process as it were
        torch.rand(5 * number)
        labelled = context.label(TARGET, tagging, context.fit("guessing", SOURCE))
        torch.rand(7 * number)
        students.append(Tagger.load(context.distill(labelled, ["grown"]).folder / TAGGER).model.state_dict())
    assert all(torch.equal(students[0][name], students[1][name]) for name in students[0])


EN, XX = tiny_corpus("en", "dev"), tiny_corpus("xx", "dev")


def test_only_where_dev_sentences_choose_are_they_in_the_keys(make_context, tiny_workbench):
    found = []
    for dev in (None, Dev("source-dev", (EN,)), Dev("target-dev", (EN,)), Dev("source-dev", (XX,))):
        context = make_context(FAST, dry=True, workbench=replace(tiny_workbench, dev=dev))
        student_of(context)
        found.append(keys(context))
    assert len({key for row in found for key in row}) == 4 * 3
    assert "checkpoint" not in tiny_workbench.identity()


def test_a_teacher_is_judged_on_its_own_language_and_the_student_on_all(make_context, tiny_workbench):
    both, alone = (
        make_context(FAST, workbench=replace(tiny_workbench, dev=Dev("source-dev", corpora)))
        for corpora in ((EN, XX), (EN,))
    )
    target = replace(TARGET, language="de")
    fitted = both.fit("recognizer", SOURCE)
    student = both.distill(both.label(target, fitted))
    # so that a run with one source more does not repeat it
    assert fitted.stage.key == alone.fit("recognizer", SOURCE).stage.key
    judged_on = [
        [corpus["corpus"] for corpus in record_of(stage.folder)["corpora"]] for stage in (fitted.stage, student)
    ]
    assert judged_on == [["tiny en/dev"], ["tiny en/dev", "tiny xx/dev"]]


def test_without_its_second_teacher_mtmt_is_tsl(make_context):
    found = []
    for method in ("tsl", "mtmt-no-similarity"):
        context = make_context(FAST, dry=True)
        script = Components(Plugins.load(), build()).create("methods", method)
        assert isinstance(script, Method) and isinstance(script.config, Settings)
        found.append(script.run(TransferTask((SOURCE,), TARGET), context).key)
    assert found[0] == found[1]
