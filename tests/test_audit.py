"""What `make audit` says; pip-audit itself is not run."""

import json
import subprocess

import pytest

from tools import audit

FLAW = {"id": "PYSEC-1", "fix_versions": ["2.5", "3"], "aliases": [], "description": "x"}


def report(*dependencies):
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_a_known_vulnerability_is_bad():
    sound = {"name": "b", "version": "1", "vulns": []}
    said, bad = audit.verdict(report({"name": "a", "version": "2.4", "vulns": [FLAW]}, sound), "")
    assert bad
    assert said == "a 2.4: PYSEC-1, corrected in 2.5, 3\npip-audit: 2 of 2 pins looked up, 1 vulnerabilities\n"


def test_what_the_index_does_not_know_is_said_and_not_counted():
    said, bad = audit.verdict(report({"name": "a", "skip_reason": "not found"}), "")
    assert not bad
    assert said == (
        "pip-audit: the index does not know a and so on\npip-audit: 0 of 1 pins looked up, 0 vulnerabilities\n"
    )


@pytest.mark.parametrize("errors", ["Traceback\n  x\nConnectionError: no route\n", ""])
def test_without_an_index_it_is_one_line(errors):
    said, bad = audit.verdict("", errors)
    assert not bad and said.count("\n") == 1
    assert said.startswith("pip-audit: no index was reachable, so known vulnerabilities were not looked up (")
    assert ("ConnectionError: no route" if errors else "no answer") in said


def test_it_asks_about_the_pins_and_ends_with_its_verdict(monkeypatch, capsys):
    def answered(command, **_):
        assert str(audit.PINS) in command
        return subprocess.CompletedProcess(command, 1, report({"name": "a", "version": "1", "vulns": [FLAW]}), "")

    monkeypatch.setattr(subprocess, "run", answered)
    with pytest.raises(SystemExit) as stop:
        audit.main()
    assert stop.value.code == 1 and "PYSEC-1" in capsys.readouterr().out
