"""Clients that are too many, too slow or gone, and paths that lead to no file."""

import asyncio
import json
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from fastapi.testclient import TestClient

from xner.using import serving
from xner.using.predicting import Predictor
from xner.using.service.gate import Limits
from xner.using.serving import CHARACTERS, application

SERVER = """
import time
from types import SimpleNamespace
from xner.using import serving
from xner.using.service.gate import Limits

def predict(texts):
    time.sleep(1.5 * texts.count("sleep"))
    return [[] for _ in texts]

tagger = SimpleNamespace(labels=SimpleNamespace(types=("LOC",)))
limits = Limits(requests=4, connections=6, head_seconds=0.5, body_seconds=0.5, seconds=0.7)
with serving.listen("127.0.0.1", 0) as listener:
    print(listener.getsockname()[1], flush=True)
    serving.run(serving.application({"x": SimpleNamespace(tagger=tagger, predict=predict)}, limits), listener, limits)
"""
HEAD = b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
BODY = b'{"texts": ["a"]}'


@pytest.fixture(scope="module")
def port():
    with subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE) as process:
        try:
            number = int(process.stdout.readline())
            asked(number, HEAD % len(BODY) + BODY)  # it is up
            yield number
        finally:
            process.kill()


def connected(port):
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def rest(connection):
    """Return all that comes until the service closes the connection."""
    received = b""
    while more := connection.recv(65536):
        received += more
    return received.decode()


def asked(port, request):
    with connected(port) as connection:
        connection.sendall(request.replace(b"Host: x", b"Host: x\r\nConnection: close"))
        return rest(connection)


@pytest.mark.parametrize("begun", [b"", b"POST /pre", HEAD[:60]])
def test_who_does_not_end_the_head_of_a_request_is_cut_off(port, begun):
    with connected(port) as connection:
        connection.sendall(begun)
        started = time.monotonic()
        with suppress(ConnectionResetError):
            assert rest(connection) == ""
        assert time.monotonic() - started < 20
    assert asked(port, HEAD % len(BODY) + BODY).startswith("HTTP/1.1 200")


def test_nor_may_a_second_request_stay_half_a_head(port):
    with connected(port) as connection:
        connection.sendall(HEAD % len(BODY) + BODY)
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /hea")
        with suppress(ConnectionResetError):
            assert "HTTP" not in rest(connection)


def test_a_body_that_does_not_end_is_refused(port):
    answer = asked(port, HEAD % 100 + BODY)
    assert answer.startswith("HTTP/1.1 408")
    assert answer.endswith('{"detail": "the request was not whole within 0.5 s"}')


def test_who_waits_too_long_is_told_and_the_service_goes_on(port):
    long = b'{"texts": ["sleep"]}'
    answer = asked(port, HEAD % len(long) + long)
    assert answer.startswith("HTTP/1.1 503") and "retry-after: 10" in answer
    assert answer.endswith('{"detail": "not answered within 0.7 s; send less, or try later"}')
    time.sleep(1)
    assert asked(port, HEAD % len(BODY) + BODY).startswith("HTTP/1.1 200")


def test_too_many_connections_are_refused(port):
    open_ = [connected(port) for _ in range(6)]
    try:
        answer = asked(port, b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
    finally:
        for connection in open_:
            connection.close()
    assert answer.startswith("HTTP/1.1 503")


@pytest.mark.parametrize(
    "path",
    [
        *("/../../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2f..%2fetc%2fpasswd", "//etc/passwd"),
        *("/docs/../../../etc/passwd", "/static/x", "/predict/../../x", "/etc/passwd%00", "/..\\..\\x", "/config.toml"),
    ],
)
def test_no_path_leads_to_a_file(port, path):
    answer = asked(port, f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
    assert answer.startswith("HTTP/1.1 404") and answer.endswith('{"detail":"Not Found"}')


# within one process


def ask(client, texts):
    return client.post("/predict", json={"texts": texts})


def test_requests_beyond_the_limit_are_refused_at_once(predictor):
    begun, go_on = threading.Semaphore(0), threading.Event()

    class Waiting(Predictor):
        def predict(self, texts):
            begun.release()
            assert go_on.wait(60)
            return super().predict(texts)

    app = application({run: Waiting(predictor.tagger) for run in "xy"}, Limits(requests=1))
    with TestClient(app) as client, ThreadPoolExecutor(1) as thread:
        first = thread.submit(ask, client, ["Ada"])
        assert begun.acquire(timeout=60)
        refused = client.post("/predict", json={"texts": ["Ada"], "run": "y"})  # whichever run it is of
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
        assert refused.json() == {"detail": "1 requests wait already; try again later"}
        assert client.get("/health").status_code == 200  # which costs nothing
        go_on.set()
        assert first.result().status_code == 200
        assert ask(client, ["Ada"]).status_code == 200  # there is room again


def test_long_requests_are_tagged_in_pieces_that_keep_their_order(predictor, monkeypatch):
    monkeypatch.setattr(serving, "_PIECE", 8)
    sizes = []

    class Noting(Predictor):
        def predict(self, texts):
            sizes.append([len(text) for text in texts])
            return super().predict(texts)

    texts = ["Ada", "Rome", "", "Oslo in Rome", "Noor", "Ada", ""]
    with TestClient(application({"x": Noting(predictor.tagger)})) as client:
        answer = ask(client, texts).json()
    assert sizes == [[3, 4, 0], [12], [4, 3, 0]]
    assert [one["text"] for one in answer] == texts
    assert [one["entities"] for one in answer] == [[e.model_dump() for e in f] for f in predictor.predict(texts)]


@pytest.mark.parametrize(("leaves", "tagged"), [(True, 1), (False, 3)])
def test_for_a_client_that_has_gone_no_more_is_tagged(predictor, leaves, tagged):
    gone, calls = asyncio.Event(), []

    class Noting(Predictor):
        def predict(self, texts):
            calls.append(texts)
            loop.call_soon_threadsafe(gone.set)
            return [[] for _ in texts]

    async def receive():
        if not sent:
            sent.append(1)
            return {"type": "http.request", "body": json.dumps({"texts": ["a" * CHARACTERS] * 3}).encode()}
        await gone.wait()
        if not leaves:
            await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def send(message):
        messages.append(message)

    async def talk():
        nonlocal loop
        loop = asyncio.get_running_loop()
        await application({"x": Noting(predictor.tagger)})(scope, receive, send)

    loop, sent, messages = None, [], []
    headers = [(b"content-type", b"application/json")]
    scope = {"type": "http", "method": "POST", "path": "/predict", "headers": headers, "query_string": b""}
    asyncio.run(talk())
    assert len(calls) == tagged
