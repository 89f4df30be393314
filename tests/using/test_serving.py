import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from fastapi.testclient import TestClient

import xner
from xner.corpora.words import split_words
from xner.errors import UsageError, XnerError
from xner.using import serving
from xner.using.predicting import Entity, Predictor
from xner.using.serving import CHARACTERS, TEXTS, address, application, listen, named

ROOT = Path(__file__).parents[2]
STRANGE = [
    "Ada sees Rome near Acme Bayer , zed Juan Noor",
    "",
    " \n\t",
    "🙂🙂 Ada 👩‍👩‍👧 Rome\r\n🇩🇪 Oslo",
    "ראיתי את Ada ב Rome, مرحبا Noor",
    "王小明在北京 Ada",
    '<b>Ada</b> & "Rome" \x00 \\ud83d',
]


def ask(client, texts):
    return client.post("/predict", json={"texts": texts})


def refused(client, body):
    """Post bytes that do not fit and return the mistakes, after checking their form."""
    answer = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, set(answer.json())) == (422, {"detail"}), answer.text
    for mistake in answer.json()["detail"]:
        assert set(mistake) == {"loc", "msg", "type"}
        assert mistake["loc"][0] == "body"
    return answer.json()["detail"]


# what is answered


def test_it_answers_what_predict_says(client, predictor):
    answer = ask(client, STRANGE)
    assert answer.status_code == 200
    assert [one["text"] for one in answer.json()] == STRANGE
    expected = [[entity.model_dump() for entity in found] for found in predictor.predict(STRANGE)]
    assert [one["entities"] for one in answer.json()] == expected
    assert [bool(found) for found in expected] == [bool(split_words(text)) for text in STRANGE]


def test_offsets_count_characters_of_the_text_as_it_was_sent(client):
    for one in ask(client, STRANGE).json():
        for entity in one["entities"]:
            assert one["text"][entity["start"] : entity["end"]] == entity["text"]
            assert set(entity) == {"type", "text", "start", "end", "score"}


def test_no_texts_have_no_entities(client):
    assert ask(client, []).json() == []
    assert ask(client, [""]).json() == [{"text": "", "entities": []}]


def test_health_names_what_is_found(client):
    found = {"types": ["LOC", "ORG", "PER"]}
    runs = [{"run": "runs/mine", **found}]
    assert client.get("/health").json() == {"status": "ok", "title": "runs/mine", **found, "runs": runs}


# several runs


class Shouts:
    """Finds the whole of a text, as another run would."""

    tagger = SimpleNamespace(labels=SimpleNamespace(types=("MISC",)))

    def predict(self, texts):
        return [[Entity(type="MISC", text=text, start=0, end=len(text), score=0.5)] for text in texts]


@pytest.fixture
def two(predictor):
    with TestClient(application({"runs/mine": predictor, "runs/other": Shouts()})) as client:
        yield client


def test_the_first_of_several_runs_answers_unless_another_is_asked(two, client):
    body = {"texts": STRANGE}
    first = ask(client, STRANGE).json()
    assert two.post("/predict", json=body).json() == first
    assert two.post("/predict", json={**body, "run": "runs/mine"}).json() == first
    other = two.post("/predict", json={**body, "run": "runs/other"}).json()
    assert [(one["text"], one["entities"][0]["type"]) for one in other] == [(text, "MISC") for text in STRANGE]
    assert [one["run"] for one in two.get("/health").json()["runs"]] == ["runs/mine", "runs/other"]
    assert two.get("/health").json()["title"] == "runs/mine"


def test_a_run_that_is_not_served(two):
    (mistake,) = refused(two, json.dumps({"texts": ["Ada"], "run": "runs/none"}))
    assert mistake["msg"] == "run: there is no 'runs/none' here; it must be one of: runs/mine, runs/other"


def test_label_studio_gets_the_first_unless_it_names_another(two, predictor):
    tasks = [{"id": 1, "data": {"text": "Ada sees Rome"}}]
    for version, run in (("runs/other", "runs/other"), ("old", "runs/mine"), ("", "runs/mine"), (None, "runs/mine")):
        answer = two.post("/predict", json={"tasks": tasks, "model_version": version}).json()
        labels = [region["value"]["labels"] for region in answer["results"][0]["result"]]
        expected = ["MISC"] if run == "runs/other" else [one.type for one in predictor.predict("Ada sees Rome")[0]]
        assert (answer["model_version"], labels) == (run, [[kind] for kind in expected])
    assert two.post("/setup", json={}).json() == {"model_version": "runs/mine"}


