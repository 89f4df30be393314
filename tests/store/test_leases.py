import json
import os
import subprocess
import sys
import threading

import pytest

from xner.store import leases
from xner.store.leases import held, in_use, needed, touch
from xner.store.places import RECORD, cache_lock, stage_lock

FOREVER = """
import sys, time
from pathlib import Path
from xner.store.leases import in_use
with in_use(Path(sys.argv[1]), ["c"]):
    print("here", flush=True)
    time.sleep(60)
"""


def stage(root, key, age=1000):
    (root / key).mkdir(parents=True)
    (root / key / RECORD).write_text("{}")
    os.utime(root / key / RECORD, (age, age))
    return root / key / RECORD


def test_what_runs_in_progress_need(tmp_path):
    assert needed(tmp_path) == set()
    with in_use(tmp_path, ["a", "b"]):
        assert needed(tmp_path) == {"a", "b"}
        with in_use(tmp_path, ["b", "c"]):
            assert needed(tmp_path) == {"a", "b", "c"}
        assert needed(tmp_path) == {"a", "b"}
    assert needed(tmp_path) == set() and not list((tmp_path / "in-use").iterdir())


def test_a_run_that_fails_needs_nothing_any_more(tmp_path):
    with pytest.raises(ZeroDivisionError), in_use(tmp_path, ["a"]):
        raise ZeroDivisionError
    assert needed(tmp_path) == set()


def test_a_run_that_was_killed_needs_nothing_any_more(tmp_path):
    with subprocess.Popen([sys.executable, "-c", FOREVER, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"here\n"
        assert needed(tmp_path) == {"c"}
        process.kill()
    assert len(list((tmp_path / "in-use").glob("*.json"))) == 1  # it had no time to tidy up
    assert needed(tmp_path) == set()
    assert not list((tmp_path / "in-use").iterdir())


def test_it_is_noted_when_a_stage_was_used(tmp_path):
    first, second = stage(tmp_path, "a"), stage(tmp_path, "b")
    with in_use(tmp_path, ["a", "not there"]):
        assert first.stat().st_mtime > 1000
        os.utime(first, (1000, 1000))
    assert first.stat().st_mtime > 1000 and second.stat().st_mtime == 1000


def test_whoever_removes_stages_is_waited_for(tmp_path):
    begun = []

    def run():
        with in_use(tmp_path, ["a"]):
            begun.append(needed(tmp_path))

    with cache_lock(tmp_path):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(0.3)
        assert begun == [] and needed(tmp_path) == set()
    thread.join(10)
    assert begun == [{"a"}]


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_where_nobody_can_write_nothing_is_noted(tmp_path, place):
    (tmp_path / "file").write_text("")
    with in_use(tmp_path / place, ["a"]):
        assert needed(tmp_path / place) == set()


def test_a_note_that_is_damaged_is_none(tmp_path):
    with in_use(tmp_path, ["a"]):
        (note,) = (tmp_path / "in-use").glob("*.json")
        note.write_text("[")
        assert needed(tmp_path) == set()
        note.write_text(json.dumps(["a"]))
        assert needed(tmp_path) == {"a"}


def test_a_lock_that_nobody_holds_is_not_made(tmp_path):
    lock = stage_lock(tmp_path, "a")
    assert not held(lock) and not list(tmp_path.iterdir())
    with lock:
        assert held(stage_lock(tmp_path, "a"))
    assert not held(stage_lock(tmp_path, "a"))
    touch(tmp_path / "a")


def test_a_lock_that_cannot_be_opened_is_not_held(tmp_path, monkeypatch):
    def refuse(self, timeout):
        raise PermissionError("not yours")

    (tmp_path / "a.lock").touch()
    monkeypatch.setattr(leases.FileLock, "acquire", refuse)
    assert not held(stage_lock(tmp_path, "a"))
