import pytest

from xner.training.settings import TrainingSettings


@pytest.mark.parametrize(
    ("windows", "steps", "epochs"),
    [
        (3000, 600, 7),  # 94 steps an epoch: 6 would be 564
        (3008, 600, 7),
        (3201, 600, 6),  # 101 steps an epoch
        (6400, 600, 3),
        (12_543, 600, 3),
        (1, 600, 600),
        (3000, 0, 3),
    ],
)
def test_short_trainings_go_over_more_epochs(windows, steps, epochs):
    assert TrainingSettings(steps=steps).passes(windows) == epochs


@pytest.mark.parametrize("epochs", [0.5, 1, 4])
def test_epochs_that_are_given_are_kept(epochs):
    settings = TrainingSettings(epochs=epochs, steps=600)
    assert settings.passes(100) == epochs
    assert settings.told(100) == ""


def test_it_is_said_where_there_are_more_epochs_than_usual():
    settings = TrainingSettings(steps=600)
    assert settings.told(3000) == "7 epochs of 94 steps, so that there are at least 600"
    assert settings.told(6400) == ""
