from importlib.metadata import entry_points

import pytest


def pytest_configure(config):
    installed = {entry.name for entry in entry_points(group="xner")}
    if "baselines" not in installed or not config.pluginmanager.has_plugin("xner"):
        pytest.exit(
            "xner-baselines is not installed. Run: python -m pip install -e . -e plugins/xner-baselines", returncode=4
        )


@pytest.fixture(autouse=True)
def isolated(xner_isolation):
    """All tests are on their own."""
