"""Crashes of commands at some of their calls to the system; `make soak` takes all of them."""

import subprocess

import pytest

from tests.crashes.scenarios import scenarios
from tests.crashes.server import Server, What, compiler

pytestmark = pytest.mark.skipif(not compiler(), reason="no C compiler, or not Linux")
ROOM = 300
"""KiB of a disk that is full before a training is done."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("crashes")


@pytest.fixture(scope="module")
def server(folder):
    server = Server(folder / "server")
    yield server
    server.close()


@pytest.fixture(scope="module")
def made(server, folder):
    return scenarios(server, folder / "worlds", only=("train", "prune"))


@pytest.mark.parametrize(
    ("name", "share", "what"),
    [
        ("train", 0.5, What.KILL),
        ("train", 0.8, What.TEAR),
        ("train", 0.4, What.FULL_FROM),
        ("prune", 0.3, What.KILL),
        ("prune", 0.7, What.BROKEN),
    ],
)
def test_after_a_crash_nothing_is_half_done_and_the_same_command_ends_with_the_same(
    server, made, folder, name, share, what
):
    scenario = made[name]
    ended = scenario.crash(server, folder / "worlds" / "world", 1 + int(share * scenario.calls), what)
    if what is What.KILL:
        assert ended.code == -9
    if what is What.FULL_FROM:
        assert ended.code == 1 and "the disk is full; make room, and the same command goes on from here" in ended.told


def test_a_disk_that_is_really_full(server, made, folder):
    scenario, world = made["train"], folder / "worlds" / "world"
    world.mkdir()
    size = sum(file.stat().st_size for file in scenario.before.rglob("*") if file.is_file()) // 1024 + ROOM
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", world], capture_output=True)
    if mounted.returncode:
        world.rmdir()
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["cp", "-r", f"{scenario.before}/.", world], check=True)
        ended = server.run(scenario.words, world)
        assert ended.code == 1 and "Traceback" not in ended.told
        last = ended.told.splitlines()[-1]
        assert last.startswith("xner: ") and "the disk is full; make room, and the same command goes on" in last
        subprocess.run(["mount", "-o", "remount,size=64m", world], check=True)
        assert server.run(scenario.words, world).code == 0
        assert scenario.made(world) == scenario.expected
    finally:
        subprocess.run(["umount", world], check=True)
        world.rmdir()
