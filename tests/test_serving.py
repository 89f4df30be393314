import json
import socket
import sys
import threading
from importlib import reload

import pytest
from fastapi.testclient import TestClient

from xner import serving
from xner.errors import XnerError
from xner.predicting import Predictor

TEXTS = ["Ada sees Rome", "", "  \n", "王小明在北京", "שלום Ada", "🙂 Ada 🙂🙂 Rome", "Ada\tsees Rome. " * 300]


@pytest.fixture
def predictor(tiny_bench):
    """An untrained student whose tags differ from word to word."""
    tagger = tiny_bench.new_tagger()
    tagger.model.classifier.weight.data *= 20
    return Predictor(tagger)


@pytest.fixture
def client(predictor):
    with TestClient(serving.application(predictor, "a <b>student</b>")) as client:
        yield client


def test_each_text_is_answered_as_predict_prints_it(client, predictor):
    answer = client.post("/predict", json={"texts": TEXTS})
    assert answer.status_code == 200
    found = answer.json()
    assert [one["text"] for one in found] == TEXTS
    expected = [[entity.model_dump() for entity in entities] for entities in predictor.predict(TEXTS)]
    assert [one["entities"] for one in found] == expected
    assert sum(map(len, expected)) > 3
    for one in found:
        for entity in one["entities"]:
            assert one["text"][entity["start"] : entity["end"]] == entity["text"]


def test_no_texts_have_no_answer(client):
    assert client.post("/predict", json={"texts": []}).json() == []


@pytest.mark.parametrize(
    ("asked", "where", "why"),
    [
        ({"texts": ["a" * (serving.CHARACTERS + 1)]}, ["body", "texts", 0], "at most 20000 characters"),
        ({"texts": ["a"] * (serving.TEXTS + 1)}, ["body", "texts"], "at most 100 items"),
        ({"texts": "Ada"}, ["body", "texts"], "valid list"),
        ({"texts": [1]}, ["body", "texts", 0], "valid string"),
        ({}, ["body", "texts"], "required"),
        ({"texts": [], "text": "Ada"}, ["body", "text"], "not permitted"),
        ({"texts": ["\ud800"]}, ["body", "texts", 0], "unable to parse raw data as a unicode"),
    ],
)
def test_what_does_not_fit_is_refused_with_place_and_reason(client, asked, where, why):
    answer = client.post("/predict", content=json.dumps(asked), headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    (mistake,) = answer.json()["detail"]
    assert mistake["loc"][: len(where)] == where and why in mistake["msg"]
    assert mistake.keys() == {"loc", "msg", "type"}  # not the text itself


def test_many_mistakes_are_told_in_part(client):
    assert len(client.post("/predict", json={"texts": [0] * 50}).json()["detail"]) == 10


def test_what_is_not_json_is_refused(client):
    answer = client.post("/predict", content="Ada", headers={"Content-Type": "application/json"})
    assert answer.status_code == 422 and "JSON" in answer.json()["detail"][0]["msg"]


def test_a_body_that_no_limit_allows_is_not_read(client, monkeypatch):
    answer = client.post("/predict", content=b'{"texts": ["' + b"a" * 25_000_000 + b'"]}')
    assert answer.status_code == 413


def test_texts_of_several_clients_take_turns_and_health_does_not_wait(predictor):
    running, most, let_go = 0, 0, threading.Event()

    class Slow:
        tagger = predictor.tagger

        def predict(self, texts):
            nonlocal running, most
            running, most = running + 1, max(most, running + 1)
            let_go.wait(10)
            running -= 1
            return predictor.predict(texts)

    with TestClient(serving.application(Slow(), "slow")) as client:
        answers = {}
        clients = [
            threading.Thread(
                target=lambda text=text: answers.update({text: client.post("/predict", json={"texts": [text]})})
            )
            for text in ("Ada sees Rome", "zed Ada", "Rome")
        ]
        for one in clients:
            one.start()
        assert client.get("/health").json() == {"status": "ok", "title": "slow", "types": ["LOC", "ORG", "PER"]}
        assert not answers
        let_go.set()
        for one in clients:
            one.join()
    assert most == 1
    for text, answer in answers.items():
        assert answer.json() == [
            {"text": text, "entities": [entity.model_dump() for entity in predictor.predict([text])[0]]}
        ]


def test_the_page_is_whole_and_its_title_is_text(client):
    answer = client.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert "a &lt;b&gt;student&lt;/b&gt;" in answer.text and "<b>student" not in answer.text
    assert "LOC, ORG, PER" in answer.text and 'maxlength="20000"' in answer.text
    assert "innerHTML" not in answer.text and "//" not in answer.text.partition("<script>")[0]  # nothing from elsewhere


def test_the_api_describes_itself(client):
    schema = client.get("/openapi.json").json()
    assert schema["paths"].keys() == {"/predict", "/health"}
    assert schema["components"]["schemas"]["Texts"]["properties"]["texts"]["maxItems"] == 100


def test_a_port_that_is_taken_and_a_host_that_is_not_here():
    with serving.listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert serving.address(taken) == f"http://127.0.0.1:{port}"
        with pytest.raises(XnerError, match=rf"^cannot listen on 127.0.0.1:{port}: .*in use.*choose another --port"):
            serving.listen("127.0.0.1", port)
    with pytest.raises(XnerError, match=r"^cannot listen on nowhere\.invalid:1: "):
        serving.listen("nowhere.invalid", 1)


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_an_address_of_ipv6_is_bracketed():
    try:
        listener = serving.listen("::1", 0)
    except XnerError:
        pytest.skip("this machine has no address ::1")
    with listener:
        assert serving.address(listener).startswith("http://[::1]:")


@pytest.mark.parametrize("name", ["fastapi", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(XnerError, match=rf'^xner serve needs the package {name}; .*: pip install "xner\[serve\]"$'):
        reload(serving)
