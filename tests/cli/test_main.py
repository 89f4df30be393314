import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from xner.machine.jobs import quiet
from xner_mtmt.weightings.reliability import Unweighted

# train


def test_train_prints_scores_and_what_to_do_next(xner, task):
    code, out, err = xner("train", "--method", "direct", *task)
    assert code == 0
    assert "xx/test, 60 sentences" in out
    assert "precision  recall" in out
    assert "scored by conlleval: exact words and type" in out
    assert "run folder   runs/direct-en-xx-s0" in out
    assert 'next         xner predict runs/direct-en-xx-s0 "..."' in out
    assert "is generated" not in out  # only said of the demo corpus
    assert "LOAD REPORT" not in err  # the libraries' own reports
    assert Path("runs/direct-en-xx-s0/student/model.safetensors").is_file()


def test_train_as_json_is_one_document_and_progress_is_on_stderr(xner, task, tmp_path):
    code, out, err = xner("train", "--method", "direct", *task, "--out", "mine", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["folder"] == "mine"
    assert document["metrics"] == json.loads((tmp_path / "mine" / "metrics.json").read_text())
    assert "scoring on" in err


def test_train_says_what_was_done_before(xner, task):
    xner("train", "--method", "direct", *task)
    _, _, err = xner("train", "--method", "direct", *task)
    assert "teacher recognizer on en: done before\n" in err


def test_a_dry_run_shows_settings_and_stages_and_computes_nothing(xner, task, tmp_path, cache):
    xner("train", "--method", "direct", *task)
    before = sorted(cache.iterdir())
    code, out, err = xner("train", "--method", "tsl", *task, "--out", "other", "--dry-run")
    assert (code, err) == (0, "")
    settings, _, rest = out.partition(f"{task[5]} en/train: ")
    assert tomllib.loads(settings)["method"] == "tsl"
    assert tomllib.loads(settings)["student"]["epochs"] == 1
    assert rest.startswith("60 sentences, 344 words, ")
    stages = [tuple(line.split("  ")[i] for i in (0, -1)) for line in rest.replace("to do  ", "to do").splitlines()[3:]]
    assert stages == [
        ("done before", "teacher recognizer on en"),
        ("to do", "signals of recognizer on xx"),
        ("to do", "student on xx (tags, uniform)"),
    ]
    assert sorted(cache.iterdir()) == before
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_a_dry_run_as_json(xner, task):
    code, out, _ = xner("train", "--method", "tsl", *task, "--dry-run", "--json")
    plan = json.loads(out)
    assert code == 0
    assert [stage["title"] for stage in plan["stages"]] == [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "student on xx (tags, uniform)",
    ]
    assert {type(stage["done"]) for stage in plan["stages"]} == {bool}
    assert len(plan["corpora"]) == 3


def test_a_runs_config_is_a_run(xner, task):
    xner("train", "--method", "direct", *task)
    code, _, err = xner("train", "--config", "runs/direct-en-xx-s0/config.toml", "--out", "again", "--json")
    assert code == 0
    assert "teacher recognizer on en: done before" in err
    files = [Path(folder) / "predictions.conll" for folder in ("again", "runs/direct-en-xx-s0")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_runs_config_says_what_has_moved(xner, task, tmp_path):
    shutil.copytree(task[5], tmp_path / "data")
    shutil.copytree(task[7], tmp_path / "encoder")
    options = [*task[:5], "data", "--encoder", "encoder", *task[8:]]
    xner("train", "--method", "direct", *options, "--out", "run")
    for name, said in (
        ("data", "no such file or folder, and no corpus of that name; see `xner list corpora`, or say where it is now"),
        ("encoder", "no such folder; if the encoder has moved, say where it is with --encoder"),
    ):
        (tmp_path / name).rename(tmp_path / "moved")
        code, _, err = xner("train", "--config", "run/config.toml")
        assert code == 1 and err.count("\n") == 1
        assert err.startswith(f"xner: {tmp_path / name}: {said}")
        option = {"data": "--dataset", "encoder": "--encoder"}[name]
        assert xner("train", "--config", "run/config.toml", option, "moved", "--out", f"{name}-moved")[0] == 0
        (tmp_path / "moved").rename(tmp_path / name)


@pytest.mark.parametrize(
    ("rule", "said"),
    [("source-dev", "source dev"), ("target-dev", "TARGET DEV, a leak: labels of the target chose it")],
)
def test_how_the_checkpoint_was_chosen_stands_beside_every_score(xner, task, rule, said):
    code, out, err = xner("train", "--method", "direct", *task, "--checkpoint", rule, "--out", "run")
    language = {"source-dev": "en", "target-dev": "xx"}[rule]
    assert code == 0
    assert f"; checkpoint: {said}\n" in out
    assert [line.partition(" F1")[0] for line in err.splitlines() if line.startswith("epoch")] == ["epoch 1: entity"]
    assert f"on {task[5]} {language}/dev\n" in err
    assert json.loads(Path("run/metrics.json").read_text())["chosen_on"] == said
    assert f"checkpoint: {said}." in Path("run/report.html").read_text()
    assert f"checkpoint: {said};" in Path("run/student/README.md").read_text()
    assert tomllib.loads(Path("run/config.toml").read_text())["checkpoint"] == rule
    (epochs,) = json.loads(Path("run/manifest.json").read_text())["epochs"].values()
    assert (epochs["checkpoint"], len(epochs["epochs"])) == (rule, 1)
    _, out, _ = xner("evaluate", "run", "--dataset", task[5], "--tgt", "en")
    assert f"; checkpoint: {said}\n" in out
    _, out, _ = xner("compare", "--methods", "direct", *task, "--checkpoint", rule)
    assert f"; checkpoint: {said}\n" in out
    _, out, _ = xner("compare", "--methods", "direct", *task, "--checkpoint", rule, "--out", "again", "--json")
    assert [cell["metrics"]["chosen_on"] for cell in json.loads(out)["cells"]] == [said]


def test_averaged_weights_need_no_labels_and_are_named_beside_the_score(xner, task):
    code, out, err = xner("train", "--method", "direct", *task, "--checkpoint", "average", "--out", "run")
    assert code == 0 and "; checkpoint: average of snapshots\n" in out and "epoch 1:" not in err
    assert "; checkpoint: average of snapshots\n" in xner("evaluate", "run", "--dataset", task[5], "--tgt", "xx")[1]
    assert xner("train", "--method", "direct", *task, "--out", "last")[0] == 0
    keys = [json.loads(Path(run, "manifest.json").read_text())["stages"][0]["key"] for run in ("run", "last")]
    assert keys[0] != keys[1]  # another training


def test_an_unknown_rule_for_the_checkpoint(xner, task):
    code, _, err = xner("train", *task, "--checkpoint", "best")
    assert (code, err) == (
        2,
        "xner: checkpoint = 'best': input should be 'last', 'average', 'source-dev' or 'target-dev'\n",
    )


def test_the_demo_corpus_is_called_generated(xner, task, encoder_folder):
    small = ("--set", "corpora.demo.train_sentences=20", "--set", "corpora.demo.test_sentences=20")
    code, out, _ = xner("train", "--method", "direct", "--encoder", encoder_folder, *small, *task[8:])
    assert code == 0
    assert "synthetic, generated" in out
    assert "--dataset FOLDER" in out


def test_a_target_without_labels_is_not_scored(xner, task, tmp_path):
    (tmp_path / "raw" / "xx").mkdir(parents=True)
    (tmp_path / "raw" / "xx" / "train.txt").write_text("ta Ada um\n")
    code, out, _ = xner("train", "--method", "direct", *task, "--tgt-dataset", "raw")
    assert code == 0
    assert "not scored: the target has no labelled test split" in out
    code, out, _ = xner("train", "--method", "direct", *task, "--tgt-dataset", "raw", "--json")
    assert json.loads(out)["metrics"] is None


# compare


def test_compare_prints_one_row_a_method(xner, task):
    code, out, err = xner("compare", "--methods", "direct,tsl", "--seeds", "2", *task)
    assert code == 0
    rows = [re.split("  +", line) for line in out.splitlines() if line.startswith(("method", "direct", "tsl"))]
    assert rows[0] == ["method", "target", "P", "R", "F1", "± sd", "n", "Δ F1", "95 % interval", "p", "s", "MiB"]
    assert [(row[:2], row[6], len(row)) for row in rows[1:]] == [(["direct", "xx"], "2", 9), (["tsl", "xx"], "2", 12)]
    assert "entity scores in per cent, means over n seeds; conlleval: " in out and "Δ F1: against direct; " in out
    assert out.splitlines()[-2:] == [
        "by type and by cell: --details, or runs/compare-direct+tsl-en-xx/comparison.md",
        "with pictures: runs/compare-direct+tsl-en-xx/comparison.html",
    ]
    assert "tsl on xx, seed 1 ...\n" in err
    _, out, _ = xner("compare", "--methods", "direct,tsl", "--seeds", "2", *task, "--details")
    heads = [line.split() for line in out.splitlines() if line.startswith("method")]
    assert [head[2] for head in heads] == ["P", "type", "seed"]


def test_compare_as_json_is_the_record(xner, task):
    code, out, _ = xner("compare", "--methods", "direct,tsl", *task, "--tgt", "xx,en", "--json")
    document, folder = json.loads(out), Path("runs/compare-direct+tsl-en-xx+en")
    assert (code, document.pop("folder")) == (0, str(folder))
    assert document == json.loads((folder / "comparison.json").read_text())
    assert set(document["rows"][1]["difference"]) == {"f1", "low", "high", "p", "seeds"}
    assert set(document["rows"][1]["by_type"]["PER"]) == {"precision", "recall", "f1", "entities"}
    assert [row["target"] for row in document["means"]] == ["mean", "mean"]
    assert all(cell["seconds"] >= 0 and cell["peak_memory_mb"] > 50 for cell in document["cells"])


def test_compare_as_json(xner, task):
    code, out, _ = xner("compare", "--methods", "direct", "--seeds", "0,5", *task, "--out", "mine", "--json")
    document = json.loads(out)
    assert code == 0
    assert (document["folder"], [cell["seed"] for cell in document["cells"]]) == ("mine", [0, 5])
    assert document["rows"][0]["seeds"] == 2


def test_compare_takes_what_is_done_and_hands_on_how_many_jobs(xner, task, monkeypatch):
    from xner.comparing import comparison

    command = ("compare", "--methods", "direct", *task)
    _, first, _ = xner(*command)
    code, second, err = xner(*command)
    assert (code, second) == (0, first)
    unused = "no student is distilled, so there is no effect of student.epochs"
    assert err.splitlines() == [unused, "direct on xx, seed 0: done before"]
    asked, run = [], comparison.run
    monkeypatch.setattr(comparison, "run", lambda *given: asked.append(given[3]) or run(*given[:3], 1, *given[4:]))
    for jobs in ("3", "ray"):
        assert xner(*command, "--jobs", jobs)[1] == first
    assert asked == [3, "ray"]


def test_compare_on_ray_without_ray_is_one_line(xner, task, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    code, out, err = xner("compare", "--methods", "direct", *task, "--jobs", "ray")
    assert (code, out) == (1, "")
    assert err == 'xner: this needs the package ray; install it with: pip install "xner[ray]"\n'
    assert not Path("runs/compare-direct-en-xx").exists()


def test_the_scoring_rule_is_an_option_of_all_that_score(xner, task, data_folder):
    strict = ("--scoring", "strict")
    code, out, _ = xner("train", "--method", "direct", *task, *strict)
    assert (code, "scored by strict IOB2: " in out) == (0, True)
    dry = xner("train", *task, *strict, "--dry-run", "--json")[1]
    assert json.loads(dry)["settings"]["scoring"] == {"rule": "strict"}
    assert "n seeds; strict IOB2: " in xner("compare", "--methods", "direct", *task, *strict)[1]
    evaluate = ("evaluate", "runs/direct-en-xx-s0", "--dataset", data_folder, "--tgt", "xx")
    assert "scored by strict IOB2: " in xner(*evaluate, *strict)[1]
    assert "scored by conlleval: " in xner(*evaluate, "--scoring", "conlleval")[1]
    assert "scored by strict IOB2: " in xner(*evaluate)[1]  # the run's
    for command in (("train", *task), ("compare", *task), evaluate):
        code, out, err = xner(*command, "--scoring", "lenient")
        assert (code, out) == (2, "")
        assert err == "xner: scoring.rule = 'lenient': input should be 'conlleval' or 'strict'\n"


def test_compare_with_a_failed_cell_shows_the_others_and_is_exit_code_1(xner, task, monkeypatch):
    def broken(weighting, signals):
        raise ValueError("my bug")

    monkeypatch.setattr(Unweighted, "weigh", broken)
    code, out, err = xner("compare", "--methods", "direct,tsl+unweighted", *task)
    assert code == 1
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("direct")] == [["direct", "xx"]]
    assert "failed tsl+unweighted on xx, seed 0: ValueError: my bug (" in out
    assert "Traceback" not in err


def test_libraries_speak_in_debug_mode(tiny_workbench, tmp_path):  # in no other: see xner serve in test_using.py
    tiny_workbench.new_tagger().save(tmp_path)
    noisy = {name: value for name, value in os.environ.items() if name not in quiet()} | {"XNER_DEBUG": "1"}
    code = (
        "import sys; from xner.cli.main import main; from xner.tagging.tagger import Tagger; Tagger.load(sys.argv[1])"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]  # what predicts does not import those that speak
    done = subprocess.run(command, env=noisy, capture_output=True, text=True, check=True)
    assert "Loading weights" in done.stderr


def test_a_reader_that_stops_early_is_no_traceback():
    command = [sys.executable, "-m", "xner", "plugins", "--json"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert "Traceback" not in done.stderr