def test_runs_are_called_by_as_much_of_their_paths_as_tells_them_apart(tmp_path):
    one, two, three = (tmp_path / place for place in ("a/runs/x", "b/runs/x", "b/runs/y"))
    assert named([one, three]) == ["runs/x", "runs/y"]
    assert named([one, two]) == ["a/runs/x", "b/runs/x"]
    assert named([tmp_path / "x"]) == [f"{tmp_path.name}/x"]
    with pytest.raises(UsageError, match=r"/b/\.\./a/runs/x: this run is given twice|a/runs/x: this run is given"):
        named([one, tmp_path / "b" / ".." / "a" / "runs" / "x"])


def test_the_interface_is_described(client):
    document = client.get("/openapi.json").json()
    assert set(document["paths"]) == {"/predict", "/health", "/setup", "/versions"}
    assert document["info"] == {"title": "runs/mine", "version": xner.__version__}
    texts = document["components"]["schemas"]["Texts"]["properties"]["texts"]
    assert (texts["maxItems"], texts["items"]["maxLength"]) == (TEXTS, CHARACTERS)
    assert (client.get("/docs").status_code, client.get("/redoc").status_code) == (200, 404)


# limits


def test_as_much_as_is_allowed(client):
    assert len(ask(client, ["Ada"] * TEXTS).json()) == TEXTS
    text = ("Ada sees Rome 🙂 " * CHARACTERS)[:CHARACTERS]
    entities = ask(client, [text]).json()[0]["entities"]
    assert entities[-1]["end"] > CHARACTERS - 20
    assert all(text[entity["start"] : entity["end"]] == entity["text"] for entity in entities)


def test_too_many_texts_or_characters(client):
    (mistake,) = refused(client, json.dumps({"texts": ["Ada"] * (TEXTS + 1)}))
    assert mistake["loc"] == ["body", "texts"]
    assert mistake["msg"] == f"List should have at most {TEXTS} items after validation, not {TEXTS + 1}"
    (mistake,) = refused(client, json.dumps({"texts": ["Ada", "a" * (CHARACTERS + 1)]}))
    assert mistake["loc"] == ["body", "texts", 1]
    assert mistake["msg"] == f"String should have at most {CHARACTERS} characters"


def test_characters_are_counted_and_not_bytes(client):
    assert ask(client, ["🙂" * CHARACTERS]).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "{}",
        '{"texts": "Ada"}',
        '{"texts": [3]}',
        '{"texts": [null]}',
        '{"text": ["Ada"]}',
        '{"texts": ["Ada"], "top": 3}',
        r'{"texts": ["\ud83d"]}',
        r'{"texts": ["Ada"], "\ud83d": 1}',
        b'{"texts": ["\xff"]}',
    ],
)
def test_what_is_no_request(client, body):
    if isinstance(body, bytes):  # not even text
        answer = client.post("/predict", content=body, headers={"Content-Type": "application/json"})
        assert 400 <= answer.status_code < 500
    else:
        assert refused(client, body)
    assert ask(client, ["Ada"]).status_code == 200


def test_only_the_first_mistakes_are_told(client):
    assert len(refused(client, json.dumps({"texts": [1] * TEXTS}))) == 10


def test_a_huge_body_is_not_read(client):
    assert ask(client, ["a" * 12 * TEXTS * CHARACTERS, "a" * 2**17]).status_code == 413


# turns


class Slow(Predictor):
    """Fails if it is asked twice at once."""

    busy = threading.Lock()

    def predict(self, texts):
        assert self.busy.acquire(blocking=False)
        time.sleep(0.05)
        try:
            return super().predict(texts)
        finally:
            self.busy.release()


def test_requests_at_once_are_answered_as_one_by_one(predictor):
    requests = [STRANGE[number:] for number in range(len(STRANGE))]
    runs = {run: Slow(predictor.tagger) for run in "xy"}  # one text at a time, whichever run is asked
    bodies = [{"texts": texts, "run": run} for texts, run in zip(requests, "xyxyxyx", strict=True)]
    with TestClient(application(runs)) as client, ThreadPoolExecutor(len(requests)) as threads:
        at_once = [answer.json() for answer in threads.map(lambda body: client.post("/predict", json=body), bodies)]
        assert at_once == [ask(client, texts).json() for texts in requests]


