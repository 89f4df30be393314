"""The plugins among the examples are tested without being installed, as if they were."""

import pytest

from tests.installing import install_all


@pytest.fixture(autouse=True)
def installed(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put them where pip would."""
    install_all(tmp_path_factory.mktemp("examples") / "site", monkeypatch)
