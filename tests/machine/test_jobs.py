import operator
import os
import pickle
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Future

import psutil
import pytest

from xner.machine.jobs import Job, LocalPool, Outcome, call, run
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins

SILENT = Progress(quiet=True)
NOWHERE = "there is no 'x' among the methods: none is installed."
DIVISION = re.compile(r"ZeroDivisionError: division by zero \(\S+jobs.py:\d+; XNER_DEBUG=1 shows more\)")


class Here:
    """A pool without processes; what it was asked for is in `done`."""

    def __init__(self, size=1):
        self.size, self.done = size, []

    def submit(self, payload):
        future = Future()
        future.set_result(call(payload))
        self.done.append(pickle.loads(payload)[1][0])
        return future


def echo(name, *needs):
    """A task that returns its name."""
    return Job(name, name, str, (name,), needs)


def fail(name, *needs):
    return Job(name, name, operator.truediv, (1, 0), needs)


def outcomes(tasks, pool, progress=SILENT):
    return {task.id: outcome for task, outcome in run(tasks, pool, progress)}


@pytest.fixture
def pools():
    """Makes pools of processes, and ends them after the test."""
    made = []

    def make(*environments):
        made.append(LocalPool(environments or [{}]))
        return made[-1]

    yield make
    for pool in made:
        pool.close()


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
        def submit(self, payload):
            running.append(Future())
            threading.Timer(0.05, running[-1].set_result, [Outcome()]).start()
            assert sum(not future.done() for future in running) <= 2
            return running[-1]

    assert len(outcomes([echo(str(number)) for number in range(5)], Slow(pool.size))) == 5
    assert sum(future.done() for future in running) == 5


def test_a_failure_takes_along_only_what_needs_it():
    pool = Here()
    ends = outcomes([fail("a"), echo("b", "a"), echo("c", "b", "d"), echo("d"), echo("e", "d")], pool)
    assert {name for name, end in ends.items() if end.problem} == {*"abc"}
    assert all(DIVISION.fullmatch(ends[name].problem) for name in "abc")
    assert "b" not in pool.done and "c" not in pool.done


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
        def submit(self, payload):
            future = Future()
            future.set_exception(RuntimeError("the node\nis gone"))
            return future

    assert outcomes([echo("a")], Broken())["a"].problem == "RuntimeError: the node is gone"


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


# processes


def test_tasks_run_in_processes_that_are_used_again(pools):
    pool = pools({}, {})
    tasks = [Job(str(n), str(n), os.getpid, (), (str(n - 1),) if n else ()) for n in range(3)]
    found = {end.value for end in outcomes(tasks, pool).values()}
    assert len(found) == 1 and os.getpid() not in found


def test_each_process_has_its_environment_and_this_ones(pools, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", "somewhere")
    pool = pools({"SHARE": "1"}, {"SHARE": "2"})
    asked = "('SHARE', 'XNER_CACHE', 'DATASETS_VERBOSITY')"
    code = f"(__import__('time').sleep(0.3), *map(__import__('os').getenv, {asked}))"
    ends = outcomes([Job(name, name, eval, (code,)) for name in "ab"], pool)
    assert sorted(end.value[1:] for end in ends.values()) == [(share, "somewhere", "error") for share in "12"]


def test_in_debug_mode_the_libraries_speak(pools, monkeypatch):
    monkeypatch.setenv("XNER_DEBUG", "1")
    monkeypatch.delenv("DATASETS_VERBOSITY", raising=False)  # the tests' own process is quiet
    assert outcomes([Job("a", "a", os.getenv, ("DATASETS_VERBOSITY",))], pools())["a"].value is None


def test_a_process_finds_the_same_modules_folder_and_command_line(pools, monkeypatch, tmp_path):
    (tmp_path / "own.py").write_text("def twice(x): return 2 * x")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    monkeypatch.setattr(sys, "argv", ["xner", "compare"])
    code = "(__import__('own').twice(2), __import__('os').getcwd(), __import__('sys').argv)"
    assert outcomes([Job("a", "a", eval, (code,))], pools())["a"].value == (4, str(tmp_path), ["xner", "compare"])


def test_a_process_knows_its_share_before_it_imports_anything_heavy(pools):
    code = "[name for name in ('torch', 'transformers', 'datasets', 'ray') if name in __import__('sys').modules]"
    assert outcomes([Job("a", "a", eval, (code,))], pools())["a"].value == []


def test_what_a_task_prints_is_on_stderr_and_what_it_reads_is_nothing(pools, capfd):
    ends = outcomes([Job("a", "a", eval, ("print('hello', flush=True)",)), Job("b", "b", input)], pools())
    assert ends["a"] == Outcome(seconds=ends["a"].seconds)
    assert ends["b"].problem.startswith("EOFError")
    assert capfd.readouterr() == ("", "hello\n")


@pytest.mark.parametrize(
    ("function", "number", "how"),
    [(os._exit, 3, "ended with exit code 3"), (signal.raise_signal, signal.SIGKILL, "was ended by signal 9")],
)
def test_a_process_that_dies_fails_its_task_alone(pools, function, number, how):
    ends = outcomes([Job("a", "a", function, (number,)), echo("b", "a"), echo("c")], pools())
    assert ends["a"].problem == ends["b"].problem == f"its process {how}; if memory is short, take fewer --jobs"
    assert ends["c"].value == "c"


def test_close_ends_what_is_running(pools):
    pool = pools({}, {})
    pid = outcomes([Job("a", "a", os.getpid)], pool)["a"].value
    future = pool.submit(pickle.dumps((time.sleep, (600,))))
    time.sleep(0.1)
    pool.close()
    assert future.done() and not psutil.pid_exists(pid)


SCRIPT = """
import os, signal, sys, time
from xner.machine.jobs import LocalPool, Job, run
from xner.machine.progress import Progress
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it runs in the background ignore it
pool = LocalPool([{}, {}])
try:
    for _, end in run([Job("a", "a", os.getpid), Job("b", "b", os.getpid)], pool, Progress(quiet=True)):
        print(end.value, flush=True)
    print("sleeping", flush=True)
    list(run([Job("a", "a", time.sleep, (600,)), Job("b", "b", time.sleep, (600,))], pool, Progress(quiet=True)))
finally:
    pool.close()
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_outlives_its_parent(number):
    parent = subprocess.Popen([sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    workers = {psutil.Process(int(parent.stdout.readline())) for _ in range(2)}
    assert parent.stdout.readline() == "sleeping\n"
    parent.send_signal(number)
    problems = parent.communicate(timeout=60)[1].splitlines()
    assert problems.count("KeyboardInterrupt") == (number == signal.SIGINT)  # the parent's own, none of a worker
    assert psutil.wait_procs(workers, timeout=60)[1] == []
