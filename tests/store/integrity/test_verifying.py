import json

import pytest

from tests.cached import KEYS, add_stage
from xner.store.integrity.verifying import cache_damages
from xner.store.pruning import Which, prune


@pytest.fixture
def root(tmp_path):
    cache = tmp_path / "cache"
    for number, shares in enumerate([[b"a" * 500], [b"a" * 500, b"b" * 300], [b"c" * 200], []]):
        add_stage(cache, number, 1000, shares)
    return cache


def links(folder):
    return [path for path in folder.rglob("*") if path.is_symlink()]


def test_what_is_damaged(root):
    assert list(cache_damages(root)) == []
    first, second, third, fourth = (root / key for key in KEYS[:4])
    shared = links(first)[0].resolve()
    shared.write_bytes(b"a" * 499 + b"b")
    (lost_link,) = links(third)
    lost_link.resolve().unlink()
    (second / "stage.json").unlink()
    (fourth / "inner" / "own").write_bytes(b"x" * 999 + b"y")
    assert sorted(cache_damages(root)) == sorted(
        [  # what is shared once, although two stages have it
            (shared, "its bytes are not those that were written"),
            (second, "there is no stage.json in it"),
            (lost_link, f"the shared file {lost_link.readlink().name} is not there"),
            (fourth / "inner" / "own", "its bytes are not those that were written"),
        ]
    )


def test_a_record_that_is_damaged(root):
    record = root / KEYS[0] / "stage.json"
    record.write_bytes(record.read_bytes()[:-20])
    assert list(cache_damages(root)) == [(record, "it cannot be read")]


def test_stages_of_before_digests_were_taken(root):
    folder = root / KEYS[0]
    (folder / "stage.json").write_text(json.dumps({"title": "a stage"}))
    header = b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'
    whole = len(header).to_bytes(8, "little") + header + b"x" * 8
    cut = {"whole": whole, "cut": whole[:-1], "short": whole[:5], "nothing": b"", "text": b"\x02" + bytes(7) + b"[]"}
    for name, content in cut.items():
        (folder / f"{name}.safetensors").write_bytes(content)
    found = dict(cache_damages(root))
    assert {path.name for path in found} == {f"{name}.safetensors" for name in cut if name != "whole"}
    assert set(found.values()) == {"it is not as long as it says"}


def test_what_is_set_aside_is_no_damage_and_goes_with_the_next_pruning(root):
    file = links(root / KEYS[2])[0].resolve()
    file.rename(file.with_name(f"{file.name}.damaged"))
    (root / KEYS[2]).rename(root / f"{KEYS[2]}.damaged")
    assert list(cache_damages(root)) == []
    prune(root, Which(keep=10**9))
    assert not list(root.rglob("*.damaged")) and len(list(root.glob("*/stage.json"))) == 3
