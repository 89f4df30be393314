import json
import os
import shutil
import socket
import subprocess
import sys

import pytest
import torch
from safetensors.torch import load_file

from tests.commands import command, command_on_two_processes
from xner.machine import processes
from xner.testing.two_processes import on_two_processes

SETTINGS = {
    "teachers.recognizer.epochs": 30,
    "teachers.recognizer.learning_rate": 5e-3,
    "teachers.recognizer.batch_size": 20,  # 60 sentences are whole batches
    "teachers.similarity.learning_rate": 3e-3,
    "teachers.similarity.epochs": 2,
    "teachers.similarity.batch_size": 20,
    "student.learning_rate": 1e-3,
    "student.batch_size": 20,
    "precision": "fp32",
    "freeze": "none",
}


def torchrun(*command, **environment):
    """Run a module on two processes, as users do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    launcher = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node=2", f"--master-port={port}"]
    given = os.environ | {"OMP_NUM_THREADS": "1"} | {name: str(value) for name, value in environment.items()}
    done = subprocess.run([*launcher, *map(str, command)], env=given, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    return done


# alone


def test_alone_everything_stays_as_it_is():
    values = torch.randn(3, 2, requires_grad=True)
    assert processes.first() and processes.gathered(values) is values
    assert list(processes.share(3)) == [0, 1, 2]
    assert processes.collected("abc", 3) == ["a", "b", "c"]
    assert processes.agreed("x") == "x"
    processes.wait()


# two processes


def exchanged():
    """What a process says, sends and gets; called in each."""
    rank = processes.state().process_index
    whole = torch.arange(10.0).reshape(5, 2) + 1
    own = (whole[:2] if rank == 0 else whole[2:]).requires_grad_()
    rows = processes.gathered(own)
    factors = torch.tensor([[1.0], [2.0], [3.0], [4.0], [5.0]])
    (rows.square() * factors).sum().backward()
    return {
        "rows": rows.tolist(),
        "gradient": own.grad.tolist(),
        "numbers": processes.gathered(torch.full((rank + 1,), rank)).tolist(),
        "share": list(processes.share(5)),
        "collected": processes.collected([number * 10 for number in processes.share(5)], 5),
        "agreed": processes.agreed({"rank": rank}),
        "first": processes.first(),
        "averaged": [mean.tolist() for mean in processes.averaged([torch.full((2,), 1.0 + rank), own.grad[0].T * 0])],
    }


def test_what_two_processes_exchange(tmp_path):
    zero, one = on_two_processes(exchanged, (), tmp_path)
    whole = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0], [9.0, 10.0]]
    assert zero["rows"] == one["rows"] == whole
    # twice the gradient of one process, which the mean over two processes halves
    assert zero["gradient"] + one["gradient"] == [[4 * n * x for x in row] for n, row in enumerate(whole, 1)]
    assert zero["numbers"] == one["numbers"] == [0, 1, 1]
    assert (zero["share"], one["share"]) == ([0, 2, 4], [1, 3])
    assert zero["collected"] == one["collected"] == [0, 10, 20, 30, 40]
    assert zero["agreed"] == one["agreed"] == {"rank": 0}
    assert zero["first"] and not one["first"]
    assert zero["averaged"] == one["averaged"] == [[1.5, 1.5], [0.0, 0.0]]


@pytest.fixture(scope="module")
def options(sure_encoder_folder, data_folder, tmp_path_factory):
    """Makes the words of a command that trains, and the run folder that it will write."""

    def make(method="mtmt", **settings):
        out = tmp_path_factory.mktemp("run") / "run"
        sets = [part for name, value in (SETTINGS | settings).items() for part in ("--set", f"{name}={value}")]
        words = ["train", "--method", method, "--tgt", "xx", "--dataset", data_folder]
        return [*words, "--encoder", sure_encoder_folder, "--out", out, *sets], out

    return make


@pytest.fixture(scope="module")
def train(options, tmp_path_factory):
    """Trains with one or two processes and returns the run folder; the cache is the caller's."""

    def run(count, cache, method="mtmt", **settings):
        words, out = options(method, **settings)
        if count == 1:
            done = command(words, XNER_CACHE=cache)
        else:
            done = command_on_two_processes(words, tmp_path_factory.mktemp("said"), XNER_CACHE=cache)
        assert done.returncode == 0, done.stderr
        return out, done

    return run


