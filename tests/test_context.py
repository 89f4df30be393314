from dataclasses import replace

import numpy as np
import pytest
import torch

from xner.base import TAGGER, AuxiliarySettings, AuxiliaryTask, LossTerm, Method, Settings, Teacher, TransferTask
from xner.checkpoints import Dev, record_of
from xner.combination import averaged
from xner.components import Components
from xner.config import build
from xner.errors import DataError, UsageError
from xner.labels import LabelSet
from xner.plugins import Plugins
from xner.recognizer import Recognizer
from xner.signals import Signals
from xner.tagger import Tagger
from xner.testing import tiny_corpus

FAST = {"teachers.recognizer.epochs": 1, "student.epochs": 1, "student.start": "encoder"}
SOURCE, TARGET = tiny_corpus(size=20), tiny_corpus("xx", size=20).without_labels()


class Mute(Teacher):
    """Gives signals but is no tagger, and needs no training."""

    provides = ("probabilities",)

    def fit(self, source, bench):
        self.fitted = True

    def label(self, target):
        for sentence in target:
            yield {"probabilities": np.full((len(sentence.tokens), 7), 1 / 7, np.float32)}

    def save(self, folder):
        (folder / "mute").write_text("")

    def restore(self, folder, bench):
        assert (folder / "mute").exists()


class Needy(AuxiliaryTask):
    """Wants a signal."""

    level = "words"
    needs = ("vectors",)

    class Config(AuxiliarySettings):
        size: int = 1

    def losses(self, student, signals):
        return LossTerm(student.hidden.sum(-1), torch.ones(len(student.hidden), dtype=torch.bool))


def with_part(context, kind, name, part):
    """Lets the context know one more component."""
    create = context.create
    context.create = lambda asked, which: part if (asked, which) == (kind, name) else create(asked, which)
    return context


def student_of(context, tasks=(), weighting="uniform"):
    labelled = context.label(TARGET, context.fit("recognizer", SOURCE))
    return context.distill(labelled, tasks, weighting)


def keys(context):
    return [stage.key for stage in context.stages]


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
    assert tagger.labels == context.bench.labels
    assert [len(p.tags) for p in tagger.tag(TARGET)] == [len(s.tokens) for s in TARGET]


def test_the_signals_are_what_the_teacher_says(make_context):
    context = make_context(FAST)
    fitted = context.fit("recognizer", SOURCE)
    (stage,) = context.label(TARGET, fitted).stages
    teacher = Recognizer()
    teacher.restore(fitted.folder, context.bench)
    signals = Signals.open([stage.folder / "signals.arrow"])
    for number, row in enumerate(teacher.label(TARGET)):
        assert np.array_equal(signals.row(number)["probabilities"], row["probabilities"])


def test_teachers_and_signals_are_shared_and_the_student_is_not(make_context, monkeypatch):
    student_of(make_context(FAST))
    fits, labels, trainings = [], [], []
    for name, calls in (("fit", fits), ("label", labels)):
        monkeypatch.setattr(Recognizer, name, lambda *_, calls=calls: calls.append(1))
    context = make_context({**FAST, "student.learning_rate": 1e-4})
    monkeypatch.setattr(type(context.bench), "train", lambda *_: trainings.append(1))
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
def test_the_bench_changes_every_key(make_context, tiny_bench, change):
    one, two = make_context(FAST, dry=True), make_context(FAST, dry=True, bench=replace(tiny_bench, **change))
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
        labelled = context.label(TARGET, context.fit("guessing", SOURCE))
        labelled = replace(labelled, teachers=(tagging, *labelled.teachers))
        torch.rand(7 * number)
        students.append(Tagger.load(context.distill(labelled, ["grown"]).folder / TAGGER).model.state_dict())
    assert all(torch.equal(students[0][name], students[1][name]) for name in students[0])


EN, XX = tiny_corpus("en", "dev"), tiny_corpus("xx", "dev")


def test_only_where_dev_sentences_choose_are_they_in_the_keys(make_context, tiny_bench):
    found = []
    for dev in (None, Dev("source-dev", (EN,)), Dev("target-dev", (EN,)), Dev("source-dev", (XX,))):
        context = make_context(FAST, dry=True, bench=replace(tiny_bench, dev=dev))
        student_of(context)
        found.append(keys(context))
    assert len({key for row in found for key in row}) == 4 * 3
    assert "checkpoint" not in tiny_bench.identity()


