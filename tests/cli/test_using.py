import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from fastapi.testclient import TestClient

from tests.scored import score
from xner.cli import main as cli
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.machine.jobs import quiet
from xner.tagging.quick import loading
from xner.tagging.tagger import Tagger
from xner.using import serving


@pytest.fixture
def student(tiny_workbench, tmp_path):
    """A run folder with an untrained student whose tags differ from word to word."""
    tagger = tiny_workbench.new_tagger()
    tagger.model.classifier.weight.data *= 20
    tagger.save(tmp_path / "run" / "student")
    return tmp_path / "run"


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


def test_a_file_that_is_missing_is_told_before_a_model_is_loaded(xner, student, monkeypatch):
    monkeypatch.setattr("xner.using.loading.load", None)
    assert xner("predict", student, "--file", "no.txt") == (1, "", "xner: no.txt: no such file or folder.\n")


def test_predict_from_a_text_file_takes_line_by_line(xner, student, tmp_path):
    (tmp_path / "in.txt").write_bytes("\ufeffAda  sees\r\n\r\nCafé\n".encode())
    _, out, _ = xner("predict", student, "--file", tmp_path / "in.txt", "--format", "jsonl")
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["Ada  sees", "", "Café"]


def test_predict_from_a_column_file_keeps_its_words(xner, student, tmp_path):
    (tmp_path / "in.conll").write_text("Jean-Luc\tB-PER\n.\tO\n\nx\tO\n")
    _, out, _ = xner("predict", student, "--file", tmp_path / "in.conll", "--format", "conll")
    assert [line.split("\t")[0] for line in out.splitlines() if line] == ["Jean-Luc", ".", "x"]


def piped(monkeypatch, content):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="ascii"))


def test_predict_from_what_is_piped_in(xner, student, monkeypatch):
    piped(monkeypatch, "\ufeffAda  sees\n\nCafé\r\n".encode())
    code, out, err = xner("predict", student, "--file", "-", "--format", "jsonl")
    assert (code, err) == (0, "")
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["Ada  sees", "", "Café"]
    piped(monkeypatch, b"caf\xe9\n")
    code, out, err = xner("predict", student, "--file", "-")
    assert (code, out) == (1, "") and err.startswith("xner: <stdin>:1: 'utf-8' codec can't decode byte 0xe9")
    monkeypatch.setattr(sys, "stdin", None)
    assert xner("predict", student, "--file", "-") == (1, "", "xner: --file -: nothing is piped in\n")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no files of pipes")
def test_predict_from_a_pipe_with_a_name(xner, student, tmp_path):
    reader, writer = os.pipe()
    os.write(writer, "Ada sees\nCafé\n".encode())
    os.close(writer)
    code, out, _ = xner("predict", student, "--file", f"/dev/fd/{reader}", "--format", "jsonl")
    os.close(reader)
    (tmp_path / "x").write_text("Ada sees\nCafé\n")
    with (tmp_path / "x").open() as file:  # as /dev/stdin is, where a file is redirected
        assert xner("predict", student, "--file", f"/dev/fd/{file.fileno()}", "--format", "jsonl") == (code, out, "")
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["Ada sees", "Café"]
    assert code == 0


def test_predict_tells_how_a_file_was_read(xner, student, tmp_path, monkeypatch):
    content = "Ada _ B-PER\nsees _ O\n\nRome _ B-LOC\n"
    (tmp_path / "in.txt").write_text(content)
    _, out, err = xner("predict", student, "--file", tmp_path / "in.txt", "--format", "conll")
    assert [line.split("\t")[0] for line in out.splitlines()] == ["Ada", "sees", "", "Rome", ""]
    assert err.splitlines() == [
        f"{tmp_path}/in.txt: columns: 1 words, 3 tags",
        f"{tmp_path}/in.txt:1: the lines are words with tags in columns, and are read so, not as plain text",
    ]
    piped(monkeypatch, content.encode())
    assert xner("predict", student, "--file", "-", "--format", "conll")[1] == out


def test_predict_reads_a_file_as_it_is_told(xner, student, tmp_path):
    (tmp_path / "in.txt").write_bytes(b"caf\xe9\n")
    settings = ("--set", "corpora.folder.encoding=latin-1", "--format", "jsonl")
    assert json.loads(xner("predict", student, "--file", tmp_path / "in.txt", *settings)[1])["text"] == "café"
    code, _, err = xner("predict", student, "--file", tmp_path / "in.txt", "--set", "corpora.folder.encoding=klingon")
    assert (code, err.startswith("xner: corpora.folder.encoding = 'klingon'")) == (2, True)


