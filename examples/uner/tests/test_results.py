import json
import os
import re
from pathlib import Path

import experiment
import numpy as np
import page
import pytest
import results
import running
import torch
from changes import Changes, count
from collected import collect
from quality import Quality
from store import Store
from weights import Interval, Weights, word_f1

from xner.cells import Cell
from xner.errors import DataError, UsageError
from xner.testing import tiny_encoder, tiny_folder

TOML = """
data = "a tiny corpus"
seeds = [0, 1]
targets = ["xx", "zz"]
against = ["direct", "tsl"]
weights = "mtmt"

[settings]
encoder = "{encoder}"
precision = "fp32"
freeze = "none"
student = {{ epochs = 1 }}
labels = {{ types = ["PER", "LOC", "ORG"] }}

[settings.teachers]
recognizer = {{ epochs = 12, learning_rate = 5e-3, batch_size = 16 }}
similarity = {{ epochs = 1 }}

[[rows]]
method = "direct"

[[rows]]
method = "tsl"

[[rows]]
method = "mtmt"

[[rows]]
method = "mtmt"
name = "longer, warmer"
settings = {{ "student.epochs" = 2, "teachers.similarity.words" = "uniform" }}

[[rows]]
method = "mtmt-no-similarity"

[corpora.en]
train = "en/train.conll"
dev = "en/dev.conll"

[corpora.xx]
train = "xx/train.conll"
test = "xx/test.conll"

[corpora.zz]
train = "zz/dev.conll"
test = "zz/test.conll"
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with corpora, a tiny encoder and an experiment."""
    folder = tmp_path_factory.mktemp("uner")
    tiny_folder(folder / "data", ("en", "xx", "zz"))
    toml = TOML.format(encoder=tiny_encoder(folder / "encoder"))
    (folder / "experiment.toml").write_text(toml, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def run(place):
    """Runs the command on the tiny experiment; returns its exit code and the page."""
    before = dict(os.environ)
    torch.set_num_threads(1)

    def call(*options, out="out", toml="experiment.toml"):
        files = ["--experiment", place / toml, "--out", place / out, "--page", place / f"{out}.md"]
        code = results.main([str(word) for word in (place / "data", *files, *options)])
        written = place / f"{out}.md"
        return code, written.read_text(encoding="utf-8") if written.is_file() else ""

    yield call
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def whole(run):
    """The whole experiment, done once."""
    code, text = run()
    assert code == 0
    return text


@pytest.fixture(scope="module")
def jobs(place):
    return experiment.jobs(experiment.read(place / "experiment.toml"), (place / "out").resolve(), {})


def table(text, title):
    """The first table below a heading, as lists of cells."""
    section = text.partition(f"\n{title}\n")[2]
    lines = re.search(r"((?:^\|.*\n)+)", section, re.MULTILINE)[1].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("|---")]


# the whole way


def test_the_page_has_the_scores_of_every_row_and_target(whole, place, jobs):
    rows = table(whole, "## F1")
    assert rows[0] == ["", "xx", "zz", "mean"]
    assert [row[0] for row in rows[1:]] == ["direct", "tsl", "mtmt", "longer, warmer", "mtmt-no-similarity"]
    for row in rows[1:]:
        for target, shown in zip(("xx", "zz"), row[1:], strict=False):
            folders = [job.request.folder for job in jobs if (job.row, job.target) == (row[0], target)]
            f1 = [json.loads((folder / "metrics.json").read_text())["overall"]["f1"] for folder in folders]
            assert shown.replace("**", "") == f"{np.mean(f1):.2f} ± {np.std(f1, ddof=1):.2f}"
    assert max(float(row[1].replace("**", "").split()[0]) for row in rows[1:]) > 20  # there is something to compare


def test_differences_are_against_both_rows(whole):
    f1 = {row[0]: [float(cell.replace("**", "").split()[0]) for cell in row[1:]] for row in table(whole, "## F1")[1:]}
    for first in ("direct", "tsl"):
        rows = table(whole, f"## Against {first}")
        assert first not in [row[0] for row in rows] and len(rows) == 5
        for title, *cells in rows[1:]:
            for cell, here, there in zip(cells, f1[title], f1[first], strict=True):
                gain, low, high = map(float, re.findall(r"[+-][\d.]+", cell))
                assert gain == pytest.approx(here - there, abs=0.02) and low <= gain <= high


