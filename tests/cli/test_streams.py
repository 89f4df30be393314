"""What goes where, of all commands: stdout has data and nothing else, progress and notes are on stderr, if at all."""

import json
import re
from pathlib import Path

import pytest
import typer

from xner.cli.main import app
from xner.testing import tiny_corpus
from xner.using import serving

LINES = ("predict", "serve")
"""Commands with a form of their own: a line for each text, and the address."""
WORKING = ("train", "compare", "predict", "suggest", "evaluate", "export")
"""Commands that take long, so that they report progress, or that have notes."""
COMMANDS = {
    "train": ["--method", "direct", "--out", "again"],
    "compare": ["--methods", "direct", "--seeds", "2", "--out", "compared again"],
    "predict": ["run", "--file", "raw.conll", "--format", "jsonl"],
    "suggest": ["run", "--file", "raw.conll", "-n", "5"],
    "evaluate": ["run", "--dataset", "raw.conll"],
    "serve": ["run", "--port", "0"],
    "export": ["run"],
    "report": ["compared"],
    "new-plugin": ["mine", "--kind", "weighting"],
    "plugins": [],
    "list": ["teachers"],
    "describe": ["method", "mtmt"],
    "data show": ["raw.conll"],
    "resource show": ["dictionary", "dictionary-file", "--set", "resources.dictionary-file.path=words.tsv"],
    "resource wikidata": ["dump.json", "names.tsv"],
    "cache list": [],
    "cache prune": ["--older", "30d"],
    "cache verify": [],
}
"""What each is called with here; a new command must be added."""


def leaves(command, name=""):
    """Yield every command with its options."""
    for word, inner in getattr(command, "commands", {}).items():
        yield from leaves(inner, f"{name} {word}".strip())
    if not hasattr(command, "commands"):
        yield name, {option for parameter in command.params for option in parameter.opts}


OPTIONS = dict(leaves(typer.main.get_command(app)))


def test_every_command_is_looked_at():
    assert set(OPTIONS) == set(COMMANDS)


def test_every_command_that_reports_can_do_it_as_json_and_quietly():
    assert {name for name, options in OPTIONS.items() if "--json" not in options} == set(LINES)
    assert {name for name, options in OPTIONS.items() if "--quiet" in options} == {*WORKING, "report"}  # of a run


@pytest.fixture
def inside(xner, task, monkeypatch, quick_export):
    """Stands in a folder with a run, a comparison and raw text in a layout that is told; returns what all need."""
    monkeypatch.setattr(serving, "run", lambda app, listener: None)
    assert xner("train", "--method", "tsl", *task, "--labels", "LOC,ORG,PER", "--out", "run", "-q")[0] == 0
    assert xner("compare", "--methods", "direct", *task, "--out", "compared", "-q")[0] == 0
    raw = ("".join(f"_ {token} O\n" for token in sentence.tokens) for sentence in tiny_corpus("xx", size=9))
    Path("raw.conll").write_text("\n".join(raw))
    Path("words.tsv").write_text("sees\tzed\n")
    person = {"mainsnak": {"datavalue": {"value": {"id": "Q5"}}}}
    ada = {"id": "Q1", "labels": {"en": {"value": "Ada"}}, "claims": {"P31": [person]}, "sitelinks": {"wiki": {}}}
    Path("dump.json").write_text(f"[\n{json.dumps(ada)}\n]\n")
    return task


def words_of(name, inside):
    return [*name.split(), *COMMANDS[name], *(inside if name in ("train", "compare", "resource show") else [])]


def test_stdout_is_data_alone(inside, xner):
    for name in COMMANDS:
        words, asked = words_of(name, inside), ["--json"] if "--json" in OPTIONS[name] else []
        code, out, err = xner(*words, *asked)
        assert (name, code, bool(err)) == (name, 0, name in WORKING), err
        check(name, out)
        if name in WORKING:  # another folder, since what is there is done before
            words = [word.replace("again", "once more") if isinstance(word, str) else word for word in words]
            code, quietly, err = xner(*words, *asked, "--quiet")
            assert (name, code, err) == (name, 0, "")
            assert plain(quietly) == plain(out)


def check(name, out):
    if name == "serve":
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+  \(Ctrl-C ends it\)\n", out)
    elif name == "predict":
        assert [set(json.loads(line)) for line in out.splitlines()] == [{"text", "entities"}] * 9
    else:
        json.loads(out)


def plain(out):
    """Leave out what took its time, and where it is."""
    out = re.sub(r'("(seconds|peak_memory_mb|command)": )(\[.*?\]|[\d.]+)', r"\1", out, flags=re.DOTALL)
    return re.sub(r"again|once more|suggested(-\d)?", "", out)


def test_for_people_it_is_so_too(inside, xner):
    for name in WORKING:
        code, out, err = xner(*words_of(name, inside))
        assert (name, code, bool(out), bool(err)) == (name, 0, True, True), err
        assert not {*filter(None, err.splitlines())} & set(out.splitlines())
        if name in ("train", "compare"):
            stages = [(int(k), int(n)) for k, n in re.findall(r"^stage (\d+) of (\d+)", err, re.MULTILINE)]
            assert stages and stages == [(k, len(stages)) for k in range(1, len(stages) + 1)], err
        assert not re.search(r"\.\.\.$|: done in \d+ s|: done before$", out, re.MULTILINE), name