def test_a_teacher_is_judged_on_its_own_language_and_the_student_on_all(make_context, tiny_bench):
    both, alone = (
        make_context(FAST, bench=replace(tiny_bench, dev=Dev("source-dev", corpora))) for corpora in ((EN, XX), (EN,))
    )
    target = replace(TARGET, language="de")
    fitted = both.fit("recognizer", SOURCE)
    student = both.distill(both.label(target, fitted))
    assert fitted.key == alone.fit("recognizer", SOURCE).key  # so that a run with one source more does not repeat it
    judged_on = [[corpus["corpus"] for corpus in record_of(stage.folder)["corpora"]] for stage in (fitted, student)]
    assert judged_on == [["tiny en/dev"], ["tiny en/dev", "tiny xx/dev"]]


def test_tasks_and_weighting_change_the_students_key(make_context):
    found = set()
    for coefficient, tasks, weighting in [
        (1, (), "uniform"),
        (1, ("similarity",), "uniform"),
        (2, ("similarity",), "uniform"),
        (1, ("similarity",), "reliability"),
    ]:
        context = make_context({**FAST, "auxiliary_tasks.similarity.coefficient": coefficient}, dry=True)
        teachers = [context.fit(name, SOURCE) for name in ("recognizer", "similarity")]
        found.add(context.distill(context.label(TARGET, *teachers), tasks, weighting).key)
    assert len(found) == 4


def with_parts(make_context, tasks=(), weighting=None, own=((), "uniform")):
    """Distils, by a method with two teachers and parts of its own, with these settings of the student."""
    context = make_context({**FAST, "student.tasks": tasks, "student.weighting": weighting}, dry=True)
    with_part(context, "auxiliary_tasks", "needy", Needy())
    teachers = [context.fit(name, SOURCE) for name in ("recognizer", "similarity")]
    assert not context.distilled
    stage = context.distill(context.label(TARGET, *teachers), *own)
    assert context.distilled
    return stage


@pytest.mark.parametrize(
    ("tasks", "weighting", "own", "title"),
    [
        ((), None, ((), "uniform"), "student on xx (tags, uniform)"),
        (("needy",), None, ((), "uniform"), "student on xx (tags + needy, uniform)"),
        (("needy",), None, (["similarity"], "reliability"), "student on xx (tags + similarity + needy, reliability)"),
        ((), "unweighted", (["similarity"], "reliability"), "student on xx (tags + similarity, unweighted)"),
        (
            ("needy", "similarity", "needy"),
            None,
            (("similarity",), "uniform"),
            "student on xx (tags + similarity + needy, uniform)",
        ),
    ],
)
def test_the_runs_tasks_are_added_to_the_methods_and_its_weighting_replaces(make_context, tasks, weighting, own, title):
    assert with_parts(make_context, tasks, weighting, own).title == title


def test_who_asked_for_the_parts_makes_no_other_student(make_context):
    own = with_parts(make_context, own=(("needy",), "reliability"))
    assert with_parts(make_context, ("needy",), "reliability").key == own.key
    assert with_parts(make_context, ("needy",), None, (("needy",), "reliability")).key == own.key
    assert with_parts(make_context, ("needy",)).key != own.key


@pytest.mark.parametrize(
    ("tasks", "weighting", "said"),
    [
        (
            ["needy"],
            "uniform",
            "the task 'needy' needs the signal 'vectors', but the teachers give only: probabilities",
        ),
        ([], "reliability", "the weighting 'reliability' needs the signal 'vectors'"),
    ],
)
@pytest.mark.parametrize("dry", [True, False])
def test_a_signal_that_nobody_gives(make_context, tasks, weighting, said, dry):
    context = with_part(make_context(FAST, dry), "auxiliary_tasks", "needy", Needy())
    with pytest.raises(UsageError, match=said):
        student_of(context, tasks, weighting)
    assert len(context.stages) == 2


def test_the_tag_loss_needs_a_tagger(make_context):
    context = make_context(FAST, dry=True)
    labelled = context.label(TARGET, context.fit("similarity", SOURCE))
    with pytest.raises(UsageError, match="'probabilities', but the teachers give only: vectors"):
        context.distill(labelled)
    with pytest.raises(UsageError, match="but the teachers give only: none"):
        context.distill(context.label(TARGET))


