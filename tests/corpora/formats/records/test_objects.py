import json

import pytest

from xner.corpora.corpus import Sentence

TWO = [Sentence(["Ann", "ran"], ["B-PER", "O"]), Sentence(["Rome"], ["B-LOC"])]


@pytest.mark.parametrize("suffix", [".jsonl", ".json"])
def test_json_lines(parse, suffix):
    rows = [
        {"tokens": ["Ann", "ran"], "tags": ["S-PER", "O"], "id": 1},
        {"tokens": ["Rome"], "ner_tags": ["B-LOC"]},
        {"tokens": ["Rome"], "tags": None},
        {"text": "Ann ran."},
    ]
    content = "\n\n".join(map(json.dumps, rows))
    assert parse(content, f"x{suffix}") == [*TWO, Sentence(["Rome"]), Sentence(["Ann", "ran", "."])]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "expected an object"),
        ('{"wordlist": ["a"]}', 'expected "tokens", a list of words, or "text", a sentence; found wordlist'),
        ('{"tokens": "a b"}', 'expected "tokens", a list of words'),
        ('{"tokens": ["a", 1]}', 'expected "tokens", a list of words'),
        ('{"text": 1}', 'expected "tokens", a list of words'),
        ('{"tokens": ["a", "b"], "tags": ["O"]}', "2 tokens, but the tags are not a list of 2: ['O']"),
        ('{"tokens": ["a"], "tags": []}', "1 tokens, but the tags are not a list of 1: []"),
        ('{"tokens": ["a"], "tags": "O"}', "1 tokens, but the tags are not a list of 1: 'O'"),
        ('{"tokens": ["a"], "ner_tags": [3]}', "the tag 3 has no name"),
        ('{"tokens": ["a"], "tags": ["PER"]}', "'PER' is not a tag"),
        ('{"tokens": ["\\ud800"]}', "surrogate"),
    ],
)
def test_json_errors_name_the_line(refused, line, said):
    message = refused('{"tokens": ["a"]}\n\n' + line, "x.jsonl")
    assert message.startswith("x.jsonl:3: ")
    assert said in message


ROWS = [{"tokens": ["Ann", "ran"], "tags": ["B-PER", "O"]}, {"tokens": ["Rome"], "tags": ["B-LOC"]}]


@pytest.mark.parametrize("suffix", [".json", ".jsonl"])
@pytest.mark.parametrize("indent", [None, 0, 2])
@pytest.mark.parametrize("start", ["", "\n \n", "\ufeff"])
def test_one_array(parse, suffix, indent, start):
    assert parse(start + json.dumps(ROWS, indent=indent) + "\n", f"x{suffix}") == TWO


def test_an_array_of_pairs_and_of_nothing(parse):
    assert parse('[["Ann ran", {"entities": [[0, 3, "PER"]]}]]', "x.json") == TWO[:1]
    assert parse("[ ]", "x.json") == []


def test_an_array_is_read_in_pieces(parse):
    """Objects end inside of pieces, at their ends, and after many of them."""
    rows = [{"tokens": ["ä" * size], "tags": ["O"]} for size in (1, 3, 40_000, 16_384, 200_000, 2)]
    assert [len(s.tokens[0]) for s in parse(json.dumps(rows, ensure_ascii=False), "x.json")] == [
        len(row["tokens"][0]) for row in rows
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('[\n{"tokens": ["a"]},\n{"tokens": [}\n]', "x.json:3: not JSON (Expecting value"),
        ('[\n{"tokens": ["a"]}\n', "x.json:3: not JSON (Expecting value"),
        ('[{"tokens": ["a"]}, 7]', "x.json:1: expected an object"),
        ('[\n\n{"tokens": ["a"], "tags": ["B-"]}]', "x.json:3: 'B-' is not a tag"),
        ("[" * 100_000, "x.json:1: not JSON"),
    ],
)
def test_errors_in_an_array_name_the_line(refused, content, said):
    assert refused(content, "x.json").startswith(said)


def test_one_object_over_several_lines_is_told(refused):
    assert refused('{\n"data": []\n}', "x.json").endswith("; expected one object a line, or one array of objects")