def test_a_shared_student_counts_for_both_rows_but_is_trained_once(whole, jobs, place):
    done = {cell.job.name: cell for cell in collect(jobs, Store((place / "out").resolve()))}
    one, other = (
        next(cell for cell in done.values() if (cell.job.row, cell.job.target, cell.job.seed) == (row, "zz", 1))
        for row in ("tsl", "mtmt-no-similarity")
    )
    assert one.keys == other.keys and one.whole and other.whole
    assert one.costs.keys() - other.costs.keys() == {one.job.name}
    titles = [json.loads(file.read_text())["title"] for file in (place / "out/cost").glob("*.json")]
    assert sum(title.startswith("student") for title in titles) == 3 * 4  # of four rows with students
    costs = {row[0]: row for row in table(whole, "## Time and memory")[1:]}
    assert costs["tsl"][1:4] == costs["mtmt-no-similarity"][1:4]
    assert costs["direct"][2:4] == ["", ""]


def test_every_teacher_has_its_auc_on_source_dev_and_on_the_targets(whole, place):
    dev = table(whole, "## Evaluators")
    assert [row[0] for row in dev[1:]] == ["recognizer, hidden states", "similarity", "similarity"] * 2
    assert [row[1] for row in dev[1:4]][1:] == ["mtmt", "longer, warmer"]
    assert [row[2] for row in dev[1:]] == ["0"] * 3 + ["1"] * 3
    assert all(0 <= float(auc) <= 1 for row in dev[1:] for auc in row[3].split(" / "))
    assert table(whole, "### On the targets, after the fact")[0][-2:] == ["xx", "zz"]
    assert len(list((place / "out/quality").glob("*.json"))) == 6 * 3


def test_the_passport(whole):
    rows = dict(row for row in table("\n# Results\n" + whole, "# Results"))
    assert rows["command"].startswith("`python examples/uner/results.py DATA")
    assert rows["seeds"] == "0, 1 (n = 2)" and rows["data"] == "a tiny corpus; all sentences of each training split"
    assert rows["scoring rule"].startswith("conlleval") and rows["checkpoint"] == "last step"
    assert "cores" in rows["hardware"] and rows["threads"] == "1" and "torch" in rows["versions"]
    assert "longer, warmer: `mtmt` with `student.epochs=2`, `teachers.similarity.words=uniform`" in whole
    assert "- zz/train: 60 sentences" in whole and "Not finished" not in whole and "Failed" not in whole


def test_what_is_done_is_kept_and_rendering_repeats_itself(whole, run, place, monkeypatch):
    monkeypatch.setattr(running, "score", lambda *_: pytest.fail("trained again"))
    code, text = run()
    assert code == 0
    assert [line for line in text.splitlines() if not line.startswith("| time")] == [
        line for line in whole.splitlines() if not line.startswith("| time")
    ]
    assert run("--only-render") == (0, text)


def test_students_are_not_kept_but_teachers_are(whole, place):
    records = [json.loads(file.read_text()) for file in (place / "out/stages").glob("*/stage.json")]
    assert {record["stage"] for record in records} == {"fit", "label"}


def test_a_cell_that_fails_does_not_lose_the_others(whole, run, place, monkeypatch):
    real = running.score

    def score(request, *others):
        if request.config.target.language == "xx":
            raise MemoryError("too much")
        return real(request, *others)

    monkeypatch.setattr(running, "score", score)
    code, text = run("--rows", "direct", "tsl", "--seeds", "1", "--limit-source", "20", out="failing")
    assert code == 1
    assert "- tsl on xx, seed 0: MemoryError: too much" in text and table(text, "## F1")[1][1] == ""
    monkeypatch.undo()
    code, text = run("--rows", "direct", "tsl", "--seeds", "1", "--limit-source", "20", out="failing")
    assert code == 0 and "Failed" not in text and "20 source sentences" in text


def test_a_run_that_was_stopped_goes_on(run, place, monkeypatch):
    real, done = running.score, []

    def score(request, *others):
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(f"{request.config.method}-{request.config.target.language}")
        return real(request, *others)

    monkeypatch.setattr(running, "score", score)
    options = ("--rows", "direct", "tsl", "--seeds", "1", "--limit-target", "20")
    with pytest.raises(KeyboardInterrupt):
        run(*options, out="stopped")
    done.clear()
    code, text = run(*options, out="stopped")
    assert (code, done) == (0, ["tsl-zz"])
    assert "Not finished" not in text and "20 target sentences" in text


def test_prose_written_by_hand_is_kept(whole, jobs, place):
    what, store = experiment.read(place / "experiment.toml"), Store((place / "out").resolve())
    (place / "reading.md").write_text("## What it says\n\n{{ It }} wins.\n", encoding="utf-8")
    assert "\n## What it says\n\n{{ It }} wins.\n\n## F1\n" in page.render(
        what, jobs, store, "do it", place / "reading.md"
    )


