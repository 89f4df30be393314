"""Clients of a service: what they ask, and what became of it."""

import http.client
import itertools
import json
import random
import socket
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

WORDS = (
    "Ada",
    "sees",
    "Rome",
    "near",
    "Acme",
    "Bayer",
    ",",
    "zed",
    "Juan",
    "Noor",
    "🙂",
    "王小明在北京",
    "מרחבא",
    "\n",
)
JSON = {"Content-Type": "application/json"}
INTERFACE = (
    '<View><Text name="text" value="$text"/><Labels name="label" toName="text"><Label value="PER"/><Label value="LOC"/>'
    '<Label value="ORG"/></Labels></View>'
)
KINDS = {3: "no request", 7: "health", 11: "page", 14: "tasks", 17: "hangs up", 19: "too many"}
GONE = "hung up"


@dataclass
class Clients:
    """So many clients, which ask one after the other of a numbered list of requests.

    Args:
        address: host and port of the service.
        clients: how many.
        statuses: how often each request of a kind was answered how.
        seconds: how long each answer with entities took.
        answers: by number of its request, what was said of texts.
    """

    address: tuple[str, int]
    clients: int
    statuses: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    answers: dict[int, list[object]] = field(default_factory=dict)

    def ask(self, numbers: range) -> None:
        """Let all clients ask until the requests of these numbers are done."""
        shared = itertools.count(numbers.start)
        with ThreadPoolExecutor(self.clients) as threads:
            for done in [threads.submit(self._one, shared, numbers.stop) for _ in range(self.clients)]:
                done.result()

    def _one(self, numbers: "itertools.count[int]", end: int) -> None:
        connection = http.client.HTTPConnection(*self.address, timeout=120)
        while (number := next(numbers)) < end:
            kind = kind_of(number)
            if kind == "hangs up":
                self._hang_up(number)
                continue
            began = time.perf_counter()
            connection.request(*request(number))
            answer = connection.getresponse()
            body = answer.read()
            self.statuses[f"{kind}: {answer.status}"] += 1
            if kind == "texts" and answer.status == 200:
                self.seconds.append(time.perf_counter() - began)
                self.answers[number] = [one["entities"] for one in json.loads(body)]
        connection.close()

    def _hang_up(self, number: int) -> None:
        """Leave in the middle of a request."""
        body = json.dumps({"texts": texts(number)}).encode()
        head = f"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
        with socket.create_connection(self.address) as connection:
            connection.sendall(head.encode() + body[: number % len(body)])
        self.statuses[GONE] += 1


def kind_of(number: int) -> str:
    """Return the kind of a request; of twenty, fourteen ask for the entities of texts."""
    return KINDS.get(number % 20, "texts")


def texts(number: int) -> list[str]:
    """Return the texts of a request: one to four, of up to 60 words."""
    draw = random.Random(number)
    return [" ".join(draw.choices(WORDS, k=draw.randint(0, 60))) for _ in range(draw.randint(1, 4))]


def request(number: int) -> tuple[str, str, bytes | None, dict[str, str]]:
    """Return the method, path, body and headers of a request."""
    match kind_of(number):
        case "health":
            return "GET", "/health", None, {}
        case "page":
            return "GET", "/", None, {}
        case "no request":
            return "POST", "/predict", b'{"texts": [3', JSON
        case "too many":
            return "POST", "/predict", json.dumps({"texts": ["Ada"] * 101}).encode(), JSON
        case "tasks":
            tasks = [{"id": place, "data": {"text": text}} for place, text in enumerate(texts(number))]
            return "POST", "/predict", json.dumps({"tasks": tasks, "label_config": INTERFACE}).encode(), JSON
    return "POST", "/predict", json.dumps({"texts": texts(number)}).encode(), JSON


def percentiles(seconds: Sequence[float]) -> str:
    """Return how long answers took."""
    ordered = sorted(seconds)
    return ", ".join(f"{share}% within {ordered[len(ordered) * share // 100] * 1000:.0f} ms" for share in (50, 95, 99))
