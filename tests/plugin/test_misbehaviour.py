"""What is told of a plugin that misbehaves while it is loaded, asked for, and before the first stage is computed."""

import sys
from dataclasses import replace
from itertools import count
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest

from tests.misbehaving import ROWS, assert_told, failure, mistake
from tests.stand_ins import FAST, SOURCE, TARGET, Mute, with_part
from xner.base import CorpusReader, Encoder, Method, Transformer
from xner.cli import lookup
from xner.corpora.corpus import Corpus, Sentence
from xner.machine.progress import Progress
from xner.plugin import manager
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.runs.prepared import prepare
from xner.runs.run import complete
from xner.tagging.hubmodel import load_pretrained

HOOK = """
from xner.hookspecs import Offer, hookimpl

@hookimpl
def xner_{kind}():
    yield Offer("odd", "odd_module:Odd", "x")
"""


@pytest.fixture
def loaded(monkeypatch, data_folder, encoder_folder):
    """Loads a plugin of this source, with the component `Odd` behind it, beside all others."""

    def load(source="", kind="methods", component=None, name="odd"):
        module = ModuleType("odd_module")
        if component is not None:
            module.Odd = component
        monkeypatch.setitem(sys.modules, "odd_module", module)
        found = Plugins.load()
        found.register(name, lambda: executed(source or HOOK.format(kind=kind)), "1.0")
        return found

    return load


@pytest.fixture
def run(loaded, data_folder, encoder_folder):
    """Prepares a run with the component `odd` of a kind."""

    def prepared(kind, component, **values):
        known = {"source.dataset": str(data_folder), "target.dataset": str(data_folder), "target.language": "xx"}
        config = build({**known, "encoder": str(encoder_folder), "method": "direct", **values})
        return prepare(config, loaded(kind=kind, component=component), Progress(quiet=True))

    return prepared


def executed(source):
    module = ModuleType("odd_plugin")
    exec(dedent(source), module.__dict__)
    return module


def warned(plugins, monkeypatch, capsys):
    monkeypatch.setattr(Plugins, "load", classmethod(lambda cls: plugins))
    lookup.plugins_in_use()
    return capsys.readouterr().err.strip()


# loading


@pytest.mark.parametrize(
    ("row", "source", "name"),
    [
        ("raises when it is imported", "raise RuntimeError('no GPU')", "odd"),
        ("ends the program when it is imported", "raise SystemExit(3)", "odd"),
        ("raises in its hook", HOOK.format(kind="methods") + "    raise OSError('late')", "odd"),
        ("returns nothing from its hook", HOOK.format(kind="methods").replace("yield Offer", "return; Offer"), "odd"),
        ("has a hook that there is not", HOOK.format(kind="methdos"), "odd"),
        ("yields something else than records", HOOK.format(kind="methods").replace("Offer(", "("), "odd"),
        ("offers a name twice", HOOK.format(kind="methods").replace("    yield", "    while True: yield"), "odd"),
        ("has the name of another plugin", HOOK.format(kind="methods"), "mtmt"),
    ],
)
def test_while_it_is_loaded(loaded, monkeypatch, capsys, row, source, name):
    plugins = loaded(source, name=name)
    assert_told(row, warned(plugins, monkeypatch, capsys))
    assert "mtmt" in plugins.names("methods") and "odd" not in plugins.names("methods")


def test_a_slow_one(loaded, monkeypatch, capsys):
    plugins = Plugins.load()
    monkeypatch.setattr(manager.time, "monotonic", count(step=4).__next__)
    plugins.register("odd", lambda: executed(HOOK.format(kind="methods")), "1.0")
    monkeypatch.undo()
    assert_told("takes long to load", warned(plugins, monkeypatch, capsys))
    assert "odd" in plugins.names("methods")


# asking for a component


class Unfinished(Method):
    """Lacks `run`."""


class Configless(Mute):
    Config = dict


class Settingless(Mute):
    def __init__(self):
        super().__init__()


@pytest.mark.parametrize(
    ("row", "kind", "component"),
    [
        ("has a target that is not there", "methods", None),
        ("offers something of another kind", "methods", Mute),
        ("lacks a method that it must have", "methods", Unfinished),
        ("has settings that are none", "teachers", Configless),
        ("does not take its settings", "teachers", Settingless),
    ],
)
def test_when_its_component_is_asked_for(loaded, row, kind, component):
    plugins = loaded(kind=kind, component=component)
    assert_told(row, failure(lambda: Components(plugins, build({})).create(kind, "odd")))


