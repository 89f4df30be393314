import hashlib
import json
import shutil
import threading

import pytest

from xner.errors import DataError
from xner.store import places, stages
from xner.store.shared import SharedFiles
from xner.store.stages import NOTES, Stage, StageStore, key_of, notes_of


@pytest.fixture
def store(tmp_path):
    return StageStore(tmp_path / "some" / "where")


def stage_of(store, key="abc"):
    return Stage("a stage", key, store.folder(key))


def test_a_stage_is_done_once(store):
    calls = []

    def work(folder):
        calls.append(folder)
        (folder / "result").write_text("42")

    stage = stage_of(store)
    assert not stage.done
    for _ in range(2):
        store.complete(stage, {"why": "test"}, work)
    assert stage.done and len(calls) == 1
    assert (stage.folder / "result").read_text() == "42"
    digest = {"size": 2, "sha256": hashlib.sha256(b"42").hexdigest()}
    record = {"title": "a stage", "why": "test", "digests": {"result": digest}}
    assert json.loads((stage.folder / "stage.json").read_text()) == record
    assert calls[0] != stage.folder and not calls[0].exists()


def test_what_must_stand_beside_scores_is_read_where_it_is_done(store):
    one, other, third = (stage_of(store, key) for key in "abc")
    assert one.notes == ()
    store.complete(one, {}, lambda folder: (folder / NOTES).write_text("é\nb", encoding="utf-8"))
    store.complete(other, {}, lambda folder: (folder / NOTES).write_text("b\nc", encoding="utf-8"))
    store.complete(third, {}, lambda folder: None)
    assert one.notes == ("é", "b") and third.notes == ()
    assert notes_of([one, third, other]) == ("é", "b", "c")


def test_another_key_is_another_stage(store):
    calls = []
    for key in "ab":
        store.complete(stage_of(store, key), {}, calls.append)
    assert len(calls) == 2


def test_after_a_crash_the_folder_comes_back_as_it_was(store):
    stage = stage_of(store)

    def crash(folder):
        (folder / "scratch").mkdir()
        (folder / "scratch" / "1").write_text("half")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.complete(stage, {}, crash)
    assert not stage.done
    seen = []
    store.complete(stage, {}, lambda folder: seen.append((folder / "scratch" / "1").read_text()))
    assert seen == ["half"]
    assert stage.done
    assert not (stage.folder / "scratch").exists()  # only those of unfinished stages are kept


def test_two_at_once_wait_for_each_other(store):
    calls, started, go_on = [], threading.Event(), threading.Event()

    def work(folder):
        calls.append(folder)
        started.set()
        go_on.wait(10)

    def complete():
        store.complete(stage_of(store), {}, work)

    threads = [threading.Thread(target=complete) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert started.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert len(calls) == 1


def test_what_a_stage_builds_on_must_be_there(store):
    first = stage_of(store, "first")
    second = Stage("another", "second", store.folder("second"), (first,))
    with pytest.raises(DataError) as error:
        store.complete(second, {}, lambda folder: None)
    assert str(error.value) == (
        f"{first.folder}: there is no 'a stage' to build on; "
        "on several machines XNER_CACHE must be a folder that all of them share"
    )
    for stage in (first, second):
        store.complete(stage, {}, lambda folder: None)
    assert second.done


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_a_place_that_cannot_be_written(tmp_path, place):
    (tmp_path / "file").write_text("")
    store = StageStore(tmp_path / place)
    with pytest.raises(DataError, match=f"{place}: cannot write here; set XNER_CACHE to a folder that you may write"):
        store.complete(stage_of(store), {}, lambda folder: None)


@pytest.mark.parametrize("error", [PermissionError, OSError])
def test_a_read_only_place(store, monkeypatch, error):
    def refuse(self):
        raise error("read-only file system")

    monkeypatch.setattr(places.FileLock, "acquire", refuse)
    with pytest.raises(DataError, match="cannot write here"):
        store.complete(stage_of(store), {}, lambda folder: None)


def test_a_stage_whose_shared_file_is_lost_is_done_again(store):
    stage, calls = stage_of(store), []

    def work(folder):
        calls.append(folder)
        SharedFiles.around(folder).share(folder, [memoryview(b"weights")], "weights")

    store.complete(stage, {}, work)
    file = (stage.folder / "weights").resolve()
    store.complete(stage, {}, work)
    assert stage.done and len(calls) == 1
    file.unlink()
    assert not stage.done
    store.complete(stage, {}, work)
    assert stage.done and len(calls) == 2 and file.read_bytes() == b"weights"


def test_all_shared_files_may_be_deleted_at_any_time(store):
    def work(folder):
        shutil.rmtree(store.root / "shared", ignore_errors=True)

    store.complete(stage_of(store, "a"), {}, work)
    store.complete(stage_of(store, "b"), {}, lambda folder: None)
    assert (store.root / "shared").is_dir()


def test_what_goes_wrong_inside_a_stage_is_not_blamed_on_the_store(store):
    def work(folder):
        raise PermissionError("somewhere else")

    with pytest.raises(PermissionError, match="somewhere else"):
        store.complete(stage_of(store), {}, work)


def test_keys():
    description = {"stage": "fit", "settings": {"epochs": 3, "rate": 0.1}, "source": "f00"}
    key = key_of(description)
    assert key == key_of(dict(reversed(description.items()))) and len(key) == 20
    others = [
        {**description, "stage": "label"},
        {**description, "settings": {"epochs": 3, "rate": 0.2}},
        {**description, "source": "f01"},
        {**description, "more": 1},
    ]
    assert len({key, *map(key_of, others)}) == 5


@pytest.mark.parametrize("kind", [set, frozenset])
def test_a_sets_order_is_not_in_the_key(kind):
    names = [f"name {number}" for number in range(20)]  # in a set their order changes from process to process
    assert key_of({"names": kind(names)}) == key_of({"names": sorted(names)})


@pytest.mark.parametrize("library", ["torch", "transformers"])
def test_keys_change_with_the_libraries(monkeypatch, library):
    key, real = key_of({}), stages.version
    monkeypatch.setattr(stages, "version", lambda name: "99" if name == library else real(name))
    assert key_of({}) != key
