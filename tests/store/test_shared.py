import hashlib
import os
import shutil
import threading

import pytest
from filelock import FileLock

from xner.store import files, shared
from xner.store.places import cache_lock
from xner.store.shared import SharedFiles, links, lost

BYTES = b"the same bytes"
NAME = hashlib.sha256(BYTES).hexdigest()


@pytest.fixture
def root(tmp_path):
    (tmp_path / "cache" / "shared").mkdir(parents=True)
    return tmp_path / "cache"


@pytest.fixture
def stage(root):
    """Makes the folder of a stage that is being computed."""

    def make(key="a"):
        folder = root / f"{key}.partial" / "tagger"
        folder.mkdir(parents=True)
        return folder

    return make


def share(folder, content=BYTES, name=None):
    return SharedFiles.around(folder).share(folder, [memoryview(content[:4]), memoryview(content[4:])], name)


def test_only_in_a_stage_that_is_being_computed_something_is_shared(root, stage, tmp_path):
    folder = stage()
    for place in (folder, folder.parent, folder / "not" / "there" / "yet"):
        assert SharedFiles.around(place) == SharedFiles(root)
    folder.parent.rename(root / "a")
    for place in (root / "a" / "tagger", root, tmp_path, tmp_path / "x.partial" / "tagger"):
        assert SharedFiles.around(place) is None


def test_where_there_are_no_links_nothing_is_shared(stage, monkeypatch):
    def refuse(self, target):
        raise OSError("not supported")

    folder = stage()
    monkeypatch.setattr(shared.Path, "symlink_to", refuse)
    assert SharedFiles.around(folder) is None


def test_the_same_bytes_are_there_once(root, stage):
    first, second = (share(stage(key)) for key in "ab")
    assert first.name == f"{NAME}.safetensors" and share(stage("c"), name="tokenizer.json").name == "tokenizer.json"
    assert sorted(file.name for file in (root / "shared").iterdir()) == [f"{NAME}.json", f"{NAME}.safetensors"]
    assert first.read_bytes() == second.read_bytes() == BYTES
    share(second.parent, b"others")
    assert len(list((root / "shared").iterdir())) == 3


def test_a_shared_file_is_not_written_again_unless_it_is_too_short(root, stage, monkeypatch):
    file = share(stage("a")).resolve()
    written = []
    monkeypatch.setattr(shared, "write_durably", lambda file, pieces: written.append(file))
    share(stage("b"))
    assert written == []
    file.write_bytes(BYTES[:-1])
    share(stage("c"))
    assert written == [file]


def test_links_survive_that_the_stage_is_done_and_that_the_cache_is_moved(root, stage, tmp_path):
    share(stage())
    (root / "a.partial").rename(root / "a")
    root.rename(tmp_path / "moved")
    (link,) = links(tmp_path / "moved" / "a")
    assert link.read_bytes() == BYTES and lost(tmp_path / "moved" / "a") == []
    shutil.rmtree(tmp_path / "moved" / "shared")
    assert lost(tmp_path / "moved" / "a") == [link]


def test_a_link_replaces_a_file_and_never_writes_through_another(root, stage):
    folder = stage()
    other = share(folder, b"others", "tokenizer.json").resolve()
    share(folder, BYTES, "tokenizer.json")
    assert (folder / "tokenizer.json").read_bytes() == BYTES and other.read_bytes() == b"others"


def test_the_shared_file_is_on_the_disk_before_it_has_its_name_and_the_link_comes_last(root, stage, monkeypatch):
    done = []
    for name in ("fsync", "symlink", "replace", "rename"):
        real = getattr(os, name)
        monkeypatch.setattr(os, name, lambda *words, name=name, real=real: (done.append(name), real(*words))[1])
    folder = stage()
    shares = SharedFiles.around(folder)
    done.clear()
    shares.share(folder, [memoryview(BYTES)])
    assert done == ["fsync", "replace", "fsync", "symlink", "replace"]  # bytes, name, folder, link, its name


@pytest.mark.parametrize("killed_in", ["fsync", "replace"])
def test_a_kill_leaves_no_file_under_that_name(root, stage, monkeypatch, killed_in):
    def kill(*words):
        raise KeyboardInterrupt

    folder = stage()
    with monkeypatch.context() as patch:
        patch.setattr(files.os, killed_in, kill)
        with pytest.raises(KeyboardInterrupt):
            share(folder)
    assert not [file for file in (root / "shared").iterdir() if not file.name.startswith(".")]
    assert share(folder).read_bytes() == BYTES


def test_nobody_removes_shared_files_between_the_file_and_its_link(root, stage):
    folder, made = stage(), []
    with cache_lock(root):
        thread = threading.Thread(target=lambda: made.append(share(folder)))
        thread.start()
        thread.join(0.3)
        assert made == [] and not list((root / "shared").iterdir())
    thread.join(10)
    assert made[0].read_bytes() == BYTES
    assert isinstance(cache_lock(root), FileLock)
