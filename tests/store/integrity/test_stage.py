import json
import os
from pathlib import Path

import pytest

from tests.cached import KEYS, add_stage
from xner.errors import DataError
from xner.store.integrity import stage as integrity
from xner.store.integrity.digests import digests_of
from xner.store.integrity.stage import flaws, seal, sealed
from xner.store.shared import links
from xner.store.stages import StageStore


@pytest.fixture
def root(tmp_path):
    return tmp_path / "cache"


def told_by(root):
    lines = []
    return StageStore(root, lines.append), lines


def test_a_stage_is_on_the_disk_before_its_record_and_the_record_before_its_name(root, monkeypatch):
    done = []

    def noted(name):
        real = getattr(os, name)

        def call(first, *words, **named):
            path = Path(f"/proc/self/fd/{first}").readlink() if isinstance(first, int) else Path(first)
            done.append((name, path.name))
            return real(first, *words, **named)

        monkeypatch.setattr(os, name, call)

    for name in ("fsync", "replace", "rename"):
        noted(name)
    add_stage(root, 0)
    partial = f"{KEYS[0]}.partial"
    assert done[-8:] == [
        ("fsync", partial),
        ("fsync", "own"),
        ("fsync", "inner"),
        ("fsync", ".stage.json.part"),
        ("replace", ".stage.json.part"),
        ("fsync", partial),
        ("rename", partial),
        ("fsync", "cache"),
    ]


def test_the_record_has_the_digests_of_all_but_what_is_left_out(tmp_path):
    (tmp_path / "scratch").mkdir()
    for place in ("own", "scratch/checkpoint"):
        (tmp_path / place).write_text("x")
    seal(tmp_path, {"title": "a stage", "why": {"a": "test"}}, "scratch")
    record = json.loads((tmp_path / "stage.json").read_text())
    (tmp_path / "stage.json").unlink()
    digests = {"own": digests_of(tmp_path)["own"]}
    assert record == {"title": "a stage", "why": {"a": "test"}, "digests": digests}


def test_sealed_is_what_is_done_and_whole(tmp_path):
    assert not sealed(tmp_path)
    (tmp_path / "own").write_text("x")
    seal(tmp_path, {}, "scratch")
    assert sealed(tmp_path)
    (tmp_path / "own").write_text("y")
    assert not sealed(tmp_path)
    (tmp_path / "stage.json").write_text("{}")
    assert not sealed(tmp_path)


@pytest.mark.parametrize("name", ["own", "stage.json"])
def test_a_damaged_stage_is_set_aside_told_and_computed_anew(root, name):
    stage, (store, lines) = add_stage(root, 0), told_by(root)
    assert store.ready(stage) and lines == []
    file = next(stage.folder.rglob(name))
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    problem = "it has 9 bytes; 10 were written" if name == "own" else "it cannot be read"
    assert not stage.done and not store.ready(stage)
    aside = root / f"{KEYS[0]}.damaged"
    assert lines == [f"a stage: damaged ({file}: {problem}), set aside as {aside}; computed anew"]
    assert aside.is_dir() and not stage.folder.exists()
    add_stage(root, 0)
    assert store.ready(stage) and file.read_bytes() == whole and len(lines) == 1


def test_flipped_bits_are_seen_unless_only_sizes_are_compared(root, monkeypatch):
    stage, (store, lines) = add_stage(root, 0), told_by(root)
    (stage.folder / "inner" / "own").write_bytes(b"x" * 9 + b"y")
    monkeypatch.setenv("XNER_CACHE_CHECK", "size")
    assert store.ready(stage)
    monkeypatch.setenv("XNER_CACHE_CHECK", "content")
    assert not store.ready(stage) and "its bytes are not those that were written" in lines[0]


@pytest.mark.parametrize("content", [b"weight!", b"weight"])
def test_a_damaged_shared_file_is_set_aside_alone_and_all_its_stages_are_whole_once_one_wrote_it_again(root, content):
    first, second = (add_stage(root, number, shares=[b"weights"]) for number in (0, 1))
    store, lines = told_by(root)
    (link,) = links(first.folder)
    file = link.resolve()
    file.write_bytes(content)
    assert not store.ready(first) and first.folder.is_dir()
    assert f"set aside as {file}.damaged; computed anew" in lines[0]
    assert not store.ready(second) and f"the shared file {file.name} is not there); computed anew" in lines[1]
    add_stage(root, 0, shares=[b"weights"])
    assert file.read_bytes() == b"weights" and store.ready(first) and store.ready(second) and len(lines) == 2


def test_what_it_builds_on_is_looked_at_too(root):
    needed, (store, lines) = add_stage(root, 0), told_by(root)
    (needed.folder / "inner" / "own").write_bytes(b"x" * 9 + b"y")
    other = type(needed)("another", KEYS[1], store.folder(KEYS[1]), (needed,))
    with pytest.raises(DataError, match="there is no 'a stage' to build on"):
        store.complete(other, {}, lambda folder: None)
    assert len(lines) == 1


def test_a_stage_that_was_killed_before_it_had_its_name_is_not_computed_again(root, monkeypatch):
    class KilledError(Exception):
        pass

    def kill(*words):
        raise KilledError

    with monkeypatch.context() as patch:
        patch.setattr("xner.store.stages.put_in_place", kill)
        with pytest.raises(KilledError):
            add_stage(root, 0)
    stage = type(add_stage(root, 1))("a stage", KEYS[0], root / KEYS[0])
    assert not stage.done
    StageStore(root).complete(stage, {}, lambda folder: pytest.fail("it was computed again"))
    assert stage.done and (stage.folder / "inner" / "own").read_bytes() == b"x" * 10


def test_what_cannot_be_set_aside_is_an_error(root, monkeypatch):
    def refuse(*words):
        raise OSError(30, "Read-only file system")

    stage, (store, _) = add_stage(root, 0), told_by(root)
    file = stage.folder / "inner" / "own"
    file.write_bytes(b"")
    monkeypatch.setattr(integrity, "_renamed", refuse)
    with pytest.raises(DataError) as error:
        store.ready(stage)
    assert str(error.value) == (
        f"{file}: it has 0 bytes; 10 were written; it cannot be set aside: Read-only file system"
    )


def test_a_stage_of_before_digests_were_taken_is_used(root):
    stage, (store, lines) = add_stage(root, 0), told_by(root)
    (stage.folder / "stage.json").write_text(json.dumps({"title": "a stage"}))
    assert store.ready(stage) and stage.done and lines == [] and list(flaws(stage.folder, content=True)) == []
