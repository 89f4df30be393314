"""Records as annotation tools write them: words or a text, with tags or spans under whatever key."""

import json

import pytest

from xner.corpora.corpus import Sentence

TEXT = "Angela Merkel besuchte Paris."
TOKENS = ["Angela", "Merkel", "besuchte", "Paris", "."]
TAGS = ["B-PER", "I-PER", "O", "B-LOC", "O"]
SPANS = [[0, 13, "PER"], [23, 28, "LOC"]]
OBJECTS = [{"start": start, "end": end, "label": kind} for start, end, kind in SPANS]
VALUES = [{"start": s, "end": e, "text": TEXT[s:e], "labels": [kind]} for s, e, kind in SPANS]
STUDIO = {
    "id": 1,
    "data": {"text": TEXT},
    "annotations": [
        {
            "id": 7,
            "was_cancelled": False,
            "result": [{"value": value, "from_name": "label", "to_name": "text", "type": "labels"} for value in VALUES],
        }
    ],
}


def lines(*rows):
    return "\n".join(map(json.dumps, rows)) + "\n"


@pytest.mark.parametrize(
    ("row", "layout"),
    [
        ({"text": TEXT, "entities": SPANS}, "keys: text, entities"),  # spaCy
        ([TEXT, {"entities": SPANS}], "keys: text, entities"),
        ({"id": 3, "text": TEXT, "label": SPANS, "Comments": []}, "keys: text, label"),  # Doccano
        ({"id": 3, "text": TEXT, "labels": SPANS}, "keys: text, labels"),
        (
            {
                "text": TEXT,
                "entities": [{"id": 1, "label": kind, "start_offset": s, "end_offset": e} for s, e, kind in SPANS],
                "relations": [],
                "Comments": [],
            },
            "keys: text, entities",
        ),
        (  # Prodigy
            {
                "text": TEXT,
                "tokens": [
                    {"text": token, "start": start, "end": start + len(token), "id": number, "ws": True}
                    for number, (token, start) in enumerate(zip(TOKENS, [0, 7, 14, 23, 28], strict=True))
                ],
                "spans": [{**span, "token_start": 0, "token_end": 1} for span in OBJECTS],
                "answer": "accept",
            },
            "keys: tokens, spans",
        ),
        ({"text": TEXT, "spans": OBJECTS, "meta": {"source": ["x"]}}, "keys: text, spans"),
        (STUDIO, "keys: text, entities"),  # Label Studio, and its smaller export
        ({"id": 1, "text": TEXT, "label": VALUES, "annotator": 1, "annotation_id": 5}, "keys: text, label"),
        ({"tokenized_text": TOKENS, "ner": [[0, 1, "PER"], [3, 3, "LOC"]]}, "keys: tokenized_text, ner"),  # GLiNER
        ({"tokens": TOKENS, "ner": [[0, 1, "PER"], [3, 3, "LOC"]]}, "keys: tokens, ner"),
        ({"tokens": TOKENS, "text": TEXT, "entities": SPANS}, "keys: tokens, entities"),
        (
            {
                "tokens": TOKENS,
                "entities": [{"type": "PER", "start": 0, "end": 2}, {"type": "LOC", "start": 3, "end": 4}],
            },
            "keys: tokens, entities",
        ),
        ({"tokens": TOKENS, "labels": TAGS}, "keys: tokens, labels"),
        ({"tokens": TOKENS, "ner": TAGS}, "keys: tokens, ner"),
        ({"words": TOKENS, "tags": TAGS}, "keys: words, tags"),
        ({"tokens": TOKENS, "tags": TAGS, "text": "other", "pos_tags": [1] * 5}, ""),
        ({"tokens": TOKENS, "ner_tags": TAGS, "id": "0"}, ""),
        ({"text": " ".join(TOKENS), "tags": TAGS}, "keys: text, tags"),
    ],
)
def test_records_of_tools(told, row, layout):
    assert told(lines(row), "x.jsonl") == ([Sentence(TOKENS, TAGS)], layout, [])
    assert told(json.dumps([row], indent=1), "x.json") == ([Sentence(TOKENS, TAGS)], layout, [])