def test_health_does_not_wait(predictor):
    begun, go_on = threading.Event(), threading.Event()

    class Waiting(Predictor):
        def predict(self, texts):
            begun.set()
            assert go_on.wait(60)
            return super().predict(texts)

    with TestClient(application({"x": Waiting(predictor.tagger)})) as client, ThreadPoolExecutor(1) as thread:
        answer = thread.submit(ask, client, ["Ada"])
        assert begun.wait(60)
        assert client.get("/health").status_code == 200
        assert not answer.done()
        go_on.set()
        assert answer.result().status_code == 200


# listening


def test_a_port_that_is_taken_or_an_address_of_another_machine_is_one_line():
    with listen("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            XnerError, match=rf"^cannot listen on 127\.0\.0\.1:{port}: Address already in use; choose another --port"
        ):
            listen("127.0.0.1", port)
    with pytest.raises(XnerError, match=r"^cannot listen on 192\.0\.2\.1:0: .*[^)]; choose another --port or --host$"):
        listen("192.0.2.1", 0)


def test_the_address_is_a_url():
    with listen("127.0.0.1", 0) as listener:
        assert address(listener) == f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_the_address_of_ipv6_has_brackets():
    try:
        listener = listen("::1", 0)
    except XnerError:
        pytest.skip("this machine has no IPv6")
    with listener:
        assert address(listener) == f"http://[::1]:{listener.getsockname()[1]}"


WAITS = """
import time
from types import SimpleNamespace
from xner.using import serving

def predict(texts):
    print("begun", flush=True)
    time.sleep(600)

tagger = SimpleNamespace(labels=SimpleNamespace(types=("LOC",)))
with serving.listen("127.0.0.1", 0) as listener:
    print(listener.getsockname()[1], flush=True)
    serving.run(serving.application({"x": SimpleNamespace(tagger=tagger, predict=predict)}), listener)
"""


def test_who_asks_for_the_end_twice_need_not_wait():
    with subprocess.Popen([sys.executable, "-c", WAITS], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            with socket.create_connection(("127.0.0.1", int(process.stdout.readline()))) as connection:
                head = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                connection.sendall(head + b'Content-Length: 16\r\n\r\n{"texts": ["a"]}')
                assert process.stdout.readline() == b"begun\n"
                process.send_signal(signal.SIGINT)
                with pytest.raises(subprocess.TimeoutExpired):
                    process.wait(1)
                process.send_signal(signal.SIGINT)
                assert (process.wait(60), process.stderr.read()) == (130, b"")
        finally:
            process.kill()


# what the docs say


def test_the_page_of_the_docs_tells_the_limits_and_its_answer_has_the_right_form(client):
    page = (ROOT / "docs" / "serving.md").read_text(encoding="utf-8")
    assert f"| texts of a request | {TEXTS} |" in page
    assert f"| characters of a text | {CHARACTERS:,} |" in page
    assert f"| bytes of a request | {serving._BODY:,} |" in page
    limits = serving.LIMITS
    assert f"| requests that are tagged or wait | {limits.requests} | 503 |" in page
    assert f"| connections | {limits.connections} | 503 |" in page
    assert f"| seconds until a request's head is whole | {limits.head_seconds} |" in page
    assert f"| seconds from there until its body is whole | {limits.body_seconds} | 408 |" in page
    assert f"| seconds from there until it is answered | {limits.seconds} | 503 |" in page
    assert f"in pieces of {serving._PIECE:,} characters" in page
    asked = json.loads(re.search(r"--json '(\{.*?\})'", page, re.DOTALL)[1])
    shown = json.loads(re.search(r"```json\n(.*?)```", page, re.DOTALL)[1])
    answer = client.post("/predict", json=asked).json()
    assert [one["text"] for one in shown] == [one["text"] for one in answer] == asked["texts"]
    for one in shown:
        serving.Found.model_validate(one)
        assert all(one["text"][entity["start"] : entity["end"]] == entity["text"] for entity in one["entities"])
