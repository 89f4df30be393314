import json

import pytest

from xner.errors import DataError
from xner_tof import squad
from xner_tof.questions import Question

TEXT = "Ada Lovelace lived in London, not in Rome."


def asked(question="Who lived?", context=TEXT, answers=(("Ada Lovelace", 0),)):
    answers = [{"text": text, "answer_start": start} for text, start in answers]
    return {"data": [{"paragraphs": [{"context": context, "qas": [{"question": question, "answers": answers}]}]}]}


def flat(question="Who?", context=TEXT, texts=("London",), starts=(22,)):
    return {"question": question, "context": context, "answers": {"text": list(texts), "answer_start": list(starts)}}


@pytest.fixture
def read(tmp_path):
    def read(content, name="qa.json"):
        file = tmp_path / name
        file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return squad.read(str(file))

    return read


def test_squads_own_form(read):
    words = ["Ada", "Lovelace", "lived", "in", "London", ",", "not", "in", "Rome", "."]
    answers = [("Ada Lovelace", 0), ("Lovelace", 4), ("Ada Lovelace", 0), ("Rom", 37)]
    assert read(asked(answers=answers)) == [Question(["Who", "lived", "?"], words, [(0, 2), (1, 2), (8, 9)])]
    assert read(asked(answers=()))[0].answers == []


def test_json_lines(read):
    (one, other) = read(f"{json.dumps(flat())}\n\n{json.dumps(flat(texts=(), starts=()))}\n", "qa.jsonl")
    assert one.answers == [(4, 5)] and other.answers == []


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        ("{", "qa.json", r"qa\.json:1: is not JSON .*JSON Lines are called \.jsonl"),
        ({"data": [{"paragraphs": [{"qas": [{"question": "x"}]}]}]}, "qa.json", r"is not in SQuAD's form: .*'context'"),
        ([1], "qa.json", r"is not in SQuAD's form"),
        ({"data": []}, "qa.json", r"qa\.json: has no question"),
        (asked(answers=[("Rome", 0)]), "qa.json", r"qa\.json, article 1: the answer 'Rome' does not stand at 0 of its"),
        (asked(answers=[(" ", 3)]), "qa.json", r"the answer ' ' does not stand at 3"),
        (asked(question=" "), "qa.json", r"article 1: expected a question and a context that are text"),
        ("\n{}\n", "qa.jsonl", r"qa\.jsonl:2: expected an object with question, context and answers"),
        (json.dumps(flat(starts=())), "qa.jsonl", r"qa\.jsonl:1: expected an object"),
        (json.dumps(flat(starts=(3,))), "qa.jsonl", r"qa\.jsonl:1: the answer 'London' does not stand at 3"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(read, content, name, message):
    with pytest.raises(DataError, match=message):
        read(content, name)


def test_a_file_that_is_not_there_or_not_utf8(tmp_path):
    with pytest.raises(DataError, match=r"no\.json: no such file of questions; set methods\.tof\.qa$"):
        squad.identity(str(tmp_path / "no.json"))
    (tmp_path / "odd.json").write_bytes(b"a \xff")
    with pytest.raises(DataError, match=r"odd\.json: is not UTF-8 \(byte 2\)"):
        squad.read(str(tmp_path / "odd.json"))


def test_its_identity_follows_the_content(tmp_path):
    found = []
    for name, text in (("a", "1"), ("b", "2"), ("c", "1")):
        (tmp_path / name).write_text(text)
        found.append(squad.identity(str(tmp_path / name)))
    assert found[0] == found[2] != found[1]