@pytest.mark.parametrize("form", ["text", "jsonl", "conll"])
def test_output_is_utf8_whatever_the_console_says(student, monkeypatch, form):
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=name) for name in ("ascii", "cp1252"))
    monkeypatch.setattr(sys, "argv", ["xner", "predict", str(student), "Zoë 東京 Łódź", "--format", form])
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out.flush()
    assert not stop.value.code
    text = out.buffer.getvalue().decode()
    assert all(word in text for word in ("Zoë", "東", "Łódź"))


# precision


@pytest.fixture
def chosen(monkeypatch):
    """The precisions of the models that were loaded."""
    loaded, load = [], loading.load_quickly

    def spy(folder, hardware, names):
        tagger = load(folder, hardware, names)
        loaded.append(str(next(tagger.model.parameters()).dtype).removeprefix("torch."))
        return tagger

    monkeypatch.setattr(loading, "load_quickly", spy)
    return loaded


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", "float32"), ("bf16", "bfloat16")])
def test_predict_evaluate_and_serve_run_in_the_precision_that_is_asked_for(
    xner, student, data_folder, monkeypatch, chosen, precision, dtype
):
    monkeypatch.setattr(serving, "run", lambda app, listener: None)
    scored = ("evaluate", student, "--dataset", data_folder, "--tgt", "xx")
    for command in (("predict", student, "Ada"), scored, ("serve", student, "--port", 0)):
        assert xner(*command, "--precision", precision)[0] == 0
    assert xner(*scored, "--set", f"precision={precision}")[0] == 0
    (student / "config.toml").write_text(f'precision = "{precision}"\n')
    assert xner(*scored)[0] == 0
    assert chosen == [dtype] * 5
    assert xner(*scored, "--precision", "fp32")[0] == 0
    assert chosen[-1] == "float32"


@pytest.mark.parametrize("command", [("predict", "Ada"), ("evaluate",), ("serve",)])
def test_a_precision_that_there_is_not(xner, student, command):
    code, _, err = xner(command[0], student, *command[1:], "--precision", "fp16")
    assert (code, err.count("\n")) == (2, 1)
    assert "precision = " in err and "fp32" in err and "bf16" in err


@pytest.mark.usefixtures("quick_export")
def test_an_export_runs_as_it_was_written(xner, student, data_folder):
    xner("export", student)
    code, _, err = xner("predict", student / "onnx", "Ada", "--precision", "bf16")
    assert (code, err) == (
        2,
        f"xner: precision = bf16: {student}/onnx is an export, which runs as it was written; leave it out\n",
    )
    (student / "config.toml").write_text('precision = "bf16"\n')  # how the student was trained
    assert xner("evaluate", student / "onnx", "--dataset", data_folder, "--tgt", "xx")[0] == 0
    assert xner("predict", student / "onnx", "Ada", "--precision", "fp32")[0] == 0


# code that comes with a model


@pytest.mark.usefixtures("quick_export")
def test_code_runs_and_pickles_are_read_only_if_the_user_says_so(xner, student, data_folder, monkeypatch):
    told, load = [], Tagger.load

    def spy(folder, hardware=None, trainable=False, trusted=False, names=(), pickled=False):
        told.append((trusted, pickled))
        return load(folder, hardware, trainable)

    monkeypatch.setattr(Tagger, "load", spy)
    monkeypatch.setattr(loading, "load_quickly", lambda *given: None)  # as of a student with code
    monkeypatch.setattr(serving, "run", lambda app, listener: None)
    scored = ("evaluate", student, "--dataset", data_folder, "--tgt", "xx")
    says = "[encoders.hub]\ntrust_remote_code = true\nallow_pickle = true\n"  # what a run says of itself
    (student / "config.toml").write_text(says)
    for command in (("predict", student, "Ada"), ("serve", student, "--port", 0), ("export", student)):
        for option in ((), ("--trust-remote-code",), ("--allow-pickle",)):
            assert xner(*command, *option)[0] == 0
    for option in ((), *(("--set", f"encoders.hub.{name}=true") for name in ("trust_remote_code", "allow_pickle"))):
        assert xner(*scored, *option)[0] == 0
    assert told == [(False, False), (True, False), (False, True)] * 4


# evaluate


