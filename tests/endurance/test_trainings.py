"""Many trainings in one process: nothing of one stays when it is done."""

import gc
import os
import shutil
import sys
import tempfile

import psutil
import pytest

import xner
from tests.endurance.watching import COUNTED, growth, sample, told

soak = pytest.mark.skipif(not os.environ.get("XNER_SOAK"), reason="takes long; make soak runs it")
METHODS = ("direct", "tsl")
SHORT = {
    "source.limit": 24,
    "target.limit": 24,
    "teachers.recognizer.epochs": 1,
    "student.epochs": 1,
    "precision": "fp32",
}


@pytest.mark.parametrize(("count", "looked_at"), [(8, COUNTED), pytest.param(200, ("memory", *COUNTED), marks=soak)])
def test_many_trainings_leave_nothing_behind(
    encoder_folder, data_folder, tmp_path, monkeypatch, capsys, count, looked_at
):
    temporary, process, samples = tmp_path / "temporary", psutil.Process(), []
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "cache"))
    data = {"dataset": str(data_folder), "encoder": str(encoder_folder)}
    for number in range(count):
        method, seed = METHODS[number % len(METHODS)], number
        run = xner.train(method, "en", "xx", **data, seed=seed, settings=SHORT, out=tmp_path / "run", quiet=True)
        assert run.metrics is not None and any(stage.title for stage in run.stages)
        shutil.rmtree(run.folder)
        gc.collect()  # cycles that are not looked for yet are no leak
        samples.append(sample(process, temporary))
    with capsys.disabled():
        sys.stdout.write(f"\n{count} trainings of {' and '.join(METHODS)} in turns\n{told(samples)}\n")
    assert growth(samples, looked_at) == []
