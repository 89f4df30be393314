"""An exported student says what the student says, in a process that has neither torch nor transformers."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch

import xner
from tests.models import theirs
from xner.corpora.corpus import Sentence
from xner.errors import DataError, UsageError
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus
from xner.using import exported
from xner.using.exported import ExportedTagger, Session
from xner.using.exporting import Form, export

CPU = Hardware(torch.device("cpu"), bf16=False)
TEXTS = [" ".join(sentence.tokens) + "." for sentence in tiny_corpus(split="test")]
HEAVY = {"torch", "transformers", "datasets", "pyarrow", "accelerate", "scipy", "sklearn", "pandas", "huggingface_hub"}
LIGHT = f"""
import sys
from xner.cli.main import main
sys.argv = ["xner", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted({HEAVY} & set(sys.modules)), sep=",", file=sys.stderr)
"""


@pytest.mark.parametrize(
    "rule",
    [{"decoding": "legal"}, {"decoding": "chain"}, {"decoding": "chain", "strength": 1.0}, {"decoding": "argmax"}],
)
def test_tags_and_scores_are_those_of_torch(exports, rule):
    ours, theirs_ = (xner.load(exports / name, precision="fp32", **rule).tagger for name in ("onnx", "student"))
    assert ours.decoder.bigrams is not None
    for one, two in zip(ours.tag(tiny_corpus(split="test")), theirs_.tag(tiny_corpus(split="test")), strict=True):
        assert one.best == two.best
        assert one.scores == pytest.approx(two.scores, abs=1e-5)
        assert one.certain == pytest.approx(two.certain, abs=1e-5)


def test_classes_of_other_people_are_read_as_with_torch(tagger_folder, tmp_path):
    """Among them two that mean the same, and types without B- or without I-."""
    names = ["I-ORG", "O", "B-PER", "I-PER", "U-PER", "B-LOC"]
    theirs(tagger_folder, tmp_path / "student", [4, 0, 5, 6, 5, 1], names, split=(2, 4))
    export(tmp_path / "student", tmp_path / "onnx", Form("onnx"), Progress(quiet=True))
    one, two = (xner.load(tmp_path / name, precision="fp32").tagger for name in ("onnx", "student"))
    assert one.labels == two.labels and one.reading.unmarked
    corpus = tiny_corpus(split="test")
    for ours, expected in zip(one.probabilities(corpus), two.probabilities(corpus), strict=True):
        assert np.allclose(ours, expected, atol=1e-5)
    assert one.tags(corpus) == two.tags(corpus) and one.tags(corpus, repaired=False) == two.tags(corpus, repaired=False)


def run(*arguments):
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *map(str, arguments)], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr.strip()


@pytest.mark.parametrize("form", ["text", "jsonl", "conll"])
def test_predicting_with_an_export_imports_nothing_heavy(exports, form):
    code, out, err = run("predict", exports / "onnx", *TEXTS[:2], "--format", form)
    assert (code, err) == (0, "") and "LOC" in out


def test_nor_does_a_file_of_text(exports, tmp_path):
    (tmp_path / "in.txt").write_text("\n".join(TEXTS))
    code, out, err = run("predict", exports / "onnx-int8", "--file", tmp_path / "in.txt", "--format", "jsonl")
    assert (code, err, len(out.splitlines())) == (0, "", len(TEXTS))


def test_nor_does_python(exports):
    script = f"import sys, xner; xner.load(sys.argv[1]).predict('Ada'); print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script, exports / "onnx"], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_settings_of_predict_count_as_with_a_run(exports, tmp_path):
    (tmp_path / "in.txt").write_bytes("Ada café".encode("latin-1"))
    settings = ("--set", "corpora.folder.encoding=latin-1", "--set", "decoding.strength=3")
    done = [
        subprocess.run(
            [sys.executable, "-m", "xner", "predict", exports / name, "--file", tmp_path / "in.txt", *settings],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"XNER_PLUGINS": ""},
        ).stdout
        for name in ("onnx", "student")
    ]
    assert done[0] == done[1] and "Ada café" in done[0]


@pytest.mark.parametrize(("variable", "threads"), [("3", 3), ("1", 1)])
def test_it_uses_the_threads_that_it_is_told(exports, monkeypatch, variable, threads):
    monkeypatch.setenv("OMP_NUM_THREADS", variable)
    session = Session(exports / "onnx" / "model.onnx")
    assert session._session.get_session_options().intra_op_num_threads == threads


def test_or_one_for_each_core(monkeypatch):
    monkeypatch.setattr(exported.psutil, "cpu_count", lambda logical: 4)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    for said in ("", "many", "0"):
        monkeypatch.setenv("OMP_NUM_THREADS", said)
        assert exported._threads() == 3
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(8)), raising=False)
    assert exported._threads() == 4


def test_a_tokenizer_that_cuts_or_pads_is_told_not_to(exports, tmp_path):
    copy = shutil.copytree(exports / "onnx", tmp_path / "copy")
    state = json.loads((copy / "tokenizer.json").read_text())
    state["truncation"] = {"max_length": 4, "strategy": "LongestFirst", "stride": 0, "direction": "Right"}
    (copy / "tokenizer.json").write_text(json.dumps(state))
    (decoded,) = ExportedTagger.load(copy).tag([Sentence(["Ada", "sees", "Rome"])])
    assert decoded.tags == next(ExportedTagger.load(exports / "onnx").tag([Sentence(["Ada", "sees", "Rome"])])).tags
    assert decoded.tags[2] == "B-LOC"


def test_an_export_whose_tokenizer_reads_no_words_is_refused(exports, tmp_path):
    copy = shutil.copytree(exports / "onnx", tmp_path / "copy")
    state = json.loads((copy / "tokenizer.json").read_text())
    state["pre_tokenizer"] = {"type": "WhitespaceSplit"}
    (copy / "tokenizer.json").write_text(json.dumps(state))
    with pytest.raises(DataError, match="its tokenizer does not read text word by word; `xner export` makes one"):
        ExportedTagger.load(copy)


def test_a_precision_that_there_is_not(exports):
    with pytest.raises(UsageError, match=r"precision = fp8: there is none; there are: auto, fp32, bf16"):
        xner.load(exports / "onnx", precision="fp8")


def test_a_sentence_of_many_windows_and_words_without_pieces(exports):
    tagger = Tagger.load(exports / "student", CPU)
    corpus = [Sentence([*["Ada", "\u200b", "x" * 300] * 40]), Sentence(["Rome"])]
    one, two = (list(each.probabilities(corpus)) for each in (ExportedTagger.load(exports / "onnx"), tagger))
    assert [len(row) for row in one] == [120, 1]
    assert all(np.allclose(left, right, atol=1e-5) for left, right in zip(one, two, strict=True))