def test_an_unfinished_page_says_so(whole, jobs, place):
    what, store = experiment.read(place / "experiment.toml"), Store((place / "out").resolve())
    more = experiment.jobs(what.model_copy(update={"seeds": (0, 1, 2)}), store.folder, {})
    text = page.render(what, more, store, "do it", place / "none.md")
    assert "**Not finished:** 10 cells are still to be run." in text


def test_nothing_to_show(run, capsys):
    assert run("--only-render", "--seeds", "7,8")[0] == 1
    assert "no cell has a score to show: nothing was run" in capsys.readouterr().err


# the experiment


def test_other_settings_have_other_names(place):
    what = experiment.read(place / "experiment.toml")
    names = [{job.name for job in experiment.jobs(what, place, limits)} for limits in ({}, {"source.limit": 9})]
    assert len(names[0]) == len(names[1]) == 20 and not names[0] & names[1]


def test_the_cells_go_by_seed_and_then_by_target(jobs):
    assert [(job.seed, job.target) for job in jobs[::5]] == [(0, "xx"), (0, "zz"), (1, "xx"), (1, "zz")]


def test_the_experiment_of_the_docs_is_valid():
    what = experiment.read(Path(results.HERE / "experiment.toml"))
    assert {*what.targets, "en"} == {*what.corpora} and len(experiment.jobs(what, Path("x"), {})) >= 126
    assert experiment.jobs(what, Path("x"), {})[0].config.labels.map == {"PERS": "PER", "*": "O"}


def test_corpora_that_are_not_there_are_named_together(place, tmp_path):
    what = experiment.read(place / "experiment.toml")
    with pytest.raises(DataError, match=r"no file .*en/train\.conll.*zz/dev\.conll.*README\.md says where to get"):
        experiment.lay_out(what, tmp_path, tmp_path / "out")


@pytest.mark.parametrize("option", ["--targets", "--rows"])
def test_names_that_are_not_in_the_experiment(run, option, capsys):
    assert run(option, "nope")[0] == 2
    assert f"{option}: there is no 'nope'; there are: " in capsys.readouterr().err


def test_two_rows_of_one_name(place, tmp_path):
    (tmp_path / "e.toml").write_text((place / "experiment.toml").read_text().replace('name = "longer, warmer"', ""))
    with pytest.raises(UsageError, match="there are several rows 'mtmt'; give them names"):
        experiment.read(tmp_path / "e.toml")


# what is looked at


def test_changes_by_hand():
    gold = [["O", "O", "B-PER", "I-PER"], ["B-LOC", "O", "B-ORG"]]
    before = [["O", "B-PER", "O", "I-PER"], ["B-ORG", "O", "O"]]
    after = [["B-LOC", "O", "B-PER", "O"], ["B-PER", "O", "O"]]
    assert count(gold, before, after) == Changes(words=7, mended=(1, 1), spoilt=(1, 1), other=1)


def test_word_f1_by_hand():
    gold, said = np.array(["O", "B-PER", "B-LOC", "O"]), np.array(["B-PER", "B-PER", "B-ORG", "O"])
    assert word_f1(gold, said) == pytest.approx(100 * 2 * 1 / (3 + 2))


def test_weights_add_up_to_all_words_and_pairs(whole, jobs, place):
    store = Store((place / "out").resolve())
    first = next(job for job in jobs if job.row == "mtmt")
    looked = store.load(Weights, first.name)
    words = sum(len(line.split()) > 1 for line in (place / "data/xx/test.conll").read_text().splitlines())
    assert sum(one.number for one in looked.alpha) == words
    assert sum(one.number for one in looked.score) == sum(one.number for one in looked.gamma) > 0
    assert store.load(Weights, next(job for job in jobs if job.row == "mtmt" and job.seed == 1).name) is None


def test_a_damaged_record_is_none(tmp_path):
    store = Store(tmp_path)
    assert store.load(Quality, "a") is None
    store.save("a", Quality(vectors="t", entities=0.5, outside=None))
    assert store.load(Quality, "a") == Quality(vectors="t", entities=0.5, outside=None)
    (tmp_path / "quality/a.json").write_text("{")
    assert store.load(Quality, "a") is None and store.load(Interval, "a") is None


def test_a_record_is_no_other_kinds(tmp_path):
    Store(tmp_path).save("a", running.Finished(cell=Cell(method="m", target="t", seed=0, folder="f"), commit="c"))
    assert Store(tmp_path).load(Quality, "a") is None
