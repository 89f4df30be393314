"""A run on local files speaks with nobody, though nothing told it that there is no network."""

import os
import subprocess
import sys

import pytest

GUARD = """
import sys

FORBIDDEN = ("connect", "getaddrinfo", "gethostbyname", "sendto", "sendmsg", "bind")

def guard(event, arguments):
    if event.removeprefix("socket.") in FORBIDDEN:
        with open("asked.txt", "a") as file:  # whoever asked may pass over the error
            print(event, file=file)
        raise OSError(f"{event} is forbidden")

import urllib3.util.connection  # binds a socket to a port of this machine when it is imported, to see if there is IPv6
sys.addaudithook(guard)

from xner.cli.main import main

for command in sys.argv[1:]:
    sys.argv = ["xner", *command.split()]
    try:
        main()
    except SystemExit as stop:
        assert not stop.code, command
"""
RUN = "train --method tsl --src en --tgt xx --dataset {data} --encoder {encoder} --out run --set student.epochs=1"
COMMANDS = [f"{RUN} --set teachers.recognizer.epochs=1", "predict run Ada", "evaluate run", "describe method tsl"]


@pytest.fixture
def without_a_network(tmp_path):
    """Runs code and commands with sockets forbidden; returns the process that has ended, and what was asked for."""

    def run(code, *commands):
        unset = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
        told = {name: value for name, value in os.environ.items() if name not in unset}
        told |= {"XNER_CACHE": str(tmp_path / "cache"), "HF_HOME": str(tmp_path / "hub"), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code, *commands], env=told, cwd=tmp_path, capture_output=True, text=True, timeout=300
        )
        asked = tmp_path / "asked.txt"
        return done, asked.read_text() if asked.exists() else ""

    return run


def test_it_trains_predicts_and_scores_without_a_socket(without_a_network, data_folder, encoder_folder, tmp_path):
    commands = [command.format(data=data_folder, encoder=encoder_folder) for command in COMMANDS]
    done, asked = without_a_network(GUARD, *commands)
    assert done.returncode == 0, done.stderr
    assert asked == ""
    assert (tmp_path / "run" / "report.html").is_file()


def test_the_guard_would_tell(without_a_network):
    probe = "import socket; socket.create_connection(('127.0.0.1', 9))"
    done, asked = without_a_network(GUARD.partition("from xner")[0] + probe)
    assert done.returncode == 1 and "socket.getaddrinfo is forbidden" in done.stderr
    assert asked == "socket.getaddrinfo\n"