@pytest.mark.parametrize("key", ["entities", "spans", "label", "labels", "annotations"])
def test_a_text_without_entities_is_labelled(told, key):
    assert told(lines({"text": "Ann ran", key: []}), "x.jsonl").sentences == [Sentence(["Ann", "ran"], ["O", "O"])]
    assert told(lines({"tokens": ["Ann"], "ner": []}), "x.jsonl").sentences == [Sentence(["Ann"], ["O"])]
    assert told(lines({"text": "Ann ran", key: None}), "x.jsonl").sentences == [Sentence(["Ann", "ran"])]


def test_overlapping_spans(told):
    spans = [[0, 6, "PER"], [0, 13, "PER"], [7, 13, "ORG"], [0, 13, "PER"], [23, 28, "LOC"]]
    sentences, _, notes = told(lines({"text": TEXT, "entities": spans}), "x.jsonl")
    assert sentences == [Sentence(TOKENS, TAGS)]
    assert notes == ["x.jsonl:1: the span 0-6 (PER) overlaps a longer one, and is left out (2 of this kind)"]


def test_misaligned_and_empty_spans(told):
    row = {"text": TEXT, "entities": [[0, 12, "PER"], [22, 28, "LOC"], [13, 14, "X"]]}
    sentences, _, notes = told(lines(row, {"text": TEXT, "entities": [[1, 13, "PER"], [23, 27, "LOC"]]}), "x.jsonl")
    assert sentences == [Sentence(TOKENS, TAGS)] * 2
    assert notes == [
        "x.jsonl:1: the span 0-12 (PER) cuts a word, and is widened to whole words (3 of this kind)",
        "x.jsonl:1: the span 13-14 (X) has no word, and is left out",
    ]


def test_records_that_annotators_did_not_accept(told):
    rows = [{"text": "Ann", "spans": [], "answer": answer} for answer in ("accept", "reject", "ignore")]
    sentences, _, notes = told(lines(*rows), "x.jsonl")
    assert len(sentences) == 1
    assert notes == ["x.jsonl:2: the record was answered with reject, and is left out (2 of this kind)"]


def test_several_annotations_and_types(told):
    first, cancelled = STUDIO["annotations"][0], {"result": [], "was_cancelled": True}
    twice = {**STUDIO, "annotations": [cancelled, first, {"result": []}]}
    sentences, _, notes = told(lines(twice), "x.jsonl")
    assert sentences == [Sentence(TOKENS, TAGS)]
    assert notes == ["x.jsonl:1: 2 annotations of one text, of which the first is read"]
    row = {"text": "Ann", "label": [{"start": 0, "end": 3, "labels": ["PER", "X"]}]}
    sentences, _, notes = told(lines(row), "x.jsonl")
    assert sentences[0].tags == ["B-PER"]
    assert notes == ["x.jsonl:1: a span has the types PER, X, of which the first is taken"]
    untouched = {**STUDIO, "annotations": []}
    assert told(lines(untouched), "x.jsonl").sentences == [Sentence(TOKENS)]


def test_a_task_that_was_skipped_is_left_out(told):
    skipped = {**STUDIO, "annotations": [{"result": [], "was_cancelled": True}]}
    sentences, _, notes = told(lines(STUDIO, skipped), "x.jsonl")
    assert sentences == [Sentence(TOKENS, TAGS)]
    assert notes == ["x.jsonl:2: the record was answered with skip, and is left out"]


def test_what_a_model_predicted_is_no_label(told):
    predicted = {"data": STUDIO["data"], "predictions": STUDIO["annotations"]}
    assert told(lines(predicted), "x.jsonl").sentences == [Sentence(TOKENS)]
    assert told(lines(predicted | {"annotations": []}), "x.jsonl").sentences == [Sentence(TOKENS)]


def test_text_of_label_studio_under_another_key(told):
    assert told(lines({**STUDIO, "data": {"review": TEXT}}), "x.jsonl").sentences == [Sentence(TOKENS, TAGS)]


