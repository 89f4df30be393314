import json
import os
import time
from functools import partial

import pytest

from tests.cached import KEYS, add_stage, run_in
from xner.store.leases import in_use


@pytest.fixture
def root(tmp_path, monkeypatch):
    """A cache of three stages, of which a run here uses the first two."""
    place = tmp_path / "cache"
    monkeypatch.setenv("XNER_CACHE", str(place))
    monkeypatch.chdir(tmp_path)
    add = partial(add_stage, place)
    add(0, 5000, [b"a" * 2000], title="teacher recognizer on en"), add(1, 3000), add(2, 1000, age=time.time())
    run_in(tmp_path / "runs" / "tsl", 0, 1)
    return place


def keys(root):
    return sorted(KEYS.index(path.name) for path in root.iterdir() if path.name in KEYS)


def test_the_stages_are_listed_the_longest_unused_first(root, xner):
    with in_use(root, [KEYS[1]]):
        code, out, err = xner("cache", "list")
    *rows, last = out.splitlines()
    assert (code, err) == (0, "") and rows[0].split() == ["stage", "what", "it", "is", "last", "used", "runs", "size"]
    assert [row.split()[0] for row in rows[1:]] == [KEYS[0], KEYS[2], KEYS[1]]
    used = f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(1000))}"
    assert rows[1].split()[1:] == ["teacher", "recognizer", "on", "en", *used.split(), "runs/tsl", "5", "KB"]
    assert "(in use)" in rows[3] and "(in use)" not in rows[1]
    assert last == f"{root}: 3 stages and 1 shared file, 12 KB"


def test_the_list_as_json(root, xner, tmp_path):
    (root / f"{KEYS[3]}.partial").mkdir()
    run_in(tmp_path / "others" / "compare" / "x", 1)
    document = json.loads(xner("cache", "list", "--json", "--runs", "others", "--runs", "runs/tsl")[1])
    assert document["folder"] == str(root) and document["shared_bytes"] == 2000
    assert document["bytes"] == sum(stage["bytes"] for stage in document["stages"]) + 2000
    stages = {KEYS.index(stage["key"]): stage for stage in document["stages"]}
    assert [stages[number]["runs"] for number in range(4)] == [
        ["runs/tsl"],
        ["others/compare/x", "runs/tsl"],
        [],
        [],
    ]
    assert [stages[number]["done"] for number in range(4)] == [True, True, True, False]
    assert stages[0]["title"] == "teacher recognizer on en" and stages[0]["last_used"].startswith("1970-01-01T")
    assert len(stages[0]["shared_files"]) == 1 and not stages[0]["in_use"]


def test_of_many_runs_two_are_named(root, xner, tmp_path):
    for name in "abc":
        run_in(tmp_path / "runs" / name, 0)
    out = xner("cache", "list")[1]
    assert "runs/a" in out and "runs/b" in out and "runs/c" not in out and "and 2 more" in out


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["--keep", "9KB"], [1, 2]),
        (["--older", "1h"], [2]),
        (["--unused"], [0, 1]),
        (["--unused", "--older", "1h"], [0, 1, 2]),
        (["--unused", "--runs", "runs/tsl/.."], [0, 1]),
        (["--keep", "0"], []),
    ],
)
def test_stages_are_removed(root, xner, words, left):
    dry = json.loads(xner("cache", "prune", *words, "--dry-run", "--json")[1])
    assert keys(root) == [0, 1, 2] and dry.pop("dry_run")
    done = json.loads(xner("cache", "prune", *words, "--json")[1])
    assert keys(root) == left and not done.pop("dry_run") and done == dry
    assert sorted([KEYS.index(stage["key"]) for stage in done["stages"]] + left) == [0, 1, 2]
    files = [file for file in root.rglob("*") if file.is_file() and not file.is_symlink()]
    assert sum(file.stat().st_size for file in files) == done["left"]
    assert len(list((root / "shared").iterdir())) == (0 in left)


def test_what_is_removed_is_shown(root, xner):
    for words, said in ((["--dry-run"], "would have removed"), ([], "removed")):
        code, out, err = xner("cache", "prune", "--older", "1h", *words)
        assert (code, err) == (0, "") and KEYS[0] in out and KEYS[2] not in out
        assert out.splitlines()[-1] == f"{said} 2 stages and 1 shared file of the cache, 11 KB; 1 KB left"
    assert xner("cache", "prune", "--older", "1h")[1] == (
        "removed 0 stages and 0 shared files of the cache, 0 B; 1 KB left\n"
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["prune"], 2, "xner cache prune: say what may go: --keep 20GB, --older 30d or --unused, or several of them"),
        (["prune", "--keep", "much"], 2, "--keep much: expected a size such as 20GB or 500MB"),
        (["prune", "--older", "30"], 2, "--older 30: expected a time such as 30d, 12h or 2w"),
        (
            ["list", "--runs", "no"],
            1,
            "no: no such folder; --runs is a run folder, or one with runs or comparisons in it",
        ),
    ],
)
def test_mistakes(root, xner, words, code, said):
    assert xner("cache", *words) == (code, "", f"xner: {said}\n")


def test_without_runs_nothing_is_unused(root, xner, tmp_path):
    (tmp_path / "runs").rename(tmp_path / "elsewhere")
    code, _, err = xner("cache", "prune", "--unused")
    assert code == 2 and keys(root) == [0, 1, 2]
    assert err == "xner: --unused: there is no folder 'runs' here; say where the runs are with --runs FOLDER\n"
    assert xner("cache", "list")[0] == 0


def test_what_is_damaged_is_told(root, xner):
    assert xner("cache", "verify") == (0, f"{root}: nothing is damaged\n", "")
    assert xner("cache", "verify", "--json") == (0, "[]\n", "")
    (file,) = (root / "shared").iterdir()
    file.write_bytes(b"b" * 2000)
    problem = "its bytes are not those that were written"
    assert xner("cache", "verify") == (1, f"{file}: {problem}\n", "")
    code, out, _ = xner("cache", "verify", "--json")
    assert code == 1 and json.loads(out) == [{"path": str(file), "problem": problem}]


@pytest.mark.parametrize("words", [["list"], ["prune", "--keep", "0"], ["verify"]])
def test_without_a_cache(xner, words, tmp_path):
    assert not os.path.lexists(tmp_path / "cache")
    assert xner("cache", *words)[0] == 0
    assert not os.path.lexists(tmp_path / "cache")
