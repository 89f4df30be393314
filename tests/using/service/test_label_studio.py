"""What Label Studio asks of a machine-learning backend, message by message as its own client sends them."""

import pytest

from xner.errors import DataError
from xner.using.service.label_studio import TASKS, Interface
from xner.using.serving import CHARACTERS

CONFIG = """<View>
  <Header value="Names"/>
  <Choices name="kind" toName="doc"><Choice value="good"/></Choices>
  <Labels name="ner" toName="doc"><Label value="PER" background="red"/><Label value="LOC"/></Labels>
  <Text name="doc" value="$body"/>
</View>"""
ADA = "Ada sees Rome near Acme"


def task(number, **data):
    """A task as Label Studio serializes it."""
    return {
        "id": number,
        "data": data,
        "meta": {},
        "created_at": "2024-01-01T00:00:00Z",
        "is_labeled": False,
        "project": 1,
        "annotations": [],
        "predictions": [],
    }


def predict(client, *tasks, config=CONFIG):
    body = {
        "tasks": tasks,
        "project": "1.1700000000",
        "label_config": config,
        "params": {"login": None, "password": None, "context": None},
    }
    return client.post("/predict", json=body)


def setup(client, config):
    body = {"project": "1.1700000000", "schema": config, "hostname": "http://ls:8080", "access_token": "secret"}
    return client.post("/setup", json={**body, "extra_params": None})


def test_a_project_is_connected(client):
    """Label Studio asks for the health first, then for the version, and for all of them where one is to be chosen."""
    assert client.get("/health").status_code == 200
    answer = setup(client, CONFIG)
    assert (answer.status_code, answer.json()) == (200, {"model_version": "runs/mine"})
    assert client.get("/versions").json() == {"versions": ["runs/mine"]}


def test_each_task_gets_a_prediction_in_the_names_of_the_interface(client, predictor):
    answer = predict(client, task(1, body=ADA, other="x"), task(2, body=""), task(3, body="Oslo 🙂 Noor"))
    assert answer.status_code == 200
    document = answer.json()
    assert (set(document), document["model_version"]) == ({"results", "model_version"}, "runs/mine")
    assert len(document["results"]) == 3
    for text, result in zip([ADA, "", "Oslo 🙂 Noor"], document["results"], strict=True):
        found = [one for one in predictor.predict(text)[0] if one.type in ("PER", "LOC")]  # it has no label ORG
        assert result["model_version"] == "runs/mine"
        assert result["score"] == min([one.score for one in found], default=1)
        for region, entity in zip(result["result"], found, strict=True):
            assert (region["from_name"], region["to_name"], region["type"]) == ("ner", "doc", "labels")
            value = {"start": entity.start, "end": entity.end, "text": entity.text, "labels": [entity.type]}
            assert (region["value"], region["score"]) == (value, entity.score)
    assert document["results"][0]["result"]


def test_texts_are_answered_as_before(client):
    assert [one["text"] for one in client.post("/predict", json={"texts": [ADA]}).json()] == [ADA]


def test_without_an_interface_the_usual_names_hold(client, predictor):
    for config in ("", None):
        (result,) = predict(client, task(1, text=ADA), config=config).json()["results"]
        assert len(result["result"]) == len(predictor.predict(ADA)[0])
        assert {(region["from_name"], region["to_name"]) for region in result["result"]} == {("label", "text")}


def test_the_only_text_of_a_task_is_taken_and_others_have_no_entities(client):
    results = predict(client, task(1, review=ADA), task(2, a=ADA, b=ADA), task(3, body=7)).json()["results"]
    assert [bool(result["result"]) for result in results] == [True, False, False]


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ("<View>", "the labelling interface is not XML: "),
        ('<!DOCTYPE v [<!ENTITY a "aa">]><View>&a;</View>', "the labelling interface has a DOCTYPE or entities; "),
        ('<View><Text name="t" value="$text"/></View>', "the labelling interface labels no text; it needs a tag"),
        (
            '<View><Labels name="l" toName="i"><Label value="PER"/></Labels><Image name="i" value="$u"/></View>',
            "the labelling interface labels no text",
        ),
    ],
)
def test_an_interface_that_does_not_fit_is_refused(client, config, said):
    for answer in (setup(client, config), predict(client, task(1, text=ADA), config=config)):
        (mistake,) = answer.json()["detail"]
        assert (answer.status_code, mistake["msg"].startswith(said)) == (422, True)
    with pytest.raises(DataError):
        Interface.read(config)


def test_the_labels_of_the_first_text_are_found_among_others():
    several = (
        '<View><Labels name="x" toName="img"/><Labels name="y" toName="a, b"><Label value="PER"/></Labels>%s</View>'
    )
    assert Interface.read(several % '<Text name="b" value="$q"/>') == Interface("y", "b", "q", frozenset({"PER"}))


def test_limits(client):
    (mistake,) = predict(client, *[task(1, body="x")] * (TASKS + 1)).json()["detail"]
    assert mistake["loc"] == ["body", "tasks"]
    (mistake,) = predict(client, task(1, body="x"), task(2, body="a" * (CHARACTERS + 1))).json()["detail"]
    assert mistake["msg"] == "task 1: its text has 20,001 characters; at most 20,000 are allowed"
    (mistake,) = client.post("/predict", json={"tasks": [{"id": 1}]}).json()["detail"]
    assert mistake["loc"] == ["body", "tasks", 0, "data"]
    body = '{"tasks": [{"data": {"text": "\\ud83d"}}]}'
    answer = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, "is not text" in answer.text) == (422, True)


def test_the_page_of_the_docs_tells_the_limit():
    from tests.pages import ROOT

    assert f"| tasks of a request | {TASKS:,} |" in (ROOT / "docs/serving.md").read_text(encoding="utf-8")
