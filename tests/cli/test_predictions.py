"""What `xner predict` reads and prints; texts are never taken for markup, and lines are not cut."""

import json

import pytest

from xner.cli import predictions
from xner.corpora.labels import LabelSet
from xner.decoding.decoder import Decoded
from xner.errors import DataError
from xner.using.predicting import Predictor


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")


class Fixed:
    labels = LabelSet(("LOC", "PER"))
    tokenizer = None

    def tag(self, corpus):
        for sentence in corpus:
            best = ["B-PER" if token[0].isupper() else "O" for token in sentence.tokens]
            yield Decoded(best, [], [0.5] * best.count("B-PER"))


def predicted(form, texts):
    predictions.show_predictions(Predictor(Fixed()), predictions.inputs(texts, None), form)


def test_a_text_is_shown_as_it_is_with_its_entities_below(capsys):
    text = "Ada [/x] :smile: \\[b] " + "and so on " * 10 + "Rome"
    predicted("text", [text, "nothing"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == text
    assert lines[1] == "  PER   0.50     0-3    Ada"
    assert lines[2].split() == ["PER", "0.50", f"{len(text) - 4}-{len(text)}", "Rome"]
    assert lines[3:] == ["nothing"]


def test_jsonl_is_one_object_a_line(capsys):
    texts = ["Ada\tÉva " * 20, "", "line\nbreak"]
    predicted("jsonl", texts)
    documents = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [document["text"] for document in documents] == texts
    assert documents[0]["entities"][1] == {"type": "PER", "text": "Éva", "start": 4, "end": 7, "score": 0.5}


def test_conll_has_tabs_and_an_empty_line_after_each_text(capsys):
    predicted("conll", ["Ada sees", "Rome"])
    assert capsys.readouterr().out == "Ada\tB-PER\nsees\tO\n\nRome\tB-PER\n\n"


def test_the_formats_are_these():
    assert predictions.FORMATS == ("text", "jsonl", "conll")


def test_inputs_from_files(tmp_path):
    (tmp_path / "a.TXT").write_bytes(b"\xef\xbb\xbfAda  x\r\n\r\nEva")
    assert [text for text, _ in predictions.inputs([], tmp_path / "a.TXT")] == ["Ada  x", "", "Eva"]
    (tmp_path / "a.jsonl").write_text('{"tokens": ["New York", "!"]}\n')
    ((text, words),) = predictions.inputs([], tmp_path / "a.jsonl")
    assert text == "New York !"
    assert [word.text for word in words] == ["New York", "!"]


def test_a_text_file_that_is_not_utf8_is_named_with_the_line(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"fine\ncaf\xe9\n")
    with pytest.raises(DataError, match=r"a\.txt:2: 'utf-8' codec can't decode .*; save the file as utf-8, or "):
        list(predictions.inputs([], tmp_path / "a.txt"))