def test_the_student_starts_from_the_teacher(make_context):
    slow = {"student.learning_rate": 1e-12, "student.weight_decay": 0, "teachers.recognizer.epochs": 5}
    context = make_context({**FAST, **slow, "student.start": "teacher", "teachers.recognizer.learning_rate": 1e-2})
    fitted = context.fit("recognizer", SOURCE)
    student = context.distill(context.label(TARGET, fitted))
    from_encoder = student_of(make_context({**FAST, **slow}))
    teacher, one, two = (
        Tagger.load(stage.folder / TAGGER).model.classifier.weight for stage in (fitted, student, from_encoder)
    )
    assert torch.allclose(teacher, one, atol=1e-6)
    assert not torch.allclose(teacher, two, atol=1e-3)


def test_no_teacher_to_start_from(make_context):
    context = with_part(make_context({**FAST, "student.start": "teacher"}), "teachers", "mute", Mute())
    with pytest.raises(UsageError, match=r"no teacher of this method is a tagger; set student\.start = encoder"):
        context.distill(context.label(TARGET, context.fit("mute", SOURCE)))


def test_a_teacher_that_is_no_tagger(make_context):
    context = with_part(make_context(FAST), "teachers", "mute", Mute())
    assert context.distill(context.label(TARGET, context.fit("mute", SOURCE))).done


def test_a_change_in_a_plugins_code_is_noticed(tmp_path, monkeypatch):
    module = tmp_path / "package" / "part.py"
    module.parent.mkdir()
    module.write_text("1")
    monkeypatch.setattr("xner.context.inspect.getfile", lambda kind: str(module))
    from xner.context import _describe

    found = {_describe(Mute())["code"]}
    (module.parent / "helper.py").write_text("a module beside it")
    found.add(_describe(Mute())["code"])
    module.write_text("2")
    found.add(_describe(Mute())["code"])
    assert len(found) == 3


def test_a_plugin_of_one_module_has_no_package_around_it(tmp_path, monkeypatch):
    """What else is installed beside it, in site-packages, is not its code."""
    module = tmp_path / "alone.py"
    module.write_text("1")
    monkeypatch.setattr("xner.context.inspect.getfile", lambda kind: str(module))
    monkeypatch.setattr(Mute, "__module__", "alone")
    from xner.context import _describe

    found = {_describe(Mute())["code"]}
    (tmp_path / "other.py").write_text("a package of somebody else")
    found.add(_describe(Mute())["code"])
    assert len(found) == 1
    module.write_text("2")
    assert _describe(Mute())["code"] not in found


def test_without_its_second_teacher_mtmt_is_tsl(make_context):
    found = []
    for method in ("tsl", "mtmt-no-similarity"):
        context = make_context(FAST, dry=True)
        script = Components(Plugins.load(), build()).create("methods", method)
        assert isinstance(script, Method) and isinstance(script.config, Settings)
        found.append(script.run(TransferTask((SOURCE,), TARGET), context).key)
    assert found[0] == found[1]


# several sources

SOURCES = (SOURCE, tiny_corpus("zz", size=20))
SEVERAL = [
    "teacher recognizer on en",
    "teacher recognizer on zz",
    "language classifier of en, zz",
    "language similarity of xx to en, zz",
    "signals of recognizer (en) on xx",
    "signals of recognizer (zz) on xx",
    "student on xx (tags, uniform)",
]


def student_of_several(context, sources=SOURCES, target=TARGET):
    return context.distill(context.label(target, *(context.fit("recognizer", source) for source in sources)))


def titles(context):
    return [stage.title for stage in context.stages]


@pytest.mark.parametrize("start", ["encoder", "teacher"])
def test_the_stages_of_several_sources(make_context, start):
    dry = make_context(FAST | {"student.start": start}, dry=True)
    student = student_of_several(dry)
    assert titles(dry) == SEVERAL
    fitted, classifier, similarity, labelled = dry.stages[:2], *dry.stages[2:4], dry.stages[4:6]
    assert (classifier.inputs, similarity.inputs) == ((), (classifier,))
    assert student.inputs == (*labelled, similarity, *(fitted if start == "teacher" else ()))
    uniform = make_context(FAST | {"combination.weights": "uniform"}, dry=True)
    student_of_several(uniform)
    assert titles(uniform) == [*SEVERAL[:2], *SEVERAL[4:]]


