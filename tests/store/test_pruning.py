import os
import threading
import time
from pathlib import Path

import pytest

from tests.cached import KEYS, add_stage, run_in
from xner.errors import DataError, UsageError
from xner.store import pruning
from xner.store.cache import Cache
from xner.store.leases import in_use
from xner.store.places import cache_lock, stage_lock
from xner.store.pruning import Which, age_of, limit, prune, prune_to_limit, size_of, told_size
from xner.store.shared import lost
from xner.testing.progresses import Heard


@pytest.fixture
def root(tmp_path):
    """A cache of four stages, the first of them unused for the longest time."""
    cache = tmp_path / "cache"
    for number, shares in enumerate([[b"a" * 500], [b"a" * 500, b"b" * 300], [b"c" * 200]]):
        add_stage(cache, number, 1000, shares)
    add_stage(cache, 3, 1000, age=time.time())
    return cache


def left(root):
    found = Cache.read(root)
    assert not any(lost(entry.folder) for entry in found.entries)
    return sorted(KEYS.index(entry.key) for entry in found.entries), sorted(found.shared.values())


def test_those_that_were_not_used_for_long(root):
    done = prune(root, Which(older=3600))
    assert [entry.key for entry in done.gone] == KEYS[:3] and len(done.shared) == 3
    assert left(root) == ([3], [])
    assert done.left == Cache.read(root).size


def test_as_few_as_are_needed_the_longest_unused_first(root):
    before = Cache.read(root).size
    done = prune(root, Which(keep=before - 1))
    assert left(root) == ([1, 2, 3], [200, 300, 500])  # another stage still has a link to it
    assert done.freed == before - Cache.read(root).size > 1000 and done.shared == ()
    prune(root, Which(keep=before - 1))
    assert left(root)[0] == [1, 2, 3]
    prune(root, Which(keep=0))
    assert left(root) == ([], [])


def test_those_of_no_run(root, tmp_path):
    run_in(tmp_path / "runs" / "x", 0, 2)
    prune(root, Which(unused=True, runs=(tmp_path / "runs",)))
    assert left(root) == ([0, 2], [200, 500])


def test_all_conditions_must_hold(root, tmp_path):
    run_in(tmp_path / "runs" / "x", 0)
    which = Which(unused=True, older=3600, runs=(tmp_path / "runs",))
    prune(root, Which(keep=Cache.read(root).size - 1, unused=True, older=3600, runs=(tmp_path / "runs",)))
    assert left(root)[0] == [0, 2, 3]
    prune(root, which)
    assert left(root)[0] == [0, 3]


def test_a_dry_one_removes_nothing(root):
    before = sorted(root.rglob("*"))
    (root / f"{KEYS[9]}.removed").mkdir()
    done = prune(root, Which(keep=0), dry=True)
    assert len(done.gone) == 4 and done.left == 0 and len(done.shared) == 3
    assert sorted(root.rglob("*")) == sorted([*before, root / f"{KEYS[9]}.removed"])


def test_stages_of_a_run_in_progress_stay_with_what_they_share(root):
    with in_use(root, [KEYS[1]]), stage_lock(root, KEYS[2]):
        done = prune(root, Which(keep=0))
    assert left(root) == ([1, 2], [200, 300, 500]) and len(done.gone) == 2
    assert done.left == Cache.read(root).size


def test_a_stage_that_someone_begins_to_compute_meanwhile_stays(root, monkeypatch):
    real = Which.of

    def late(self, cache):
        found = real(self, cache)
        lock.acquire()
        return found

    lock = stage_lock(root, KEYS[0])
    monkeypatch.setattr(Which, "of", late)
    done = prune(root, Which(keep=0))
    lock.release()
    assert left(root) == ([0], [500]) and len(done.gone) == 3


def test_unfinished_stages_are_removed_too_but_not_what_they_have_links_to_before(root):
    (root / KEYS[1]).rename(root / f"{KEYS[1]}.partial")
    os.utime(root / f"{KEYS[1]}.partial", (5000, 5000))
    with in_use(root, [KEYS[1]]):
        prune(root, Which(keep=0))
        assert (root / f"{KEYS[1]}.partial").is_dir() and left(root)[1] == [300, 500]
    prune(root, Which(keep=0))
    assert left(root) == ([], [])