def stages(run):
    keys = {stage["title"]: stage["key"] for stage in json.loads((run / "manifest.json").read_text())["stages"]}
    return {title.partition(" (")[0]: key for title, key in keys.items()}


@pytest.fixture(scope="module")
def both(train, options, tmp_path_factory):
    """A run of one process, and one of two that torchrun starts."""
    words, out = options()
    two = torchrun("-m", "xner", *words, XNER_CACHE=tmp_path_factory.mktemp("cache"))
    return train(1, tmp_path_factory.mktemp("cache")), (out, two)


def test_two_processes_learn_what_one_learns(both):
    (one, _), (two, _) = both
    scores = [json.loads((run / "metrics.json").read_text())["overall"]["f1"] for run in (one, two)]
    assert scores[0] > 30 and abs(scores[0] - scores[1]) <= 0.3
    weights = [load_file(run / "student" / "model.safetensors") for run in (one, two)]
    # all pairs of the batch, also those across processes, are in the loss; so only the order of sums differs
    assert all(torch.allclose(weights[0][name], weights[1][name], atol=1e-2) for name in weights[0])


def test_only_the_first_process_speaks(both):
    (_, one), (_, two) = both
    assert two.stdout.count("scored by") == one.stdout.count("scored by") == 1
    assert two.stderr.count("teacher recognizer on en: done") == 1
    assert "Warning" not in two.stderr and "LOAD REPORT" not in two.stderr


def test_two_processes_judge_the_epochs_as_one_does(train, tmp_path):
    settings = {"checkpoint": "source-dev", "teachers.recognizer.epochs": 11.5}
    records = []
    for count in (1, 2):
        run, done = train(count, tmp_path / str(count), "direct", **settings)
        assert done.stderr.count("epoch 11.6667: entity F1 ") == 1  # only the first speaks
        records += json.loads((run / "manifest.json").read_text())["epochs"].values()
    one, two = records
    assert [row["step"] for row in one["epochs"]] == [row["step"] for row in two["epochs"]] == [*range(3, 36, 3), 35]
    scores = [[row["score"] for row in record["epochs"]] for record in records]
    assert scores[0] == pytest.approx(scores[1], abs=1) and max(scores[0]) > 10 + min(scores[0])
    assert two["kept_step"] == max(two["epochs"], key=lambda row: row["score"])["step"]


def test_what_is_labelled_does_not_hang_on_the_number_of_processes(train, tmp_path):
    several = {"source.languages": '["en", "xx"]', "teachers.recognizer.epochs": 1, "student.epochs": 1}
    run, _ = train(1, tmp_path / "1", "tsl-multi", **several)
    told = json.loads((run / "manifest.json").read_text())["stages"]
    labelled = [one["key"] for one in told if one["title"].startswith(("signals of recognizer", "language similarity"))]
    shutil.copytree(tmp_path / "1", tmp_path / "2", symlinks=True)
    for key in labelled:
        shutil.rmtree(tmp_path / "2" / key)
    _, done = train(2, tmp_path / "2", "tsl-multi", **several)
    assert done.stderr.count(": done in ") == len(labelled) + 2  # the scoring, and a look at what came out
    files = [sorted(file.name for file in (tmp_path / "2" / key).iterdir()) for key in labelled]
    assert sorted(files) == [["signals.arrow", "stage.json"]] * 2 + [["stage.json", "weights.npy"]]
    for key, (first, second) in zip(labelled, files, strict=True):
        name = first if second == "stage.json" else second
        assert (tmp_path / "1" / key / name).read_bytes() == (tmp_path / "2" / key / name).read_bytes()


def test_a_comparison_says_what_to_do_instead(tmp_path):
    done = command_on_two_processes(["compare", "--out", tmp_path / "x"], tmp_path / "said")
    assert done.returncode == 2
    assert "xner: a comparison does not run under torchrun; --jobs does several of its stages at once" in done.stderr
    assert not (tmp_path / "x").exists()
