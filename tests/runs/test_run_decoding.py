"""How the student of a run is decoded, and what the run's folder says of it."""

import json

import pytest

from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import DecodingSettings
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.config import build
from xner.runs.prepared import prepare
from xner.runs.run import evaluate, train
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus
from xner.training.workbench import Workbench


def silent():
    return Progress(quiet=True)


@pytest.fixture(scope="module")
def plugins():
    return Plugins.load()


@pytest.fixture(scope="module")
def settings(values):
    return values | {"method": "tsl"}


@pytest.fixture(scope="module")
def run(settings, plugins, cache, tmp_path_factory):
    """One trained run; read it, never write to it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XNER_CACHE", str(cache))
        return train(build(settings), plugins, tmp_path_factory.mktemp("runs") / "first", silent())


@pytest.fixture
def warm(cache, monkeypatch):
    """The stages of `run` are done before."""
    monkeypatch.setenv("XNER_CACHE", str(cache))


def test_the_student_says_how_it_is_decoded(run):
    tagger = Tagger.load(run.folder / "student", Hardware.choose("fp32"))
    assert tagger.decoding == run.config.decoding == DecodingSettings()
    assert tagger.bigrams == Bigrams.of((s.tags for s in tiny_corpus("en")), tagger.labels)
    assert run.metrics.decoding == "chain 0.25"
    told = {name: (run.folder / name).read_text() for name in ("report.html", "student/README.md", "metrics.json")}
    assert (
        "decoding: chain 0.25; checkpoint" in told["report.html"]
        and "decoding: chain 0.25; " in told["student/README.md"]
    )
    assert json.loads(told["metrics.json"])["decoding"] == "chain 0.25"


@pytest.mark.usefixtures("warm")
@pytest.mark.parametrize("rule", ["argmax", "legal"])
def test_another_rule_of_decoding_is_another_run_of_the_same_stages(run, settings, plugins, tmp_path, rule):
    made = train(build(settings, {"decoding.rule": rule}), plugins, tmp_path / rule, silent())
    assert [stage.key for stage in made.stages] == [stage.key for stage in run.stages]
    assert made.metrics.decoding == rule
    tagger = Tagger.load(made.folder / "student", Hardware.choose("fp32"))
    assert (tagger.decoding, tagger.bigrams is None) == (made.config.decoding, False)
    assert not runs.finished(run.folder, prepare(made.config, plugins, silent()))


@pytest.mark.usefixtures("warm")
def test_a_run_whose_sources_bigrams_are_not_known_is_legal_and_says_so(run, settings, plugins, tmp_path, monkeypatch):
    load_tagger = Workbench.load_tagger

    def forgetful(self, *given):
        tagger = load_tagger(self, *given)
        tagger.bigrams = None
        return tagger

    monkeypatch.setattr(Workbench, "load_tagger", forgetful)
    made = train(build(settings, {"decoding.rule": "chain"}), plugins, tmp_path / "chain", silent())
    assert made.metrics.decoding == "legal"
    assert made.notes[-1].startswith("decoding: chain is legal here, since the tag bigrams")
    assert made.notes[-1] in (made.folder / "report.html").read_text().replace("&#39;", "'")


def test_strict_and_conlleval_agree_on_legal_tags(run, values, plugins):
    tagger = Tagger.load(run.folder / "student", Hardware.choose("fp32"))
    found, where = [], {"target.test_dataset": values["target.dataset"], "target.language": "xx"}
    for rule in ("conlleval", "strict"):
        asked = build(where, {"scoring.rule": rule})
        found.append(evaluate(tagger, asked, plugins).model_dump(exclude={"rule"}))
    assert found[0] == found[1] and found[0]["overall"]["f1"] > 0