def test_a_name_of_another(loaded):
    plugins = loaded(HOOK.format(kind="methods").replace('"odd", "odd_', '"tsl", "odd_'))
    assert_told("offers the name of another's component", failure(lambda: plugins.get("methods", "tsl")))
    assert plugins.get("methods", "baselines/tsl")


# corpora and transformers


class Reader(CorpusReader):
    """Gives what the test wants."""

    sentences = (Sentence(["Ada", "ran"], ["B-PER", "O"]),)
    there = {"en": ("train",), "xx": ("train",)}

    def load(self, language, split):
        return self.sentences and Corpus.from_sentences("odd", language, split, self.sentences)

    def splits(self):
        return self.there


@pytest.mark.parametrize(
    ("row", "changed"),
    [
        ("a corpus that is none", {"sentences": ()}),
        ("splits that are none", {"there": ["en"]}),
        ("another number of tags than words", {"sentences": [Sentence(["Ada", "ran"], ["B-PER"])]}),
        ("tags that are not IOB2", {"sentences": [Sentence(["Ada"], ["PER"])]}),
        ("a word that is no text", {"sentences": [Sentence([3], ["O"])]}),
        ("labels of another set", {"sentences": [Sentence(["Ada"], ["B-GPE"])]}),
    ],
)
def test_a_corpus_reader(run, row, changed):
    reader, types = type("Odd", (Reader,), changed), {"labels.types": ["PER", "LOC"]}
    assert_told(
        row, failure(lambda: run("corpora", reader, **{"source.dataset": "odd", "target.dataset": "odd"}, **types))
    )


@pytest.mark.parametrize(
    ("row", "corpus", "sentences"),
    [
        ("no sentence", SOURCE, []),
        ("tags for a target", TARGET, [Sentence(["Ada"], ["B-PER"])]),
        ("no tags for a source", SOURCE, [Sentence(["Ada"])]),
        ("types that the source does not have", SOURCE, [Sentence(["Ada"], ["B-GPE"])]),
    ],
)
def test_a_transformer(make_context, row, corpus, sentences):
    class Odd(Transformer):
        def transform(self, corpus, beside, seed):
            return sentences

    context = with_part(make_context(FAST), "transformers", "odd", Odd())
    assert_told(row, failure(lambda: context.transform(corpus, "odd")))


# encoders


class OddEncoder(Encoder):
    def load(self, labels):
        return None


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ("something else than a model and its tokenizer", lambda folder, labels: "a model"),
        (
            "classes of another set of tags",
            lambda folder, labels: load_pretrained(folder, replace(labels, types=("X",))),
        ),
    ],
)
def test_an_encoder(tiny_workbench, encoder_folder, row, result):
    class Odd(OddEncoder):
        def load(self, labels):
            return result(str(encoder_folder), labels)

    assert_told(row, failure(replace(tiny_workbench, encoder=Odd()).new_tagger))


def test_an_encoder_whose_identity_is_none(tiny_workbench):
    odd = OddEncoder()
    odd.identity = lambda: None
    assert_told("an identity that is no text", failure(replace(tiny_workbench, encoder=odd).identity))


# methods


@pytest.mark.parametrize(
    ("row", "result"), [("no stage", "a student"), ("a stage that holds no tagger", "signals of odd")]
)
def test_a_method(run, row, result, tmp_path):
    class Odd(Method):
        def run(self, task, context):
            return context.stage(result, {"odd": 1}, lambda folder: None) if "odd" in result else result

    assert_told(row, failure(lambda: complete(run("methods", Odd, method="odd"), tmp_path / "run", 0.0)))


# anything that raises


@pytest.mark.parametrize(
    ("kind", "base", "name"),
    [
        *(("corpora", Reader, name) for name in ("load", "splits")),
        *(("encoders", OddEncoder, name) for name in ("load", "identity")),
        ("methods", Unfinished, "run"),
    ],
)
def test_what_it_raises_in_a_run_is_one_line_with_its_place(run, tmp_path, kind, base, name):
    values = {"corpora": {"source.dataset": "odd", "target.dataset": "odd"}, "encoders": {"encoder": "odd"}}
    values = values.get(kind, {"method": "odd"})
    odd = type("Odd", (base,), {name: mistake})

    def script():
        prepared = run(kind, odd, **values)
        prepared.run()

    assert_told("raises in a method", failure(script))


def test_every_row_of_the_table_is_done():
    files = (Path(__file__), Path(__file__).parents[1] / "methods" / "test_misbehaviour_stages.py")
    texts = "".join(file.read_text(encoding="utf-8") for file in files)
    assert len(ROWS) > 50
    assert [row for row in ROWS if f'"{row}"' not in texts] == []
