import operator
import pickle
import re
import sys
import threading
import time
from concurrent.futures import Future

import pytest

from xner.machine.jobs import Job, Outcome, SameProcess, call, run
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins

SILENT = Progress(quiet=True)
NOWHERE = "there is no 'x' among the methods: none is installed."
DIVISION = re.compile(r"ZeroDivisionError: division by zero \(\S+jobs.py:\d+; XNER_DEBUG=1 shows more\)")


class Here:
    """A pool without processes; what it was asked for is in `done`."""

    def __init__(self, size=1):
        self.size, self.done = size, []

    def submit(self, job):
        future = Future()
        future.set_result(call(job.payload()))
        self.done.append(job.arguments[0])
        return future


def echo(name, *needs):
    """A task that returns its name."""
    return Job(name, name, str, (name,), needs)


def fail(name, *needs):
    return Job(name, name, operator.truediv, (1, 0), needs)


def outcomes(tasks, pool, progress=SILENT):
    return {task.id: outcome for task, outcome in run(tasks, pool, progress)}


# what comes when


def test_a_task_comes_after_what_it_needs():
    pool = Here(size=9)
    tasks = [echo("e", "c", "d"), echo("d", "b"), echo("c", "a"), echo("b"), echo("a")]
    assert {name: end.value for name, end in outcomes(tasks, pool).items()} == {name: name for name in "abcde"}
    place = pool.done.index
    assert all(place(need) < place(task.id) for task in tasks for need in task.needs)


def test_the_longest_way_goes_first_and_then_the_order_given():
    pool = Here()
    tasks = [echo("short"), echo("end", "middle"), echo("also short"), echo("middle", "long"), echo("long")]
    outcomes(tasks, pool)
    assert pool.done == ["long", "middle", "short", "also short", "end"]


def test_not_more_at_once_than_there_is_room():
    pool, running = Here(size=2), []

    class Slow(Here):
        def submit(self, job):
            running.append(Future())
            threading.Timer(0.05, running[-1].set_result, [Outcome()]).start()
            assert sum(not future.done() for future in running) <= 2
            return running[-1]

    assert len(outcomes([echo(str(number)) for number in range(5)], Slow(pool.size))) == 5
    assert sum(future.done() for future in running) == 5


def test_what_ends_at_once_is_told_in_the_order_given():
    names = [f"job {number}" for number in range(30)]
    assert list(outcomes([echo(name) for name in names], Here(size=30))) == names


def test_a_failure_takes_along_only_what_needs_it():
    pool = Here()
    ends = outcomes([fail("a"), echo("b", "a"), echo("c", "b", "d"), echo("d"), echo("e", "d")], pool)
    assert {name for name, end in ends.items() if end.problem} == {*"abc"}
    assert all(DIVISION.fullmatch(ends[name].problem) for name in "abc")
    assert "b" not in pool.done and "c" not in pool.done


def test_of_several_at_once_it_is_told_how_many_have_ended_and_what_is_left(capsys):
    class Timed(Here):
        def submit(self, job):
            timed = Future()
            timed.set_result(Outcome(value=super().submit(job).result().value, seconds=60.0))
            return timed

    jobs = [echo("scoring a"), echo("scoring b"), echo("scoring c", "scoring a", "scoring b")]
    outcomes(jobs, Timed(size=2), Progress())
    ended = [line for line in capsys.readouterr().err.splitlines() if "done in" in line]
    assert ended == [
        "scoring a: done in 60 s; 1 of 3, about 60 s left in all",
        "scoring b: done in 60 s; 2 of 3, about 30 s left in all",
        "scoring c: done in 60 s",
    ]


def test_what_begins_and_ends_is_told(capsys):
    tasks = [Job("a", "the first", int, ("one",)), Job("b", "the second", str, ("b",), ("a",)), echo("c")]
    outcomes(tasks, Here(), Progress())
    lines = capsys.readouterr().err.splitlines()
    problem = lines[1].removeprefix("the first: failed: ")
    assert problem.startswith("ValueError: invalid literal for int() with base 10: 'one' (")
    assert lines == [
        "the first ...",
        f"the first: failed: {problem}",
        "c ...",
        "c: done in 0 s",
        f"the second: failed: {problem}",
    ]


def test_a_pool_that_fails_is_a_failed_task():
    class Broken(Here):
        def submit(self, job):
            future = Future()
            future.set_exception(RuntimeError("the node\nis gone"))
            return future

    assert outcomes([echo("a")], Broken())["a"].problem == "RuntimeError: the node is gone"


def test_the_pool_of_one_does_a_call_at_once_in_this_process():
    seen, pool = [], SameProcess()
    for name in ("a", "b"):
        future = pool.submit(Job(name, name, seen.append, (name,)))
        assert future.done() and future.result().problem == "" and seen[-1] == name
    broken = pool.submit(Job("c", "c", operator.truediv, (1, 0))).result()
    assert broken.problem.startswith("ZeroDivisionError: ") and pool.size == 1
    pool.close()


# calls


def test_errors_become_text():
    find = Plugins().find
    wrong = call(pickle.dumps((find, ("methods", "x"))))
    assert wrong.problem.startswith(NOWHERE) and wrong.exit_code == 2
    assert call(pickle.dumps((sys.exit, (0,)))).problem.startswith("SystemExit: 0 (")  # a plugin may do even that
    broken = call(pickle.dumps((operator.truediv, (1, 0))))
    assert DIVISION.fullmatch(broken.problem) and broken.exit_code == 1
    assert call(b"no pickle").problem.startswith("UnpicklingError: ")


def test_a_call_has_a_value_and_takes_its_time():
    end = call(pickle.dumps((time.sleep, (0.02,))))
    assert (end.value, end.problem) == (None, "") and 0.02 <= end.seconds < 10
    assert call(pickle.dumps((max, (1, 3)))).value == 3


@pytest.mark.parametrize("debug", [True, False])
def test_a_traceback_is_shown_in_debug_mode_only(monkeypatch, capsys, debug):
    monkeypatch.setenv("XNER_DEBUG", "1" if debug else "")
    call(pickle.dumps((operator.truediv, (1, 0))))
    assert ("Traceback" in capsys.readouterr().err) is debug
