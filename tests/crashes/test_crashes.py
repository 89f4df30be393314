"""Crashes of commands at some of their calls to the system; `make soak` takes all of them."""

import shutil
import subprocess

import pytest

from tests.crashes.scenarios import scenarios
from tests.crashes.server import What, compiler

pytestmark = pytest.mark.skipif(not compiler(), reason="no C compiler, or not Linux")
ROOM = 300
"""KiB of a disk that is full before a training is done."""


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


def test_two_comparisons_at_once_on_one_cache_do_each_stage_once_and_find_the_same(server, made, folder):
    world = made["train"].world(folder / "worlds" / "world")
    given = made["train"].words[3:]
    words = [["compare", "--methods", "direct,tsl", *given, "--out", f"runs/{number}"] for number in range(2)]
    ended = server.run_at_once(words, world)
    assert [one.code for one in ended] == [0, 0], ended
    for title in ("teacher recognizer on en", "student on xx (tags, uniform)"):
        assert sum(one.told.count(f"{title}: 2 steps are few") for one in ended) == 1  # who trains says so
    for method in ("direct", "tsl"):
        for name in ("predictions.conll", "metrics.json", "counts.parquet"):
            one, other = ((world / f"runs/{number}/{method}-en-xx-s0" / name).read_bytes() for number in range(2))
            assert one == other
    trained = made["train"].expected["runs/tsl-en-xx-s0"]
    assert (world / "runs/0/tsl-en-xx-s0/predictions.conll").read_bytes() == trained["predictions.conll"]
    shutil.rmtree(world)


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
