import json

from xner.reporting.own.curves import Curves
from xner.store.stages import Stage
from xner.training.trackers import write_curves


def look(made, folder):
    view = made(("a", "O", "O"))
    object.__setattr__(view, "stages", (Stage("teacher x on en", "k", folder),))
    return Curves().look(view)


def test_each_training_has_a_curve_of_each_thing_that_was_measured(made, tmp_path):
    log = [
        {"loss": 3.0, "learning_rate": 0.1, "epoch": 0.5, "step": 10},
        {"epoch_a_b": 0.25, "epoch": 1, "step": 12},
        {"loss": 2.0, "learning_rate": 0.05, "epoch": 1.5, "step": 20},
        {"epoch_a_b": 0.75, "epoch": 2, "step": 24},
        {"train_loss": 9, "epoch": 2, "step": 24},
    ]
    write_curves(tmp_path, log)
    judged = {"checkpoint": "source-dev", "judge": "entity F1", "epochs": [{"epoch": 1, "step": 12, "score": 50.5}]}
    (tmp_path / "epochs.json").write_text(json.dumps(judged))
    found = {curve.caption: (curve.x, *curve.lines.values()) for curve in look(made, tmp_path)}
    assert found == {
        "teacher x on en: loss": ("step", ((10, 3.0), (20, 2.0))),
        "teacher x on en: learning rate": ("step", ((10, 0.1), (20, 0.05))),
        "teacher x on en: entity F1 (source-dev)": ("epoch", ((1, 50.5),)),
        "teacher x on en: a b": ("epoch", ((1, 0.25), (2, 0.75))),
    }


def test_stages_that_trained_nothing_and_those_of_before_have_what_they_have(made, tmp_path):
    assert not look(made, tmp_path)
    (tmp_path / "curves.json").write_text('{"epochs": [{"epoch": 1, "step": 2, "a": 0.5}]}')
    assert [curve.y for curve in look(made, tmp_path)] == ["a"]
