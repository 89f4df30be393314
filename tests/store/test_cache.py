from functools import partial

import pytest

from tests.cached import KEYS, add_stage, run_in
from xner.store.cache import Cache
from xner.store.leases import in_use
from xner.store.places import stage_lock


@pytest.fixture
def add(tmp_path):
    """Puts a stage into the cache."""
    return partial(add_stage, tmp_path / "cache")


def test_what_is_in_it(add, tmp_path):
    add(1, 1000, [b"shared" * 100], title="student on de")
    add(0, 2000, [b"shared" * 100, b"more"])
    found = Cache.read(tmp_path / "cache")
    second, first = found.entries  # the longest unused one first
    assert (first.key, first.title, first.last_used, first.done, first.busy) == (
        KEYS[1],
        "student on de",
        1001,
        True,
        False,
    )
    assert 1000 < first.size < 1500 and 2000 < second.size < 2600
    assert sorted(found.shared.values()) == [4, 600]
    assert len(first.shares) == 1 and first.shares < second.shares == found.shared.keys()
    assert found.size == first.size + second.size + 604


def test_nothing_else_in_the_folder_is_a_stage(add, tmp_path):
    add(0)
    root = tmp_path / "cache"
    for name in ("mine", "abc", KEYS[1] + "0", KEYS[2].upper().replace("0", "X"), f"{KEYS[3]}.removed", "x.partial"):
        (root / name).mkdir()
        (root / name / "stage.json").write_text("{}")
    assert [entry.key for entry in Cache.read(root).entries] == [KEYS[0]]
    assert Cache.read(tmp_path / "not there").entries == ()


def test_an_unfinished_stage(add, tmp_path):
    partial = tmp_path / "cache" / f"{KEYS[0]}.partial"
    partial.mkdir(parents=True)
    (partial / "checkpoint").write_bytes(b"xyz")
    (entry,) = Cache.read(tmp_path / "cache").entries
    assert (entry.key, entry.folder, entry.done, entry.size, entry.title) == (KEYS[0], partial, False, 3, "")


@pytest.mark.parametrize("text", ["", "[]", "{", '{"stage": "fit"}'])
def test_a_stage_of_an_older_version(add, tmp_path, text):
    stage = add(0)
    (stage.folder / "stage.json").write_text(text)
    (entry,) = Cache.read(tmp_path / "cache").entries
    assert entry.title == ("fit" if "fit" in text else "")


def test_which_runs_use_a_stage(add, tmp_path):
    add(0), add(1), add(2)
    here, runs = tmp_path / "mine", tmp_path / "runs"
    places = [run_in(runs / "a", 0, 1), run_in(runs / "compare" / "b", 1), run_in(here, 1)]
    run_in(runs / "too" / "deep" / "c", 2)
    for name, text in (("d", "{"), ("e", "[]"), ("f", '{"stages": 3}'), ("g", '{"stages": [{}]}')):
        (runs / name).mkdir()
        (runs / name / "manifest.json").write_text(text)
    users = {entry.key: entry.runs for entry in Cache.read(tmp_path / "cache", [runs, here, tmp_path / "no"]).entries}
    assert users[KEYS[0]] == (str(places[0]),)
    assert set(users[KEYS[1]]) == set(map(str, places)) and users[KEYS[2]] == ()


def test_which_stages_are_in_use(add, tmp_path):
    for number in range(3):
        add(number)
    with in_use(tmp_path / "cache", [KEYS[0]]), stage_lock(tmp_path / "cache", KEYS[1]):
        busy = {entry.key for entry in Cache.read(tmp_path / "cache").entries if entry.busy}
    assert busy == {KEYS[0], KEYS[1]}


def test_what_is_left_without_some(add, tmp_path):
    add(0, 1000, [b"a" * 500]), add(1, 1000, [b"a" * 500, b"b" * 300]), add(2, 1000, [b"c" * 200])
    whole = Cache.read(tmp_path / "cache")
    first, second, _ = whole.entries
    assert whole.without([]) == whole
    assert sorted(whole.without([first]).shared.values()) == [200, 300, 500]
    assert sorted(whole.without([second]).shared.values()) == [200, 500]
    left = whole.without([first, second])
    assert list(left.shared.values()) == [200] and whole.size - left.size == first.size + second.size + 800


def test_as_few_go_as_are_needed(add, tmp_path):
    add(0, 1000, [b"a" * 500]), add(1, 1000, [b"a" * 500]), add(2, 1000)
    whole = Cache.read(tmp_path / "cache")
    for keep in range(0, whole.size + 100, 50):
        gone = whole.over(keep, whole.entries)
        fewest = next((n for n in range(4) if whole.without(whole.entries[:n]).size <= keep), 3)
        assert gone == list(whole.entries[:fewest])
    assert whole.over(0, whole.entries[1:]) == list(whole.entries[1:])