def test_evaluate_says_how_the_corpus_was_read(xner, student, tmp_path):
    (tmp_path / "a.conll").write_text("1 Ada b-PER\n2 in O\n")
    code, out, err = xner("evaluate", student, "--dataset", tmp_path / "a.conll", "--json")
    assert (code, json.loads(out)["by_type"]["PER"]["entities"]) == (0, 1)
    assert err.splitlines() == [
        f"{tmp_path}/a.conll xx/test: 1 sentences, 2 words, PER 1; columns: 2 words, 3 tags".replace("xx", "de"),
        f"{tmp_path}/a.conll:1: the tag 'b-PER' is read as B-PER",
    ]


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


def test_a_type_that_the_corpus_lacks_is_told_and_can_be_left_out(xner, student, tmp_path):
    (tmp_path / "a.conll").write_text("in\tO\nRome\tO\nwith\tO\nAda\tB-PER\n\n" * 9)
    evaluate = ("evaluate", student, "--dataset", tmp_path / "a.conll")
    code, out, _ = xner(*evaluate)
    assert code == 0
    assert "the corpus has no ORG, so what is predicted of it counts as wrong; --map ORG=O leaves it out\n" in out
    document = json.loads(xner(*evaluate, "--json")[1])
    wrong = document["overall"]["precision"]
    for options in (("--map", "ORG=O"), ("--labels", "PER,LOC"), ("--labels", "PER")):
        code, out, _ = xner(*evaluate, *options, "--json")
        document = json.loads(out)
        assert (code, document["overall"]["precision"] > wrong, document["overall"]["entities"]) == (0, True, 9)
        assert "ORG" not in document["by_type"]
    assert "the corpus has no" not in xner(*evaluate, "--labels", "PER")[1]


def test_only_types_of_the_tagger_can_be_scored(xner, student, data_folder):
    code, _, err = xner("evaluate", student, "--dataset", data_folder, "--tgt", "xx", "--labels", "PER,GPE")
    assert (code, err) == (2, "xner: --labels: the tagger knows no GPE; it has LOC, ORG, PER\n")


# export


def test_what_is_exported_is_predicted_with_and_scored_as_a_run(xner, student, data_folder, monkeypatch):
    monkeypatch.setattr("xner.machine.hardware.fast_in_bf16", lambda: False)  # float32 on both sides
    code, out, err = xner("export", student)
    assert code == 0
    assert out.startswith(f"folder   {student}/onnx  (")
    assert out.endswith(f'next     xner predict {student}/onnx "..."\n')
    assert [line.split()[0] for line in err[err.index("writing") :].splitlines()] == ["writing"] * 2
    predict = ("Ada sees Rome " * 60, "", "zed Juan", "--format", "conll")
    assert xner("predict", student / "onnx", *predict) == xner("predict", student, *predict)
    evaluate = ("--dataset", data_folder, "--tgt", "xx", "--json")
    assert xner("evaluate", student / "onnx", *evaluate) == xner("evaluate", student, *evaluate)


@pytest.mark.usefixtures("quick_export")
def test_export_with_int8_weights_goes_to_a_folder_of_its_own_or_where_told(xner, student, tmp_path):
    assert xner("export", student, "--to", "onnx", "--int8")[0] == 0
    code, out, _ = xner("export", student / "student", "--int8", "--out", tmp_path / "mine")
    assert (code, f"folder   {tmp_path}/mine  (" in out) == (0, True)
    files = [folder / "model.onnx" for folder in (student / "onnx-int8", tmp_path / "mine")]
    assert files[0].stat().st_size == files[1].stat().st_size
    assert xner("predict", tmp_path / "mine", "Ada")[0] == 0


# serve


@pytest.mark.usefixtures("quick_export")
@pytest.mark.parametrize("exported", [False, True])
def test_serve_answers_as_predict_does(xner, student, monkeypatch, exported):
    if exported:
        xner("export", student)
    run, served = student / "onnx" if exported else student, []
    monkeypatch.setattr(serving, "run", lambda app, listener: served.append((app, serving.address(listener))))
    code, out, err = xner("serve", run, "--port", 0)
    ((app, url),) = served
    assert (code, out, err) == (0, f"{url}  (Ctrl-C ends it)\n", "")
    texts = ["Ada sees Rome 🙂 " * 20, "", "王小明在北京"]
    predicted = xner("predict", run, *texts, "--format", "jsonl")[1]
    answer = TestClient(app).post("/predict", json={"texts": texts})
    assert answer.json() == [json.loads(line) for line in predicted.splitlines()]
    assert "/".join(run.parts[-2:]) in TestClient(app).get("/").text


