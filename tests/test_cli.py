import json
import os
import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from xner import cli
from xner.formats import ReadOptions, read

COMMANDS = ["train", "compare", "predict", "evaluate", "export", "plugins", "list", "describe", "data"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def task(encoder_folder, data_folder, cache, tmp_path, monkeypatch):
    """Options of a small run, in an empty working folder."""
    monkeypatch.setenv("XNER_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    quick = ("--set", "student.epochs=1", "--set", "teachers.recognizer.epochs=1")
    return ("--src", "en", "--tgt", "xx", "--dataset", data_folder, "--encoder", encoder_folder, *quick)


@pytest.fixture
def student(tiny_bench, tmp_path):
    """A run folder with an untrained student whose tags differ from word to word."""
    tagger = tiny_bench.new_tagger()
    tagger.model.classifier.weight.data *= 20
    tagger.save(tmp_path / "run" / "student")
    return tmp_path / "run"


def settings_of(out):
    return json.loads(out)["settings"]


# help and usage


def test_help_names_every_command(xner):
    code, out, err = xner("--help")
    assert (code, err) == (0, "")
    for command in COMMANDS:
        assert f" {command} " in out


@pytest.mark.parametrize("command", [*COMMANDS, "data show"])
def test_every_command_has_help(xner, command):
    code, out, err = xner(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert f"xner {command}" in out


def test_a_usage_error_of_the_parser_is_exit_code_2(xner):
    for arguments in (["trian"], ["train", "--metod", "x"], ["train", "--seed", "-1"], ["predict"]):
        code, out, err = xner(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("Usage: ")
        assert "Traceback" not in err


def test_ctrl_c_is_one_line_and_exit_code_130(xner, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("xner.api.configure", interrupt)
    code, out, err = xner("train")
    assert (code, out) == (130, "")
    assert err == "xner: interrupted; the same command goes on from here\n"


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


def test_every_option_of_train_reaches_its_setting(xner, task, data_folder):
    _, out, _ = xner(
        "train",
        *("--method", "direct", "--src", "en,xx", "--tgt", "xx", "--seed", "4", "--encoder", task[7]),
        *("--src-dataset", data_folder, "--tgt-dataset", data_folder / "xx", "--dataset", "unused"),
        *("--labels", "PER,LOC", "--map", "*=O", "--map", "ORG=LOC", "--limit-source", "9", "--limit-target", "8"),
        *("--set", "target.dataset=" + str(data_folder), "--set", "max_length=32", "--dry-run", "--json"),
    )
    settings = settings_of(out)
    assert (settings["method"], settings["seed"], settings["max_length"]) == ("direct", 4, 32)
    assert settings["source"]["languages"] == ["en", "xx"]
    assert (settings["source"]["limit"], settings["target"]["limit"]) == (9, 8)
    assert settings["source"]["dataset"] == str(data_folder)
    assert settings["target"]["dataset"] == str(data_folder)  # --set has the last word
    assert settings["labels"] == {"types": ["PER", "LOC"], "map": {"*": "O", "ORG": "LOC"}}


@pytest.mark.parametrize("options", [("--aux", "similarity,other"), ("--aux", "similarity", "--aux", "other")])
def test_parts_reach_their_settings(xner, task, options):
    command = ("train", *task, "--aux", "similarity", "--weighting", "unweighted", "--dry-run", "--json")
    student = settings_of(xner(*command)[1])["student"]
    assert (student["tasks"], student["weighting"]) == (["similarity"], "unweighted")
    code, _, err = xner("train", *task, *options)
    assert (code, err) == (2, "xner: there is no 'other' among the auxiliary tasks: similarity.\n")


def test_parts_are_mixed_in_by_name(xner, task):
    code, out, _ = xner("train", "--method", "tsl", "--weighting", "unweighted", *task)
    assert (code, "run folder   runs/tsl+unweighted-en-xx-s0" in out) == (0, True)
    again = ("train", "--config", "runs/tsl+unweighted-en-xx-s0/config.toml", "--dry-run")
    for command in (again, ("train", "--method", "tsl+unweighted", *task, "--dry-run")):
        code, out, _ = xner(*command)
        assert (code, out.count("done before"), out.count("to do")) == (0, 3, 0)
        assert out.endswith("student on xx (tags, unweighted)\n")
    code, out, _ = xner("compare", "--methods", "tsl", "--weighting", "unweighted", *task)
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("tsl")] == [["tsl+unweighted", "xx"]]


def test_a_preset_knows_its_method_by_the_name_without_parts(xner, task):
    command = ("train", "--method", "mtmt+uniform", "--preset", "authors", *task, "--dry-run", "--json")
    settings = settings_of(xner(*command)[1])
    assert (settings["method"], settings["student"]["weighting"]) == ("mtmt", "uniform")
    assert settings["student"]["tag_coefficient"] == 0.5


def test_a_method_that_does_not_distil_refuses_parts_in_one_line(xner, task):
    for command in ("train", "compare"):
        name = "--method" if command == "train" else "--methods"
        code, out, err = xner(command, name, "direct", *task, "--aux", "similarity", "--weighting", "uniform")
        assert (code != 0, out) == (True, "")
        assert err.splitlines()[-1] == (
            "xner: the method 'direct' distils no student, so nothing can be mixed into it: "
            "leave similarity, uniform (--aux, --weighting) out, or choose another method"
        )
    assert not Path("runs").exists() or not list(Path("runs").iterdir())


def test_options_win_over_the_file_and_the_file_over_the_preset(xner, task, tmp_path):
    (tmp_path / "my.toml").write_text("seed = 5\nmax_length = 48\n[student]\nepochs = 7\n")
    arguments = ("train", *task, "--preset", "authors", "--config", "my.toml", "--seed", "6", "--dry-run", "--json")
    settings = settings_of(xner(*arguments)[1])
    assert (settings["seed"], settings["max_length"], settings["student"]["epochs"]) == (6, 48, 1)
    assert settings["student"]["tag_coefficient"] == 0.5


def test_without_options_the_defaults_hold(xner):
    from xner.config import RunConfig

    settings = settings_of(xner("train", "--method", "direct", "--dry-run", "--json")[1])
    assert settings == RunConfig(method="direct").model_dump(mode="json", exclude_none=True)


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


def test_an_unknown_rule_for_the_checkpoint(xner, task):
    code, _, err = xner("train", *task, "--checkpoint", "best")
    assert (code, err) == (
        2,
        "xner: checkpoint = 'best': input should be 'last', 'source-dev' or 'target-dev'\n",
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
    assert out.rstrip().endswith("by type and by cell: --details, or runs/compare-direct+tsl-en-xx/comparison.md")
    assert "tsl on xx, seed 1\n" in err
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
    from xner import comparison

    command = ("compare", "--methods", "direct", *task)
    _, first, _ = xner(*command)
    code, second, err = xner(*command)
    assert (code, second) == (0, first)
    assert err == "direct on xx, seed 0: done before\n"
    asked, run = [], comparison.run
    monkeypatch.setattr(comparison, "run", lambda *given: asked.append(given[-1]) or run(*given[:-1], 1))
    for jobs in ("3", "ray"):
        assert xner(*command, "--jobs", jobs)[1] == first
    assert asked == [3, "ray"]


def test_compare_on_ray_without_ray_is_one_line(xner, task, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    code, out, err = xner("compare", "--methods", "direct", *task, "--jobs", "ray")
    assert (code, out) == (1, "")
    assert err.startswith("xner: --jobs ray needs Ray") and err.endswith(': pip install "xner[ray]"\n')
    assert not Path("runs/compare-direct-en-xx").exists()


def test_the_scoring_rule_is_an_option_of_all_that_score(xner, task, data_folder):
    strict = ("--scoring", "strict")
    code, out, _ = xner("train", "--method", "direct", *task, *strict)
    assert (code, "scored by strict IOB2: " in out) == (0, True)
    assert settings_of(xner("train", *task, *strict, "--dry-run", "--json")[1])["scoring"] == {"rule": "strict"}
    assert "n seeds; strict IOB2: " in xner("compare", "--methods", "direct", *task, *strict)[1]
    evaluate = ("evaluate", "runs/direct-en-xx-s0", "--dataset", data_folder, "--tgt", "xx")
    assert "scored by strict IOB2: " in xner(*evaluate, *strict)[1]
    assert "scored by conlleval: " in xner(*evaluate)[1]
    for command in (("train", *task), ("compare", *task), evaluate):
        code, out, err = xner(*command, "--scoring", "lenient")
        assert (code, out) == (2, "")
        assert err == "xner: scoring.rule = 'lenient': input should be 'conlleval' or 'strict'\n"


def test_compare_with_a_failed_cell_shows_the_others_and_is_exit_code_1(xner, task, data_folder):
    code, out, err = xner("compare", "--methods", "direct", *task, "--tgt", "xx,yy")
    assert code == 1
    assert [line.split()[:2] for line in out.splitlines() if line.startswith("direct")] == [["direct", "xx"]]
    assert f"failed direct on yy, seed 0: {data_folder}: no language 'yy'" in out
    assert "Traceback" not in err


# predict


def test_predict_as_text_has_type_score_and_offsets(xner, student):
    text = "Ada [/red] :smile: Rome"
    code, out, err = xner("predict", student, text)
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert lines[0] == text
    assert len(lines) > 1
    for line in lines[1:]:
        kind, score, span, found = line.split(maxsplit=3) if line.count("-") == 1 else line.replace("- ", "-").split()
        start, end = map(int, span.split("-"))
        assert text[start:end] == found
        assert kind in ("LOC", "ORG", "PER")
        assert 0 < float(score) <= 1


def test_predict_as_jsonl(xner, student):
    texts = ["Ada\tsees Rome " * 20, "", "王小明在北京"]
    code, out, _ = xner("predict", student, *texts, "--format", "jsonl")
    documents = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [document["text"] for document in documents] == texts
    assert documents[1]["entities"] == []
    assert documents[0]["entities"]
    for document in documents:
        for entity in document["entities"]:
            assert document["text"][entity["start"] : entity["end"]] == entity["text"]
            assert set(entity) == {"type", "text", "start", "end", "score"}


def test_predict_as_conll_is_a_file_that_xner_reads(xner, student, tmp_path):
    code, out, _ = xner("predict", student, "Ada sees Rome", "", "zed ko", "--format", "conll")
    assert code == 0
    assert all("\t" in line for line in out.splitlines() if line)
    (tmp_path / "out.conll").write_text(out)
    assert [s.tokens for s in read(tmp_path / "out.conll", ReadOptions())] == [["Ada", "sees", "Rome"], ["zed", "ko"]]


def test_predict_from_a_text_file_takes_line_by_line(xner, student, tmp_path):
    (tmp_path / "in.txt").write_bytes("\ufeffAda  sees\r\n\r\nCafé\n".encode())
    _, out, _ = xner("predict", student, "--file", tmp_path / "in.txt", "--format", "jsonl")
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["Ada  sees", "", "Café"]


def test_predict_from_a_column_file_keeps_its_words(xner, student, tmp_path):
    (tmp_path / "in.conll").write_text("Jean-Luc\tB-PER\n.\tO\n\nx\tO\n")
    _, out, _ = xner("predict", student, "--file", tmp_path / "in.conll", "--format", "conll")
    assert [line.split("\t")[0] for line in out.splitlines() if line] == ["Jean-Luc", ".", "x"]


# evaluate


def test_evaluate_scores_any_labelled_corpus(xner, student, data_folder):
    code, out, _ = xner("evaluate", student, "--dataset", data_folder, "--tgt", "xx", "--split", "dev", "--json")
    document = json.loads(out)
    assert code == 0
    assert document["corpus"] == f"{data_folder.name} xx/dev"
    assert document["overall"]["entities"] == sum(row["entities"] for row in document["by_type"].values()) > 0
    code, out, _ = xner("evaluate", student, "--dataset", data_folder, "--tgt", "en")
    assert code == 0
    assert "en/test, 60 sentences" in out


def test_evaluate_maps_labels(xner, student, data_folder, tmp_path):
    (tmp_path / "a.conll").write_text("Ada\tB-PERS\nin\tO\n")
    arguments = ("evaluate", student, "--dataset", tmp_path / "a.conll", "--map", "PERS=PER", "--json")
    code, out, _ = xner(*arguments)
    assert (code, json.loads(out)["by_type"]["PER"]["entities"]) == (0, 1)


# export


def test_what_is_exported_is_predicted_with_and_scored_as_a_run(xner, student, data_folder, monkeypatch):
    monkeypatch.setattr("xner.hardware.fast_in_bf16", lambda: False)  # float32 on both sides
    code, out, err = xner("export", student)
    assert code == 0
    assert out.startswith(f"folder   {student}/onnx  (")
    assert out.endswith(f'next     xner predict {student}/onnx "..."\n')
    assert [line.split()[0] for line in err[err.index("writing") :].splitlines()] == ["writing"] * 2
    predict = ("Ada sees Rome " * 60, "", "zed Juan", "--format", "conll")
    assert xner("predict", student / "onnx", *predict) == xner("predict", student, *predict)
    evaluate = ("--dataset", data_folder, "--tgt", "xx", "--json")
    assert xner("evaluate", student / "onnx", *evaluate) == xner("evaluate", student, *evaluate)


def test_export_with_int8_weights_goes_to_a_folder_of_its_own_or_where_told(xner, student, tmp_path):
    assert xner("export", student, "--to", "onnx", "--int8")[0] == 0
    code, out, _ = xner("export", student / "student", "--int8", "--out", tmp_path / "mine")
    assert (code, f"folder   {tmp_path}/mine  (" in out) == (0, True)
    files = [folder / "model.onnx" for folder in (student / "onnx-int8", tmp_path / "mine")]
    assert files[0].stat().st_size == files[1].stat().st_size
    assert xner("predict", tmp_path / "mine", "Ada")[0] == 0


def test_libraries_speak_only_in_debug_mode(monkeypatch):
    import transformers

    monkeypatch.setenv("XNER_DEBUG", "1")
    transformers.utils.logging.set_verbosity_warning()
    cli._quiet_libraries()
    assert transformers.utils.logging.get_verbosity() == transformers.logging.WARNING
    monkeypatch.delenv("XNER_DEBUG")
    cli._quiet_libraries()
    assert transformers.utils.logging.get_verbosity() == transformers.logging.ERROR
    transformers.utils.logging.set_verbosity_warning()


def test_a_reader_that_stops_early_is_no_traceback(student):
    import subprocess

    command = [sys.executable, "-m", "xner", "plugins", "--json"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert "Traceback" not in done.stderr