def test_a_kill_leaves_a_stage_whole_or_gone(root, monkeypatch):
    real = pruning.shutil.rmtree

    def killed(folder, **words):
        if Path(folder).exists():
            raise KeyboardInterrupt
        real(folder, **words)

    with monkeypatch.context() as patch:
        patch.setattr(pruning.shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            prune(root, Which(keep=0))
    assert left(root)[0] == [1, 2, 3] and (root / f"{KEYS[0]}.removed").is_dir()
    prune(root, Which(keep=10**9))
    assert left(root)[0] == [1, 2, 3] and not (root / f"{KEYS[0]}.removed").exists()


def test_what_no_stage_has_a_link_to_is_swept_away_each_time(root):
    (root / "shared" / f"{'0' * 64}.safetensors").write_bytes(b"x" * 100)
    (root / "shared" / f".{'0' * 64}.safetensors.part").write_bytes(b"x")
    assert prune(root, Which(keep=10**9)).freed == 100
    assert len(list((root / "shared").iterdir())) == 3


def test_whatever_else_is_in_the_folder_stays(root):
    names = ["mine/a", "shared/mine.safetensors", f"shared/{'0' * 63}.json", "x.removed/a", "in-use/mine.json", ".part"]
    others = [root / name for name in (*names, f"{KEYS[8]}0/a", "shared/.mine.part", f"{KEYS[7]}.lock")]
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.write_text("mine")
    prune(root, Which(keep=0))
    assert left(root) == ([], []) and all(path.read_text() == "mine" for path in others)


def test_nothing_is_removed_while_a_run_begins(root):
    with cache_lock(root):
        thread = threading.Thread(target=prune, args=(root, Which(keep=0)))
        thread.start()
        thread.join(0.3)
        assert len(left(root)[0]) == 4
    thread.join(10)
    assert left(root)[0] == []


def test_an_empty_cache(tmp_path):
    done = prune(tmp_path / "no", Which(keep=0))
    assert (done.gone, done.left) == ((), 0) and not (tmp_path / "no").exists()
    assert str(done) == "removed 0 stages and 0 shared files of the cache, 0 B"


def test_a_cache_that_cannot_be_written(root, monkeypatch):
    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(DataError, match=r"cache: cannot be made smaller: Permission denied$"):
        prune(root, Which(keep=0))


def test_the_limit_is_kept_after_a_run(root, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(root))
    ear = Heard()
    prune_to_limit(ear)
    assert limit() is None and ear.lines == [] and len(left(root)[0]) == 4
    monkeypatch.setenv("XNER_CACHE_LIMIT", "1MB")
    prune_to_limit(ear)
    assert ear.lines == [] and len(left(root)[0]) == 4
    monkeypatch.setenv("XNER_CACHE_LIMIT", "2KB")
    with in_use(root, [KEYS[1], KEYS[2], KEYS[3]]):
        prune_to_limit(ear)
    assert left(root)[0] == [1, 2, 3]
    assert ear.lines == [
        "removed 1 stage and 0 shared files of the cache, 1 KB, since XNER_CACHE_LIMIT is 2 KB",
        "the cache still has 5 KB, which runs in progress need",
    ]


def test_a_run_that_is_done_does_not_fail_for_its_cache(root, monkeypatch):
    def refuse(*words):
        raise DataError("no")

    monkeypatch.setenv("XNER_CACHE_LIMIT", "1")
    monkeypatch.setattr(pruning, "prune", refuse)
    prune_to_limit(ear := Heard())
    assert ear.lines == ["no"]


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("20GB", 20 * 10**9), ("1.5 tb", 15 * 10**11), ("500MB", 5 * 10**8), ("7kb", 7000), ("8B", 8)],
)
def test_sizes(text, size):
    assert size_of(text, "--keep") == size


@pytest.mark.parametrize("text", ["", "GB", "-1GB", "1,5GB", "20 bananas", "1G", "1e9", "٣GB"])
def test_what_is_no_size(text, monkeypatch):
    with pytest.raises(UsageError) as error:
        size_of(text, "--keep")
    assert str(error.value) == f"--keep {text}: expected a size such as 20GB or 500MB"


@pytest.mark.parametrize(("text", "seconds"), [("30d", 2_592_000), ("12h", 43_200), ("2w", 1_209_600), ("0d", 0)])
def test_ages(text, seconds):
    assert age_of(text, "--older") == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1.5d", "30 days", "1y"])
def test_what_is_no_age(text):
    with pytest.raises(UsageError) as error:
        age_of(text, "--older")
    assert str(error.value) == f"--older {text}: expected a time such as 30d, 12h or 2w"


def test_sizes_for_people():
    told = [told_size(size) for size in (0, 999, 1000, 86_024_427, 1_436_134_816, 2 * 10**12)]
    assert told == ["0 B", "999 B", "1 KB", "86 MB", "1.4 GB", "2.0 TB"]