@pytest.mark.parametrize("weights", ["uniform", "similarity", "sentence-similarity"])
def test_the_student_learns_from_the_combination(make_context, monkeypatch, weights):
    rate = {"teachers.recognizer.learning_rate": 1e-2, "teachers.recognizer.batch_size": 4}
    context, seen = make_context(FAST | rate | {"combination.weights": weights}), []
    teachers = [context.fit("recognizer", source) for source in SOURCES]
    labelled = context.label(TARGET, *teachers)
    monkeypatch.setattr(type(context.bench), "train", lambda *given: seen.append(given[-1]))
    context.distill(labelled)
    said = []
    for fitted in teachers:
        teacher = Recognizer()
        teacher.restore(fitted.folder, context.bench)
        said.append([row["probabilities"] for row in teacher.label(TARGET)])
    shares = labelled.shares.read(len(TARGET))
    for number, (one, other) in enumerate(zip(*said, strict=True)):
        assert not np.allclose(one, other, atol=1e-4)
        expected = shares[number, 0] * one + shares[number, 1] * other
        assert np.allclose(seen[0].row(number)["probabilities"], expected, atol=1e-6)
        assert np.array_equal(seen[0].row(number)["probabilities"], averaged([one, other], shares[number]))
    assert len({tuple(row) for row in shares.tolist()}) == (len(TARGET) if weights == "sentence-similarity" else 1)


def test_each_stage_of_several_sources_alone(make_context):
    values = FAST | {"student.start": "teacher"}
    whole = make_context(values, dry=True)
    student_of_several(whole)
    for number, stage in enumerate(whole.stages):
        context = make_context(values)
        context.only = stage.key
        student_of_several(context)
        assert keys(context) == keys(whole)
        assert [found.done for found in whole.stages] == [True] * (number + 1) + [False] * (6 - number)


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ({"combination.weights": "sentence-similarity"}, [6]),
        ({"combination.rank": 8}, [2, 3, 6]),
        ({"combination.epochs": 3}, [2, 3, 6]),
        ({"teachers.recognizer.epochs": 2}, [0, 1, 4, 5, 6]),
        ({"student.epochs": 2}, [6]),
    ],
)
def test_settings_of_several_sources_change_the_keys_of_what_they_change(make_context, change, changed):
    one, two = make_context(FAST, dry=True), make_context(FAST | change, dry=True)
    student_of_several(one)
    student_of_several(two)
    found = [number for number, pair in enumerate(zip(keys(one), keys(two), strict=True)) if len(set(pair)) > 1]
    assert found == changed


def test_targets_share_the_language_classifier(make_context):
    one, two = make_context(FAST, dry=True), make_context(FAST, dry=True)
    student_of_several(one)
    student_of_several(two, target=tiny_corpus("xx", size=21).without_labels())
    assert [a == b for a, b in zip(keys(one), keys(two), strict=True)] == [True] * 3 + [False] * 4


def test_how_much_the_teachers_count_is_said(make_context, monkeypatch):
    context, said = make_context(FAST | {"combination.weights": "uniform"}), []
    monkeypatch.setattr(context.bench.progress, "say", said.append)
    student_of_several(context)
    assert said.count("weights of the teachers: en 0.50, zz 0.50") == 1


def test_with_one_source_nothing_of_the_combination_counts(make_context):
    found = []
    for weights in ("uniform", "similarity"):
        context = make_context(FAST | {"combination.weights": weights, "combination.rank": 3}, dry=True)
        student_of_several(context, SOURCES[:1])
        found.append((keys(context), titles(context)))
    student_of(context := make_context(FAST, dry=True))
    assert found[0] == found[1] == (keys(context), titles(context))


def plan_of(make_context, method, sources):
    context = make_context(FAST, dry=True)
    script = Components(Plugins.load(), build()).create("methods", method)
    script.run(TransferTask(sources, TARGET), context)
    return keys(context)


def test_with_one_source_tsl_multi_is_tsl_and_with_several_mtmt_without_its_second_teacher(make_context):
    assert plan_of(make_context, "tsl-multi", SOURCES[:1]) == plan_of(make_context, "tsl", SOURCES[:1])
    several = plan_of(make_context, "tsl-multi", SOURCES)
    assert several == plan_of(make_context, "mtmt-no-similarity", SOURCES)
    assert len(several) == 7 and set(several) < set(plan_of(make_context, "mtmt", SOURCES)) | set(several[-1:])
    assert several != plan_of(make_context, "tsl", SOURCES)


def test_methods_for_one_source_learn_from_all_of_them(make_context):
    context = make_context(FAST, dry=True)
    script = Components(Plugins.load(), build()).create("methods", "tsl")
    script.run(TransferTask(SOURCES, TARGET), context)
    assert titles(context) == [
        "teacher recognizer on en+zz",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert plan_of(make_context, "direct", SOURCES) == keys(context)[:1]
    assert plan_of(make_context, "direct", SOURCES[::-1]) != keys(context)[:1]
    assert plan_of(make_context, "direct", SOURCES[:1]) != keys(context)[:1]
