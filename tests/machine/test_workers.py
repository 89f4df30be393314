import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from xner.machine import workers
from xner.machine.jobs import Job, Outcome, run
from xner.machine.progress import Progress
from xner.machine.workers import LocalPool


def echo(name, *needs):
    """A job that returns its name."""
    return Job(name, name, str, (name,), needs)


def outcomes(jobs, pool):
    return {job.id: outcome for job, outcome in run(jobs, pool, Progress(quiet=True))}


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
    [(os._exit, 3, "ended with exit code 3"), (signal.raise_signal, signal.SIGKILL, "killed by signal 9")],
)
def test_a_process_that_dies_fails_its_task_alone(pools, function, number, how):
    ends = outcomes([Job("a", "a", function, (number,)), echo("b", "a"), echo("c")], pools())
    assert ends["a"].problem == ends["b"].problem == f"worker {how}; if memory is short, lower --jobs"
    assert ends["c"].value == "c"


def test_close_ends_what_is_running(pools):
    pool = pools({}, {})
    pid = outcomes([Job("a", "a", os.getpid)], pool)["a"].value
    future = pool.submit(Job("x", "x", time.sleep, (600,)))
    time.sleep(0.1)
    pool.close()
    assert future.done() and not psutil.pid_exists(pid)


def save_at_sigterm(file):
    """Ends at SIGTERM, but not before it has saved something."""
    came = []
    signal.signal(signal.SIGTERM, lambda number, frame: came.append(number))
    Path(f"{file}.begun").touch()
    while not came:
        time.sleep(0.01)
    Path(file).touch()
    os._exit(0)


def test_who_has_something_to_save_is_waited_for(pools, tmp_path):
    pool = pools({})
    pool.submit(Job("x", "x", save_at_sigterm, (tmp_path / "saved",)))
    while not (tmp_path / "saved.begun").exists():
        time.sleep(0.01)
    pool.close()
    assert (tmp_path / "saved").exists()


def test_who_does_not_end_is_killed(pools, monkeypatch):
    monkeypatch.setattr(workers, "_SECONDS", 0.1)
    pool = pools({})
    pid = outcomes([Job("a", "a", os.getpid)], pool)["a"].value
    outcomes([Job("b", "b", signal.signal, (signal.SIGTERM, signal.SIG_IGN))], pool)
    pool.submit(Job("x", "x", time.sleep, (600,)))
    pool.close()
    assert not psutil.pid_exists(pid)


SCRIPT = """
import os, signal, sys, time
from xner.machine.jobs import Job, run
from xner.machine.progress import Progress
from xner.machine.workers import LocalPool
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
