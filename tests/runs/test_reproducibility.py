"""The same settings give the same bytes: in other processes, from other folders, whatever order sets come in."""

import os
import shutil
import subprocess
import sys

import pytest

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


def xner(*arguments, folder, cache, hash_seed):
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed), "XNER_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "xner", *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def places(tmp_path_factory, data_folder, encoder_folder):
    """Two folders with all that a run reads, under the same names."""
    roots = [tmp_path_factory.mktemp("place") for _ in range(2)]
    for root in roots:
        shutil.copytree(data_folder, root / "data")
        shutil.copytree(encoder_folder, root / "encoder")
    return roots


@pytest.fixture(scope="module")
def twice(places):
    """The same comparison in each, from an empty cache and with another order of sets."""
    for number, root in enumerate(places, 1):
        options = ("--methods", ",".join(METHODS), "--tgt", "xx", "--dataset", "data", "--encoder", "encoder")
        options += ("--checkpoint", "source-dev", "--out", "out", *SETS)
        done = xner("compare", *options, folder=root, cache=root / "cache", hash_seed=number)
        assert done.returncode == 0, done.stderr
    return [root / "out" for root in places]


def same(one, other, *files):
    for name in files:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


@pytest.mark.parametrize("method", METHODS)
def test_twice_from_nothing(twice, method):
    cells = [folder / f"{method}-en-xx-s0" for folder in twice]
    same(*cells, "predictions.conll", "metrics.json", "counts.parquet")
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
def test_a_runs_config_does_it_again_from_anywhere(twice, tmp_path, method):
    cell = twice[0] / f"{method}-en-xx-s0"
    options = ("--config", cell / "config.toml", "--out", "again")
    done = xner("train", *options, folder=tmp_path, cache=tmp_path / "cache", hash_seed=3)
    assert done.returncode == 0, done.stderr
    assert "done before" not in done.stderr
    same(cell, tmp_path / "again", "predictions.conll", "metrics.json", "counts.parquet")