def test_numbers_with_names(told, refused):
    names = ["O", "B-PER", "I-PER", "B-LOC"]
    row = {"tokens": TOKENS, "ner_tags": [1, 2, 0, 3, 0]}
    assert told(lines(row), "x.jsonl", names=names).sentences == [Sentence(TOKENS, TAGS)]
    assert refused(lines(row), "x.jsonl") == (
        'x.jsonl:1: the tag 1 has no name; expected tags such as B-PER, or names = ["O", ...]'
    )
    assert refused(lines(row), "x.jsonl", names=names[:3]) == "x.jsonl:1: the tag 3 has no name; names has 3 of them"


def test_types_without_prefix(told):
    rows = [{"tokens": ["Rome"], "ner": ["LOC"]}, {"tokens": ["so", "it", "is"], "ner": ["O", "O", "O"]}]
    sentences, _, notes = told(lines(*rows), "x.jsonl")
    assert sentences[0] == Sentence(["Rome"], ["B-LOC"])
    assert notes == ["x.jsonl:1: the tag 'LOC' is read as I-LOC"]


@pytest.mark.parametrize(
    ("row", "options", "said"),
    [
        (
            {"text": "Ann ran", "ents": [[0, 3, "PER"]]},
            {},
            'the key "ents" is not read, and no other has labels; set corpora.folder.tag_column=ents or =none'
            "; the record is {'text': 'Ann ran', 'ents': [[0, 3, 'PER']]}",
        ),
        ({"text": "x", "label": {"name": {"x": [[0, 1]]}}}, {}, "the tags are not a list of 1"),
        ({"text": "x", "a\nb": [1]}, {}, 'the key "a b" is not read'),
        ({"text": 1, "a\nb": 1}, {}, "found text, a b; the record is"),
        ({"text": "x", "result": {"name": {"x": [[0, 1]]}}}, {}, 'the key "result" is not read'),
        (
            {"text": "x", "label": "good"},
            {},
            "the tags are not a list of 1: 'good'; they are those of \"label\"; set corpora.",
        ),
        ({"text": "Ann", "entities": [[0, 4, "PER"]]}, {}, "the span 0-4 (PER) is not inside of 0-3"),
        ({"text": "Ann", "entities": [[2, 1, "PER"]]}, {}, "the span 2-1 (PER) is not inside of 0-3"),
        (
            {"text": "Ann", "entities": [["a", 1, "PER"]]},
            {},
            "\"['a', 1, 'PER']\" is no span; expected [start, end, typ",
        ),
        ({"text": "Ann", "entities": [{"from": 0}]}, {}, "\"{'from': 0}\" is no span"),
        ({"tokens": ["Ann"], "ner": [[0, 1, "PER"]]}, {}, "the span 0-2 (PER) is not inside of 0-1"),
        ({"tokens": ["Ann"], "entities": [[0, 1, "PER"]]}, {}, '"entities" counts words, and whether the last word'),
        ({"tokens": ["Bo"], "text": "Ann", "entities": [[0, 1, "X"]]}, {}, "the word 'Bo' is not in the text after"),
        ({"tokens": ["Ann"]}, {"token_column": "form"}, 'expected "form" (token_column); found tokens'),
        ({"tokens": [["a"]], "tags": ["O"]}, {}, 'expected "tokens", a list of words'),
    ],
)
def test_what_cannot_be_read_is_told(refused, row, options, said):
    message = refused(lines({"text": "x"} if "text" in row else {"tokens": ["x"]}, row), "x.jsonl", **options)
    assert said in message
    assert message.startswith("x.jsonl:1: " if options else "x.jsonl:2: ")


def test_keys_that_are_set(told):
    row = {"form": TOKENS, "gold": TAGS, "tags": ["O"] * 5}
    assert told(lines(row), "x.jsonl", token_column="form", tag_column="gold").sentences == [Sentence(TOKENS, TAGS)]
    row = {"body": TEXT, "ents": SPANS}
    assert told(lines(row), "x.jsonl", token_column="body", tag_column="ents").sentences == [Sentence(TOKENS, TAGS)]
    assert told(lines({"text": "Ann", "label": "good"}), "x.jsonl", tag_column="none").sentences == [Sentence(["Ann"])]


def test_raw_text_with_other_keys(told):
    row = {"id": 1, "text": "Ann ran", "meta": {"a": [1]}, "url": "http://a", "score": 0.5, "empty": []}
    assert told(lines(row), "x.jsonl") == ([Sentence(["Ann", "ran"])], "", [])
