"""A comparison that is killed at random moments."""

import pytest

from tests.crashes.killing import kill
from tests.crashes.scenarios import scenarios
from tests.crashes.server import compiler

pytestmark = pytest.mark.skipif(not compiler(), reason="no C compiler, or not Linux")
SEED, KILLS = 19, 30


def test_a_comparison_of_four_methods_on_two_targets_is_killed_again_and_again(server, folder):
    grid = scenarios(server, folder / "grid", only=("grid",))["grid"]
    assert len(grid.expected) == 8
    assert kill(server, grid, folder / "grid" / "world", KILLS, SEED).number == KILLS
