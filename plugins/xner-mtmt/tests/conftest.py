from importlib.metadata import entry_points
from types import SimpleNamespace

import pytest
import torch

from xner.students.distillation import Distillation


def pytest_configure(config):
    installed = {entry.name for entry in entry_points(group="xner")}
    if "mtmt" not in installed or not config.pluginmanager.has_plugin("xner"):
        pytest.exit("xner-mtmt is not installed. Run: python -m pip install -e . -e plugins/xner-mtmt", returncode=4)


@pytest.fixture(autouse=True)
def isolated(xner_isolation):
    """All tests are on their own."""


class Given(Distillation):
    """The student's objective of states that the test made, in any precision."""

    def __init__(self, states, tasks, weighting, settings):
        model = torch.nn.Module()
        model.config = SimpleNamespace(hidden_size=states.hidden.shape[1])
        super().__init__(SimpleNamespace(model=model, hardware=None), tasks, weighting, settings)
        self.given = states

    def states(self, batch):
        return self.given


@pytest.fixture
def given():
    return Given
