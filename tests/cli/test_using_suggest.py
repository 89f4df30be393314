"""`xner suggest`, and the way of what is labelled: out for an annotation tool, back, and into a training."""

import json
from pathlib import Path

import pytest

from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.testing import tiny_corpus
from xner.using.serving import named


@pytest.fixture
def raw(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("raw.txt").write_text("".join(f"{' '.join(sentence.tokens)}\n" for sentence in tiny_corpus("xx")))
    return Path("raw.txt")


def suggested(folder="suggested"):
    return json.loads(Path(folder, "suggested.json").read_text(encoding="utf-8"))


def test_it_says_what_is_suggested_and_why(xner, tagger_folder, raw):
    code, out, err = xner("suggest", tagger_folder, "--file", raw, "-n", 12)
    lines = [line.rstrip() for line in out.splitlines()]
    assert code == 0
    assert lines[0].split() == ["gain", "doubt", "disagree", "new", "sentence"]
    first = suggested()["suggestions"][0]
    assert lines[1].split(maxsplit=4) == [
        f"{first['gain']:.3f}",
        f"{first['doubt']:.2f}",
        "0.00",
        f"{first['new']:.0%}",
        first["text"],
    ]
    assert lines[11] == "and 2 more; 12 of 60 sentences are suggested; 0 were left out as too similar"
    assert lines[-2:] == [
        "folder   suggested",
        "next     correct the labels in Label Studio, Doccano or an editor, and make them a source (--src)",
    ]
    assert "looking at 60 sentences with student" in err
    assert err.endswith("there is one tagger alone, so disagreement is 0; --with RUN asks another run's student, too\n")


def test_what_is_suggested_is_in_every_file_in_the_same_order(xner, tagger_folder, raw):
    code, out, _ = xner("suggest", tagger_folder, "--file", raw, "-n", 5, "--out", "mine", "--json")
    document, kept = json.loads(out), suggested("mine")
    assert (code, document.pop("folder"), document) == (0, "mine", kept)
    texts, lines = [one["text"] for one in kept["suggestions"]], raw.read_text().splitlines()
    assert [lines[one["number"] - 1] for one in kept["suggestions"]] == texts
    tasks = json.loads(Path("mine/label-studio.json").read_text())
    assert [task["data"]["text"] for task in tasks] == texts
    versions = {task["predictions"][0]["model_version"] for task in tasks}
    assert versions == set(named([tagger_folder]))  # what `xner serve` says, so that nothing is predicted twice
    assert [json.loads(line)["text"] for line in Path("mine/doccano.jsonl").read_text().splitlines()] == texts
    predicted = xner("predict", tagger_folder, "--file", "mine/suggested.conll", "--format", "conll")[1]
    assert predicted == Path("mine/suggested.conll").read_text()
    assert [" ".join(s.tokens) for s in read("mine/suggested.conll", ReadOptions())] == texts


def test_what_is_there_is_never_replaced(xner, tagger_folder, raw):
    """Somebody may have corrected the labels in it."""
    for _ in range(2):
        assert xner("suggest", tagger_folder, "--file", raw, "-n", 3)[0] == 0
        Path("suggested", "suggested.conll").write_text("corrected\tO\n")
    assert Path("suggested/suggested.conll").read_text() == "corrected\tO\n"
    assert len(suggested("suggested-2")["suggestions"]) == 3
    code, out, err = xner("suggest", tagger_folder, "--file", raw, "--out", "suggested")
    assert (code, out) == (1, "")
    assert err.startswith("xner: suggested: is there already and holds something else; choose another --out")


def test_what_is_labelled_is_not_suggested_again(xner, tagger_folder, raw):
    xner("suggest", tagger_folder, "--file", raw, "-n", 9)
    again = xner("suggest", tagger_folder, "--file", raw, "-n", 60, "--labelled", "suggested/suggested.conll", "--json")
    texts = {one["text"] for one in suggested()["suggestions"]}
    document = json.loads(again[1])
    assert not texts & {one["text"] for one in document["suggestions"]}
    assert document["similar"] >= 9


def test_another_student_is_asked_too(xner, tagger_folder, raw, tiny_workbench, tmp_path):
    tiny_workbench.new_tagger().save(tmp_path / "other")
    code, out, err = xner("suggest", tagger_folder, "--file", raw, "--with", tmp_path / "other", "--json")
    document = json.loads(out)
    assert (code, document["taggers"]) == (0, ["student", str(tmp_path / "other")])
    assert all(one["disagreement"] > 0 for one in document["suggestions"])
    assert "one tagger alone" not in err


def test_settings_and_mistakes(xner, tagger_folder, raw):
    asked = ("suggest", tagger_folder, "--file", raw, "--json", "-n", 4)
    document = json.loads(xner(*asked, "--set", "suggest.reading=1000", "--set", "suggest.again=1")[1])
    assert (document["settings"]["reading"], document["settings"]["again"]) == (1000, 1)
    gains = [one["doubt"] for one in document["suggestions"]]
    assert gains == sorted(gains, reverse=True)
    for wrong, said in {
        ("--set", "suggest.agin=1"): "there is no setting 'suggest.agin'. Did you mean 'again'?",
        ("--set", "suggest.again=2"): "suggest.again = 2: input should be less than or equal to 1",
        ("--set", "corpora.folder.encoding=klingon"): "corpora.folder.encoding = 'klingon'",
        ("-n", "0"): "Invalid value for '--number' / '-n'",
    }.items():
        code, out, err = xner(*asked, *wrong)
        assert (code, out, err.startswith(f"xner: {said}")) == (2, "", True), err


@pytest.mark.parametrize("option", [("--file", "no.txt"), ("--file", "raw.txt", "--labelled", "no.txt")])
def test_a_file_that_is_missing_is_told_before_a_model_is_loaded(xner, raw, monkeypatch, option):
    monkeypatch.setattr("xner.api.load", None)
    code, out, err = xner("suggest", "run", *option)
    assert (code, out, err) == (1, "", "xner: no.txt: no such file or folder. Did you mean 'raw.txt'?\n")
    assert not Path("suggested").exists()


def test_a_file_without_words(xner, tagger_folder, raw):
    raw.write_text("\n\n")
    code, out, err = xner("suggest", tagger_folder, "--file", raw)
    assert (code, out, Path("suggested").exists()) == (1, "", False)
    assert err == "xner: there is no sentence with a word to look at; expected raw text, a sentence a line\n"


# the round trip


def annotated(folder):
    """Return Label Studio's export after somebody looked at each task, corrected one and skipped another."""
    tasks = json.loads(Path(folder, "label-studio.json").read_text(encoding="utf-8"))
    for number, task in enumerate(tasks):
        result = [{**region, "origin": "prediction"} for region in task["predictions"][0]["result"]]
        task |= {"id": number, "annotations": [{"id": number, "was_cancelled": number == 1, "result": result}]}
    tasks[0]["annotations"][0]["result"] = []
    return json.dumps(tasks, ensure_ascii=False)


def test_what_comes_back_is_a_source_and_the_score_says_so(xner, task, raw, data_folder, tagger_folder):
    xner("suggest", tagger_folder, "--file", raw, "-n", 20)
    for language in ("en", "xx"):
        Path("labelled", language).mkdir(parents=True)
    Path("labelled/en/train.conll").write_text((data_folder / "en/train.conll").read_text())
    Path("labelled/xx/train.json").write_text(annotated("suggested"))
    mixed = (*task, "--src", "en,xx", "--src-dataset", "labelled", "--method", "direct")
    code, out, err = xner("train", *mixed)
    assert code == 0, err
    assert "labelled xx/train: 19 sentences" in err  # one was skipped
    assert "the record was answered with skip, and is left out" in err
    told = "xx is one of the sources: its labels were used for training, so these are not zero-resource scores"
    assert told in out
    scores = out.index("scored by")
    assert scores < out.index(told) < out.index("run folder")
    document = json.loads(xner("train", *mixed, "--json")[1])
    assert told in document["notes"]
    scored = xner("evaluate", document["folder"])
    assert (scored[0], told in scored[1]) == (0, True)
    assert told in json.loads(xner("evaluate", document["folder"], "--json")[1])["notes"]
    other = xner("evaluate", document["folder"], "--tgt", "zz")
    assert (other[0], "one of the sources" in other[1]) == (0, False)
