"""What a run says before it computes anything."""

import json

import pytest

from xner.cli import results
from xner.errors import DataError, UsageError, XnerError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.mixing import configure
from xner.runs.prepared import prepare
from xner.runs.run import train
from xner_baselines.direct import Direct


@pytest.fixture(scope="module")
def plugins():
    return Plugins.load()


def prepared(config, plugins):
    return prepare(config, plugins, Progress(quiet=True))


def test_a_weighting_whose_signals_nobody_gives(plugins, values):
    config = build(values, {"method": "tsl", "student.weighting": "reliability"})
    with pytest.raises(UsageError, match=r"^the weighting 'reliability' needs the signal 'vectors', but"):
        _ = prepared(config, plugins).plan


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"auxiliary_tasks.similarity.scal": 1}, "there is no setting 'auxiliary_tasks.similarity.scal'"),
        ({"methods.mtmt.tasks": ["similarty"]}, "there is no 'similarty' among the auxiliary tasks"),
        ({"student.tasks": ["similarty"]}, "there is no 'similarty' among the auxiliary tasks"),
        ({"student.weighting": "reliabilty"}, "there is no 'reliabilty' among the weightings"),
        (
            {"method": "direct", "student": {"tasks": ["similarity"], "weighting": "uniform"}},
            r"^the method 'direct' distils no student, so nothing can be mixed into it: "
            r"leave similarity, uniform \(--aux, --refine, --weighting\) out, or choose another method$",
        ),
    ],
)
def test_what_the_last_stage_cannot_use_is_said_before_the_first(plugins, values, tmp_path, capsys, setting, message):
    with pytest.raises(UsageError, match=message):
        train(build(values, setting), plugins, tmp_path / "x", Progress())
    assert capsys.readouterr().err == ""
    assert list(tmp_path.iterdir()) == []


def test_what_was_set_without_effect_is_said_and_nothing_else(plugins, values, tmp_path, capsys):
    values = {name: value for name, value in values.items() if not name.startswith("student.")}
    config = configure(plugins, {**values, "method": "direct", "weightings.reliability.beta": "authors"})
    said = "none of the weightings used here is 'reliability', so there is no effect of weightings.reliability.beta"
    run = prepared(config, plugins)
    assert run.unused == (said,)
    results.show_plan(run, as_json=True)
    assert said in json.loads(capsys.readouterr().out)["notes"]
    assert prepared(configure(plugins, {**values, "method": "direct"}), plugins).unused == ()
    train(config, plugins, tmp_path / "run", Progress())
    assert capsys.readouterr().err.splitlines().count(said) == 1


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ({"pairing": "balanced", "epochs": 3}, "student.epochs, student.pairing"),
        ({"start": "encoder", "steps": 9}, "student.steps, student.start"),
        ({"start": "teacher", "steps": 125}, ""),  # as they are by default
    ],
)
def test_what_is_said_to_a_student_that_nobody_distils(plugins, values, setting, said):
    bare = {name: value for name, value in values.items() if not name.startswith("student.")}
    without, with_one = (
        prepared(configure(plugins, {**bare, "method": method, "student": setting}), plugins)
        for method in ("direct", "tsl")
    )
    assert without.unused == ((f"no student is distilled, so there is no effect of {said}",) if said else ())
    assert with_one.unused == ()


@pytest.mark.parametrize("method", sorted(Plugins.load().names("methods")))
def test_defaults_and_presets_say_only_what_has_an_effect(plugins, values, method):
    if method in ("tmp", "wiki"):
        pytest.skip(f"{method} needs data that may not be here")
    bare = {name: value for name, value in values.items() if not name.startswith(("teachers.", "student."))}
    if method in ("unitrans", "colada", "tof"):
        bare["resources.dictionary"] = "embedding"
    for preset in (None, *plugins.get("methods", method).presets):
        assert prepared(configure(plugins, {**bare, "method": method}, preset=preset), plugins).unused == ()


def test_the_plan_computes_nothing(plugins, values, tmp_path):
    config = configure(plugins, values)
    run = prepared(config, plugins)
    stages = run.plan.stages
    assert [stage.title for stage in stages] == [
        "teacher recognizer on en",
        "teacher similarity on en",
        "signals of recognizer on xx",
        "signals of similarity on xx",
        "student on xx (tags + similarity, uniform)",
    ]
    assert not any(stage.done for stage in stages)
    assert len(run.corpora.test) == 60
    assert run.notes == ()
    assert list(tmp_path.iterdir()) == []


def test_transformers_of_the_run_come_before_the_method(plugins, values):
    sampled = {"method": "tsl", "source.transformers": "sample", "target.transformers": "sample", "source.limit": 9}
    plan = prepared(build(values, sampled), plugins).plan
    titles = [stage.title for stage in plan.stages]
    assert titles[:3] == ["sample of train en", "sample of train xx", "teacher recognizer on en (sample)"]
    plain = prepared(build(values, {"method": "tsl", "source.limit": 9}), plugins).plan
    assert not {stage.key for stage in plan.stages} & {stage.key for stage in plain.stages}


def test_the_plan_says_that_there_is_nothing_to_score_on(plugins, values, tmp_path, capsys):
    (tmp_path / "raw" / "xx").mkdir(parents=True)
    (tmp_path / "raw" / "xx" / "train.txt").write_text("ta Ada\n")
    config = build(values, {"target.dataset": str(tmp_path / "raw")})
    results.show_plan(prepared(config, plugins), as_json=True)
    (note,) = json.loads(capsys.readouterr().out)["notes"]
    assert note == "the target has no labelled split 'test', so the student is not scored"


def test_the_plan_says_that_labels_of_the_target_are_learned_from(plugins, values):
    (note,) = prepared(build(values, {"target.language": "en"}), plugins).notes
    assert note.startswith("en is one of the sources: its labels were used for training, ")


def test_a_method_that_returns_no_stage(plugins, values, monkeypatch):
    monkeypatch.setattr(Direct, "run", lambda *_: None)
    with pytest.raises(XnerError, match=r"^the method 'direct' returned NoneType; expected its last stage$"):
        _ = prepared(build(values, {"method": "direct"}), plugins).plan


def test_a_method_whose_last_stage_is_no_student(plugins, values, tmp_path, monkeypatch):
    def run(method, task, context):
        return context.label(task.target, context.fit("recognizer", task.source)).stages[0]

    monkeypatch.setattr(Direct, "run", run)
    message = r"^the method 'direct' returned the stage 'signals of recognizer on xx', which holds no tagger$"
    with pytest.raises(XnerError, match=message):
        train(build(values, {"method": "direct"}), plugins, tmp_path / "x", Progress(quiet=True))
    assert not list(tmp_path.glob("*x*"))


def test_target_text_that_the_encoder_cannot_read_is_refused_before_the_first_stage(plugins, values, tmp_path):
    (tmp_path / "raw.txt").write_text("ኢትዮጵያ አዲስ አበባ\n" * 9, encoding="utf-8")
    raw = {"method": "direct", "target.dataset": str(tmp_path / "raw.txt")}
    with pytest.raises(DataError, match=r"raw\.txt xx/train: the encoder's \w+ does not know 27 of the first 27 words"):
        train(build(values, raw), plugins, tmp_path / "x", Progress(quiet=True))
