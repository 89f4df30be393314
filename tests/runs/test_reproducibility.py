"""The same settings give the same bytes: in other processes, from other folders, whatever order sets come in."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from tests.commands import command

QUICK = {
    **{
        f"{part}.{name}": value
        for part in ("teachers.recognizer", "teachers.similarity", "student")
        for name, value in (("epochs", 2), ("learning_rate", 5e-3), ("batch_size", 8))
    },
    "freeze": "none",
}
SETS = [part for name, value in QUICK.items() for part in ("--set", f"{name}={value}")]
METHODS = ("direct", "tsl", "mtmt")
COMPARE = ("compare", "--methods", ",".join(METHODS), "--tgt", "xx", "--dataset", "data", "--encoder", "encoder")
COMPARE += ("--checkpoint", "source-dev", "--out", "out", *SETS)
ELSEWHERE = """
import json, os, sys
from tests.commands import command

for folder, words in json.loads(sys.argv[1]):
    os.chdir(folder)
    done = command(words, XNER_CACHE="cache")
    print(done.stderr, file=sys.stderr)
    assert done.returncode == 0 and (words[0] == "compare" or "done before" not in done.stderr)
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory, data_folder, encoder_folder):
    """Two folders with all that a run reads, under the same names."""
    roots = [tmp_path_factory.mktemp("place") for _ in range(2)]
    for root in roots:
        shutil.copytree(data_folder, root / "data")
        shutil.copytree(encoder_folder, root / "encoder")
    return roots


@pytest.fixture(scope="module")
def done(places, tmp_path_factory):
    """The same comparison in each, from an empty cache, and the runs of the first again, from their config.toml.

    The first is done here. All others are done by one process with another order of sets.
    """
    here, there = places
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(here)
        first = command(COMPARE, XNER_CACHE="cache")
    assert first.returncode == 0, first.stderr
    again = {method: tmp_path_factory.mktemp("again") for method in METHODS}
    configs = {method: here / "out" / f"{method}-en-xx-s0" / "config.toml" for method in METHODS}
    trains = [(again[method], ["train", "--config", configs[method], "--out", "again"]) for method in METHODS]
    asked = json.dumps([(there, COMPARE), *trains], default=str)
    environment = os.environ | {"PYTHONHASHSEED": "1", "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    process = [sys.executable, "-c", ELSEWHERE, asked]
    others = subprocess.run(process, env=environment, capture_output=True, text=True, check=False)
    assert others.returncode == 0, others.stderr
    return [root / "out" for root in places], {method: folder / "again" for method, folder in again.items()}


@pytest.fixture(scope="module")
def twice(done):
    return done[0]


def same(one, other):
    for name in ("predictions.conll", "metrics.json", "counts.parquet"):
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.mark.parametrize("method", METHODS)
def test_twice_from_nothing(twice, method):
    cells = [folder / f"{method}-en-xx-s0" for folder in twice]
    same(*cells)
    assert b"B-" in (cells[0] / "predictions.conll").read_bytes()


def test_the_stages_are_the_same_ones_and_their_files_too(places, twice):
    caches = [root / "cache" for root in places]
    files = [
        {
            str(file.relative_to(cache)): file.read_bytes()
            for file in cache.rglob("*")
            if file.suffix in (".safetensors", ".arrow", ".json")
        }
        for cache in caches
    ]
    assert files[0].keys() == files[1].keys() and len(files[0]) > 10
    assert [name for name in files[0] if files[0][name] != files[1][name]] == []


@pytest.mark.parametrize("method", METHODS)
def test_a_runs_config_does_it_again_from_anywhere(done, method):
    (first, _), again = done
    same(first / f"{method}-en-xx-s0", again[method])