def test_serve_ends_with_ctrl_c_and_the_libraries_say_nothing(student):
    command = [sys.executable, "-m", "xner", "serve", str(student), "--port", "0"]
    noisy = {name: value for name, value in os.environ.items() if name not in quiet()}
    with subprocess.Popen(command, env=noisy, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().split()[0]
            headers = {"Content-Type": "application/json"}
            with urlopen(Request(f"{url}/predict", b'{"texts": ["Ada"]}', headers)) as answer:
                assert json.load(answer)[0]["text"] == "Ada"
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
            assert (process.returncode, out, err) == (0, "", "")
        finally:
            process.kill()


def test_serve_tells_a_busy_port_before_it_loads_anything(xner, tmp_path):
    with serving.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        code, out, err = xner("serve", tmp_path / "nowhere", "--port", port)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert err.startswith(f"xner: cannot listen on 127.0.0.1:{port}: Address already in use; ")


@pytest.mark.parametrize("name", ["fastapi", "uvicorn"])
def test_serve_without_the_extra_says_what_to_install(xner, student, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    code, out, err = xner("serve", student)
    assert (code, out) == (1, "")
    assert err == f'xner: this needs the package {name}; install it with: pip install "xner[serve]"\n'


# report


@pytest.fixture
def compared(tmp_path, write_comparison):
    """A comparison's folder."""
    write_comparison(tmp_path / "compared", score([["B-PER"], ["B-LOC"]], [["B-PER"], ["O"]], "c"))
    return tmp_path / "compared"


def test_report_writes_a_page_and_prints_where_it_is(xner, compared, tmp_path):
    assert xner("report", compared) == (0, f"{compared}/comparison.html\n", "")
    assert xner("report", compared, "--out", tmp_path / "mine.html") == (0, f"{tmp_path}/mine.html\n", "")
    page = (tmp_path / "mine.html").read_text()
    assert page == (compared / "comparison.html").read_text()
    assert xner("report", compared, "--out", compared / "report.html")[0] == 0
    assert (compared / "report.html").read_text() == page
    assert xner("report", compared) == (0, f"{compared}/comparison.html\n", "")  # not taken for a run
    assert "66.67" in page and "</svg>" in page


def test_a_run_that_cannot_be_looked_at_again_has_its_page_already(xner, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    (run / "report.html").write_text("a run")
    before = (run / "report.html").stat()
    told = f"{run}/report.html: stays as it is: it has no config.toml, so it is not known what it was made of\n"
    assert xner("report", run) == (0, f"{run}/report.html\n", told)
    assert xner("report", run, "--out", tmp_path / "mine.html") == (0, f"{tmp_path}/mine.html\n", told)
    assert xner("report", run, "--out", run / "report.html")[0] == 0
    assert (tmp_path / "mine.html").read_text() == (run / "report.html").read_text() == "a run"
    assert [(file.name, file.stat()[:2]) for file in run.iterdir()] == [("report.html", before[:2])]  # not written anew


def test_report_tells_what_is_no_comparison_and_writes_nothing(xner, tmp_path):
    code, out, err = xner("report", tmp_path / "x", "--out", tmp_path / "mine.html")
    assert (code, out, err) == (1, "", f"xner: {tmp_path}/x: no such folder; `xner compare` makes one\n")
    (tmp_path / "x").mkdir()
    assert xner("report", tmp_path / "x")[0] == 1 and not list((tmp_path / "x").iterdir())
    assert not (tmp_path / "mine.html").exists()


def test_a_page_that_cannot_be_written_is_told(xner, compared):
    code, _, err = xner("report", compared, "--out", compared / "no" / "page.html")
    assert (code, err) == (1, f"xner: {compared}/no/page.html: cannot be written: No such file or directory\n")


def test_evaluate_scores_on_what_the_run_was_scored_on_unless_it_is_told_otherwise(xner, task, data_folder):
    xner("train", "--method", "direct", *task, "--scoring", "strict", "--out", "run")
    scores = json.loads(Path("run/metrics.json").read_text())
    for place in ("run", "run/student"):
        assert json.loads(xner("evaluate", place, "--json")[1]) == scores | {"notes": []}
    other = json.loads(xner("evaluate", "run", "--tgt", "zz", "--split", "dev", "--json")[1])
    assert other["corpus"].endswith("zz/dev")
    assert json.loads(xner("evaluate", "run", "--scoring", "conlleval", "--json")[1])["rule"] != scores["rule"]
    code, _, err = xner("evaluate", "run", "--set", "corpora.folder.encoding=klingon")
    assert (code, err.startswith("xner: corpora.folder.encoding = 'klingon'")) == (2, True)
