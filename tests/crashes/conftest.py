import pytest

from tests.crashes.server import Server


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("crashes")


@pytest.fixture(scope="module")
def server(folder):
    server = Server(folder / "server")
    yield server
    server.close()
