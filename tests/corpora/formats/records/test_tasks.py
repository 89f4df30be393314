"""What annotation tools get, and what comes back from them, in the form that their documentation gives."""

import json
from xml.etree import ElementTree

import pytest

from xner.corpora.corpus import Sentence
from xner.corpora.formats.records.spans import Marked
from xner.corpora.formats.records.tasks import Draft, write_doccano, write_interface, write_label_studio
from xner.errors import DataError

TEXT = 'Zoë "Ada" visits\t東京 🙂 Rome.'
PLACES = {"PER": (5, 8), "LOC": (17, 19), "ORG": (22, 26)}
DRAFT = Draft(
    TEXT, [Marked(kind, *place) for kind, place in PLACES.items()], [0.9, 0.25, 0.5], {"rank": 1, "gain": 2.5}
)
PLAIN = Draft("nothing here", [], [], {"rank": 2, "gain": 0.5})
READ = [
    Sentence(
        ["Zoë", '"', "Ada", '"', "visits", "東", "京", "🙂", "Rome", "."],
        ["O", "O", "B-PER", "O", "O", "B-LOC", "I-LOC", "O", "B-ORG", "O"],
    ),
    Sentence(["nothing", "here"], ["O", "O"]),
]


def test_label_studio_gets_the_text_what_to_sort_by_and_the_prediction(tmp_path):
    write_label_studio(tmp_path / "tasks.json", [DRAFT, PLAIN], "runs/mine")
    first, second = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    assert first["data"] == {"text": TEXT, "rank": 1, "gain": 2.5}
    (predicted,) = first["predictions"]
    assert (predicted["model_version"], predicted["score"]) == ("runs/mine", 0.25)
    for region, (kind, (start, end)) in zip(predicted["result"], PLACES.items(), strict=True):
        assert (region["from_name"], region["to_name"], region["type"]) == ("label", "text", "labels")
        assert region["value"] == {"start": start, "end": end, "text": TEXT[start:end], "labels": [kind]}
    assert [region["score"] for region in predicted["result"]] == [0.9, 0.25, 0.5]
    assert len({region["id"] for region in predicted["result"]}) == 3
    assert second["predictions"] == [{"model_version": "runs/mine", "score": 1.0, "result": []}]
    assert "annotations" not in first  # nobody has looked at it


def test_the_interface_names_what_the_tasks_name(tmp_path):
    write_interface(tmp_path / "interface.xml", ["PER", 'A&B "x"'])
    view = ElementTree.parse(tmp_path / "interface.xml").getroot()
    labels, text = view.find("Labels"), view.find("Text")
    assert (view.tag, labels.attrib, text.attrib) == (
        "View",
        {"name": "label", "toName": "text"},
        {"name": "text", "value": "$text"},
    )
    assert [label.get("value") for label in labels] == ["PER", 'A&B "x"']


def test_what_label_studio_exports_is_read_with_the_labels_of_the_annotator(tmp_path, told):
    write_label_studio(tmp_path / "tasks.json", [DRAFT, PLAIN], "m")
    tasks = json.loads((tmp_path / "tasks.json").read_text(encoding="utf-8"))
    for number, task in enumerate(tasks):  # the annotator accepts what is predicted; the export has both
        results = [{**region, "origin": "prediction"} for region in task["predictions"][0]["result"]]
        task |= {"id": number, "annotations": [{"id": number, "was_cancelled": False, "result": results}]}
    assert told(json.dumps(tasks), "export.json").sentences == READ
    tasks[0]["annotations"][0]["result"] = []
    assert told(json.dumps(tasks), "export.json").sentences[0].tags == ["O"] * 10


def test_the_smaller_export_has_no_key_for_labels_where_there_are_none(told):
    about = {"annotator": 1, "annotation_id": 5, "created_at": "2026-01-01", "updated_at": "", "lead_time": None}
    values = [{"start": s, "end": e, "text": TEXT[s:e], "labels": [kind]} for kind, (s, e) in PLACES.items()]
    small = [{"text": TEXT, "rank": 1, "id": 1, "label": values, **about}, {"text": PLAIN.text, "id": 2, **about}]
    assert told(json.dumps(small), "export-min.json").sentences == READ
    assert told(json.dumps({"text": PLAIN.text, "annotation_id": 5}), "raw.json").sentences[0].tags is None
    other = {"text": PLAIN.text, "entity": values, **about}  # under another name it is asked which it is
    with pytest.raises(DataError, match='the key "entity" is not read'):
        told(json.dumps([other]), "export-min.json")


def test_doccano_gets_a_record_a_line_and_its_export_is_read(tmp_path, told):
    write_doccano(tmp_path / "records.jsonl", [DRAFT, PLAIN])
    lines = (tmp_path / "records.jsonl").read_text(encoding="utf-8").splitlines()
    first, second = map(json.loads, lines)
    assert first == {"text": TEXT, "label": [[s, e, kind] for kind, (s, e) in PLACES.items()], "rank": 1, "gain": 2.5}
    assert second["label"] == []
    exported = [{"id": 7, "text": row["text"], "label": row["label"], "Comments": []} for row in (first, second)]
    assert told("\n".join(map(json.dumps, exported)), "all.jsonl").sentences == READ
    relations = [
        {
            "id": 7,
            "text": row["text"],
            "entities": [
                {"id": n, "label": kind, "start_offset": s, "end_offset": e}
                for n, (s, e, kind) in enumerate(row["label"])
            ],
            "relations": [],
        }
        for row in (first, second)
    ]
    assert told("\n".join(map(json.dumps, relations)), "all.jsonl").sentences == READ


@pytest.mark.parametrize("write", [lambda f: write_label_studio(f, [], "m"), lambda f: write_doccano(f, [])])
def test_a_place_that_cannot_be_written_is_told(tmp_path, write):
    with pytest.raises(DataError, match="cannot be written"):
        write(tmp_path / "nowhere" / "x")
