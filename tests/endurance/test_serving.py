"""A service that answers many clients for long: right answers, and nothing that grows."""

import os
import subprocess
import sys
import time
from urllib.parse import urlsplit

import psutil
import pytest

import xner
from tests.endurance.clients import GONE, Clients, percentiles, texts
from tests.endurance.watching import COUNTED, growth, sample, told

soak = pytest.mark.skipif(not os.environ.get("XNER_SOAK"), reason="takes long; make soak runs it")
EXPECTED = {"texts": {200, 503}, "tasks": {200, 503}, "no request": {422, 503}, "too many": {422, 503}}
"""503: since so many wait that a request is refused before it is read."""
CLIENTS = 50


@pytest.fixture
def service(tagger_folder, tmp_path):
    """`xner serve` as a process, its address and its folder for temporary files."""
    (tmp_path / "temporary").mkdir()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path / "temporary")}
    words = [sys.executable, "-m", "xner", "serve", str(tagger_folder), "--port", "0", "--precision", "fp32"]
    # in bf16, oneDNN keeps what it has planned for each of 1,024 shapes, and such memory is flat only after that
    with (tmp_path / "told").open("w") as err:
        process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=err, text=True, env=environment)
        try:
            place = urlsplit(process.stdout.readline().split()[0])
            yield psutil.Process(process.pid), (place.hostname, place.port), tmp_path / "temporary"
            process.terminate()
            assert process.wait(60) == 0 and (tmp_path / "told").read_text() == ""
        finally:
            process.kill()
            process.communicate()


def quiet(process):
    """Wait until no client is connected any more."""
    end = time.monotonic() + 30
    while any(each.status != psutil.CONN_LISTEN for each in process.net_connections("tcp")):
        assert time.monotonic() < end, process.net_connections()
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("rounds", "requests", "looked_at"),
    [(8, 15, COUNTED), pytest.param(40, 60, ("memory", *COUNTED), marks=soak)],
)
def test_many_clients_are_answered_and_nothing_grows(service, tagger_folder, capsys, rounds, requests, looked_at):
    process, address, temporary = service
    predictor = xner.load(tagger_folder, precision="fp32")
    clients, samples = Clients(address, CLIENTS), []
    for number in range(rounds):
        clients.ask(range(number * requests, (number + 1) * requests))
        quiet(process)
        samples.append(sample(process, temporary))
    with capsys.disabled():
        sys.stdout.write(
            f"\n{clients.statuses.total()} requests of {CLIENTS} clients: {dict(sorted(clients.statuses.items()))}\n"
        )
        sys.stdout.write(f"answers to texts: {percentiles(clients.seconds)}\n{told(samples)}\n")
    for kind, _, status in (each.partition(": ") for each in clients.statuses if each != GONE):
        assert int(status) in EXPECTED.get(kind, {200}), clients.statuses
    assert clients.statuses.total() == rounds * requests and len(clients.answers) > rounds * requests / 4
    for number, said in list(clients.answers.items())[:: 1 + len(clients.answers) // 100]:
        assert said == [[one.model_dump() for one in found] for found in predictor.predict(texts(number))]
    assert growth(samples, looked_at) == []
