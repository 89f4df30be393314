"""Help, version and options that do not exist."""

import re
import signal

import pytest

from xner import __version__
from xner.hookspecs import KINDS

COMMANDS = [
    "train",
    "compare",
    "predict",
    "suggest",
    "evaluate",
    "serve",
    "export",
    "plugins",
    "list",
    "describe",
    "data",
]


# help and usage


def test_help_names_every_command(xner):
    code, out, err = xner("--help")
    assert (code, err) == (0, "")
    for command in COMMANDS:
        assert f" {command} " in out


@pytest.mark.parametrize("command", [*COMMANDS, "data show"])
def test_every_command_has_help(xner, command):
    code, out, err = xner(*command.split(), "--help")
    assert (code, err) == (0, "")
    assert f"xner {command}" in out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("trian", r"No such command 'trian'.* \(see xner --help\)"),
        ("train --metod x", r"No such option: --metod.*--method.* \(see xner train --help\)"),
        ("train --seed -1", r"Invalid value for '--seed'.* \(see xner train --help\)"),
        ("predict", r"Missing argument 'RUN'. \(see xner predict --help\)"),
        ("data shw", r"No such command 'shw'.* \(see xner data --help\)"),
    ],
)
def test_a_usage_error_of_the_parser_is_one_line_and_exit_code_2(xner, command, said):
    code, out, err = xner(*command.split())
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"xner: {said}\n", err)


@pytest.mark.parametrize("command", [[], ["data"]])
def test_a_group_alone_shows_its_help(xner, command):
    code, out, err = xner(*command)
    assert (code, err) == (2, "") and "Usage: " in out


def test_the_version(xner):
    assert xner("--version") == (0, f"xner {__version__}\n", "")


def test_ctrl_c_is_one_line_and_exit_code_130(xner, monkeypatch):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr("xner.runs.mixing.configure", interrupt)
    code, out, err = xner("train")
    assert (code, out) == (130, "")
    assert err == "xner: interrupted; the same command goes on from here\n"


def test_sigterm_is_one_line_and_exit_code_143(xner, monkeypatch):
    monkeypatch.setattr("xner.runs.mixing.configure", lambda *args: signal.raise_signal(signal.SIGTERM))
    before = signal.getsignal(signal.SIGTERM)
    assert xner("train") == (143, "", "xner: terminated; the same command goes on from here\n")
    assert signal.getsignal(signal.SIGTERM) == before


@pytest.mark.parametrize("command", ["list", "describe", "new-plugin"])
def test_help_names_every_kind_of_component(xner, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "300")
    assert f"One of: {', '.join(KINDS)}" in xner(command, "--help")[1]
