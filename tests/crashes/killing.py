"""A command that is killed again and again at random moments, and then runs to its end."""

import random
import shutil
import time
from dataclasses import dataclass

from xner.comparing.record import RECORD, Comparison


@dataclass(frozen=True)
class Kills:
    """What was done.

    Args:
        number: of kills.
        rounds: so often the command got to its end, and then began in a new world.
        startup: seconds that the command takes if all is done already.
        whole: seconds that it takes if nothing is.
    """

    number: int
    rounds: int
    startup: float
    whole: float

    def __str__(self):
        return f"{self.number} kills in {self.rounds} rounds; {self.whole:.1f} s without, {self.startup:.1f} s to begin"


def kill(server, scenario, folder, number, seed):
    """Kill a command so often, look at what there is each time, and compare what it makes in the end.

    Args:
        server: runs it.
        scenario: the command; what it makes is known.
        folder: the world's, the one in which that was found.
        number: of kills.
        seed: of the moments.
    """
    draw, killed, rounds = random.Random(seed), 0, 0
    startup, scores = _measure(server, scenario, folder)
    world = scenario.world(folder)
    while killed < number:
        # on average it gets on by so much that it needs about as many starts as there are kills
        seconds = draw.uniform(0, 2 * (startup + scenario.seconds / number))
        ended = server.run(scenario.words, world, seconds=seconds)
        where = f"kill {killed + 1} of {number} after {seconds:.2f} s, seed {seed}: {ended.told[-2000:]}"
        assert ended.code in (-9, 0), where
        killed += ended.code == -9
        scenario.look(world, where)
        if ended.code == 0:
            rounds += 1
            _same(scenario, world, scores, where)
            world = scenario.world(folder)
    ended = server.run(scenario.words, world)
    where = f"{number} kills, seed {seed}: {ended.told[-2000:]}"
    assert ended.code == 0, where
    _same(scenario, world, scores, where)
    shutil.rmtree(world)
    return Kills(killed, rounds + 1, startup, scenario.seconds)


def _measure(server, scenario, folder):
    """Return how long the command takes where all is done, and the scores that it found."""
    shutil.copytree(scenario.after, folder, symlinks=True)
    scores, began = _scores(folder), time.monotonic()
    assert server.run(scenario.words, folder).code == 0
    startup = time.monotonic() - began
    _same(scenario, folder, scores, "no kill")
    return startup, scores


def _same(scenario, world, scores, where):
    scenario.compare(world, where)
    assert _scores(world) == scores, where


def _scores(world):
    """Return the rows of the comparison in a world, without what the clock says."""
    (record,) = world.glob(f"runs/*/{RECORD}")
    clock = {"seconds", "peak_memory_mb"}
    return [row.model_dump_json(exclude=clock) for row in Comparison.read(record.parent).rows]
