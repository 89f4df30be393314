import json
import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from transformers import pipeline

from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.corpora.labels import spans, to_iob2
from xner.decoding.decoder import Decoded
from xner.errors import DataError, XnerError
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.config import build, read_file
from xner.runs.prepared import prepare
from xner.runs.run import evaluate, train
from xner.scoring.counts import Counts
from xner.scoring.scores import RULES, Metrics
from xner.store.places import cache_folder
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus

STAGES = [
    "teacher recognizer on en",
    "teacher similarity on en",
    "signals of recognizer on xx",
    "signals of similarity on xx",
    "student on xx (tags + similarity, uniform)",
]


def silent():
    return Progress(quiet=True)


@pytest.fixture(scope="module")
def plugins():
    return Plugins.load()


@pytest.fixture(scope="module")
def run(values, plugins, cache, tmp_path_factory):
    """One trained run of mtmt; read it, never write to it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XNER_CACHE", str(cache))
        return train(build(values), plugins, tmp_path_factory.mktemp("runs") / "first", silent())


@pytest.fixture
def warm(cache, monkeypatch):
    """The stages of `run` are done before."""
    monkeypatch.setenv("XNER_CACHE", str(cache))


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# what is in the folder


def test_a_run_folder_holds_all_that_is_promised(run):
    assert {path.name for path in run.folder.iterdir()} == {
        "config.toml",
        "counts.parquet",
        "manifest.json",
        "metrics.json",
        "predictions.conll",
        "report.html",
        "sections.json",
        "student",
    }
    assert {"README.md", "config.json", "model.safetensors", "tokenizer.json"} <= set(files(run.folder / "student"))
    assert {path.name for path in run.folder.parent.iterdir()} == {"first"}  # no half-written folder beside it


def test_the_student_loads_in_transformers_without_xner(run):
    tag = pipeline("token-classification", model=str(run.folder / "student"), aggregation_strategy="first")
    assert set(tag.model.config.label2id) == {"O", "B-LOC", "I-LOC", "B-ORG", "I-ORG", "B-PER", "I-PER"}
    config = (run.folder / "student" / "config.json").read_text()
    assert "xner" not in config.replace("xner_decoding", "")  # plain numbers for whoever decodes it
    words = {result["entity_group"] for result in tag("ta Ada um Rome zed Acme")}
    assert words <= {"LOC", "ORG", "PER"}


def test_predictions_are_the_students_own_on_the_test_split(run):
    predicted = list(read(run.folder / "predictions.conll", ReadOptions()))
    test = tiny_corpus("xx", "test")
    assert [sentence.tokens for sentence in predicted] == [sentence.tokens for sentence in test]
    tagger = Tagger.load(run.folder / "student", Hardware.choose("fp32"))
    assert [sentence.tags for sentence in predicted] == [prediction.tags for prediction in tagger.tag(test)]
    assert any(tag != "O" for sentence in predicted for tag in sentence.tags)


def test_the_metrics_on_disk_are_those_of_the_run_and_of_evaluate(run, plugins, values):
    stored = json.loads((run.folder / "metrics.json").read_text())
    assert stored == run.metrics.model_dump()
    assert stored["sentences"] == 60
    settings = build({"target.test_dataset": values["target.dataset"], "target.language": "xx"})
    tagger = Tagger.load(run.folder / "student", Hardware.choose("fp32"))
    assert evaluate(tagger, settings, plugins) == run.metrics


def test_the_counts_on_disk_are_those_behind_the_metrics(run):
    counts = Counts.load(run.folder / "counts.parquet")
    assert len(counts.values) == 60
    assert Metrics.of(counts, run.metrics.corpus, "conlleval").by_type == run.metrics.by_type
    gold = [len(spans(sentence.tags)) for sentence in tiny_corpus("xx", "test")]
    assert counts.by_sentence[:, 2].tolist() == gold  # row by row


@pytest.mark.usefixtures("warm")
def test_another_rule_is_another_run_of_the_same_stages(run, values, plugins, tmp_path, monkeypatch):
    """With a model that begins no entity, so that its tags are illegal."""
    tag = Tagger.tag

    def illegal(self, corpus):
        for prediction in tag(self, corpus):
            best = [best.replace("B-", "I-") for best in prediction.best]
            yield Decoded(best, prediction.scores, [1.0] * len(spans(to_iob2(best))))

    monkeypatch.setattr(Tagger, "tag", illegal)
    found = {}
    for rule in ("conlleval", "strict"):
        folder = tmp_path / rule
        found[rule] = train(build(values, {"scoring.rule": rule}), plugins, folder, silent())
        assert [stage.key for stage in found[rule].stages] == [stage.key for stage in run.stages]
        assert found[rule].metrics.rule == RULES[rule]
        assert tomllib.loads((folder / "config.toml").read_text())["scoring"] == {"rule": rule}
        assert all(RULES[rule] in (folder / name).read_text() for name in ("report.html", "student/README.md"))
        said = (folder / "predictions.conll").read_text()
        assert ("\tB-" in said, "\tI-" in said) == (rule == "conlleval", True)
    assert found["conlleval"].metrics.overall.f1 > 10 and found["strict"].metrics.overall.f1 == 0
    assert not runs.finished(tmp_path / "strict", prepare(build(values), plugins, silent()))
    settings = {"target.test_dataset": values["target.dataset"], "target.language": "xx", "scoring.rule": "strict"}
    assert evaluate(Tagger.load(run.folder / "student"), build(settings), plugins).overall.f1 == 0


def test_the_teacher_has_learned_something(run):
    """Else equal predictions would say nothing."""
    assert run.metrics.overall.f1 > 10


def test_the_manifest_says_how_the_run_came_about(run, values):
    manifest = json.loads((run.folder / "manifest.json").read_text())
    assert manifest["settings"] == run.config.model_dump(mode="json")
    assert manifest["labels"] == ["LOC", "ORG", "PER"]
    assert [stage["title"] for stage in manifest["stages"]] == STAGES == [stage.title for stage in run.stages]
    assert [stage["key"] for stage in manifest["stages"]] == [stage.key for stage in run.stages]
    data = values["source.dataset"]
    assert [corpus["corpus"] for corpus in manifest["corpora"]] == [
        f"{data} en/train",
        f"{data} xx/train",
        f"{data} xx/test",
    ]
    assert manifest["corpora"][1]["counts"].endswith(" words, unlabelled")
    assert manifest["corpora"][0]["fingerprint"] == tiny_corpus("en", "train").fingerprint
    assert {"xner", "torch", "transformers", "python"} <= set(manifest["versions"])
    assert manifest["seconds"] == run.seconds > 0
    assert 50 < manifest["peak_memory_mb"] == run.peak_memory_mb < 100_000
    assert manifest["finished"].endswith("+00:00")


def test_the_config_holds_every_setting_in_use(run):
    config = tomllib.loads((run.folder / "config.toml").read_text())
    assert config["student"]["epochs"] == 2
    assert config["student"]["paired_words"] == 512  # a default
    assert config["teachers"]["recognizer"]["learning_rate"] == 5e-3
    assert config["teachers"]["similarity"]["words"] == "even"
    assert config["auxiliary_tasks"]["similarity"]["student"] == "states"
    assert config["methods"]["mtmt"]["tasks"] == ["similarity"]


# doing it again


@pytest.mark.usefixtures("warm")
def test_the_config_alone_does_the_same_again_from_finished_stages(run, plugins, tmp_path, capsys):
    again = train(build(read_file(run.folder / "config.toml")), plugins, tmp_path / "again", Progress())
    err = capsys.readouterr().err
    assert [line for line in err.splitlines() if "done before" in line] == [f"{title}: done before" for title in STAGES]
    assert "..." not in err.replace("scoring on", "").partition("student")[0]
    assert (again.folder / "predictions.conll").read_bytes() == (run.folder / "predictions.conll").read_bytes()
    assert again.metrics == run.metrics


def test_from_nothing_the_same_settings_give_the_same_bytes(run, plugins, tmp_path):
    again = train(run.config, plugins, tmp_path / "again", silent())  # a cache of its own
    for name in ("predictions.conll", "metrics.json", "student/model.safetensors"):
        assert (again.folder / name).read_bytes() == (run.folder / name).read_bytes(), name


@pytest.mark.usefixtures("warm")
def test_another_seed_is_another_run(run, plugins, values):
    stages = prepare(build(values, {"seed": 1}), plugins, silent()).plan.stages
    assert not {stage.key for stage in stages} & {stage.key for stage in run.stages}


@pytest.mark.usefixtures("warm")
def test_another_methods_teacher_is_the_same_stage(run, plugins, values):
    stages = prepare(build(values, {"method": "tsl"}), plugins, silent()).plan.stages
    assert [stage.done for stage in stages] == [True, True, False]
    assert stages[0].key == run.stages[0].key


@pytest.mark.usefixtures("warm")
def test_whether_a_run_folder_holds_what_would_come_out_now(run, plugins, values, tmp_path):
    same = prepare(run.config, plugins, silent())
    assert runs.finished(run.folder, same)
    assert not runs.finished(run.folder, prepare(build(values, {"max_length": 100}), plugins, silent()))
    other = replace(same.corpora, test=same.corpora.sources[0])
    assert not runs.finished(run.folder, replace(same, corpora=other))
    workbench = replace(same.context.workbench, seed=9)
    assert not runs.finished(run.folder, replace(same, context=replace(same.context, workbench=workbench)))
    shutil.copytree(run.folder, tmp_path / "old", ignore=shutil.ignore_patterns("counts.parquet"))
    assert not runs.finished(tmp_path / "old", same)
    for content in ("[]", "{", "{}"):
        (tmp_path / "manifest.json").write_text(content)
        assert not runs.finished(tmp_path, same)
    assert not runs.finished(tmp_path / "nowhere", same)


def test_one_stage_by_its_key(plugins, values, capsys):
    config = build(values, {"method": "tsl", "student.epochs": 1})
    prepared = prepare(config, plugins, silent())
    first, second, _ = prepared.plan.stages
    with pytest.raises(DataError, match="there is no 'teacher recognizer on en' to build on"):
        prepared.run(only=second.key)
    prepared.run(only=first.key)
    assert [stage.done for stage in prepare(config, plugins, silent()).plan.stages] == [True, False, False]
    assert "recognizer" not in capsys.readouterr().err


# the data


def test_a_target_without_a_test_split_is_not_scored(plugins, values, data_folder, tmp_path, cache, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(cache))
    (tmp_path / "raw" / "xx").mkdir(parents=True)
    (tmp_path / "raw" / "xx" / "train.txt").write_text("ta Ada um\nzed Rome ko\n")
    config = build(values, {"method": "direct", "target.dataset": str(tmp_path / "raw")})
    run = train(config, plugins, tmp_path / "x", silent())
    assert run.metrics is None
    assert not (run.folder / "metrics.json").exists()
    assert not (run.folder / "predictions.conll").exists()
    assert "It has not been scored" in (run.folder / "student" / "README.md").read_text()


def test_a_target_that_is_also_a_source_is_told_beside_the_score(plugins, values, tmp_path):
    told = "xx is one of the sources: its labels were used for training, so these are not zero-resource scores"
    for sources in (["en", "xx"], ["xx"], ["en"]):
        config = build(values, {"method": "direct", "source.languages": sources, "teachers.recognizer.epochs": 1})
        run = train(config, plugins, tmp_path / "+".join(sources), silent())
        assert run.notes == ((told,) if "xx" in sources else ())
        assert (told in (run.folder / "report.html").read_text()) == ("xx" in sources)
        assert ("no `xx` label was used" in (run.folder / "student" / "README.md").read_text()) == (sources == ["en"])


def test_evaluate_maps_labels_and_wants_some(run, plugins, data_folder, tmp_path):
    tagger = Tagger.load(run.folder / "student")
    (tmp_path / "a.conll").write_text("Ada\tB-PERS\nin\tO\n")
    settings = {"target.test_dataset": str(tmp_path / "a.conll")}
    with pytest.raises(DataError, match=r"no place for the label 'PERS'.*--map PERS=TYPE"):
        evaluate(tagger, build(settings), plugins)
    assert evaluate(tagger, build(settings, {"labels.map.PERS": "PER"}), plugins).overall.entities == 1
    (tmp_path / "a.conll").write_text("Ada\nin\n")
    with pytest.raises(DataError, match="has no labels to score against; `xner predict` tags it"):
        evaluate(tagger, build(settings), plugins)


# methods that do not fit


def test_a_method_must_return_a_tagger(plugins, values, tmp_path, monkeypatch):
    from xner_baselines.direct import Direct

    monkeypatch.setattr(Direct, "run", lambda self, task, context: context.fit("similarity", task.source).stage)
    config = build(values, {"method": "direct", "teachers.similarity.epochs": 0.1})
    with pytest.raises(XnerError, match=r"^the method 'direct' returned the stage 'teacher similarity on en', which"):
        train(config, plugins, tmp_path / "x", silent())
    assert not (tmp_path / "x").exists()


def test_the_cache_is_where_the_user_says_or_in_the_users_cache(monkeypatch):
    monkeypatch.setenv("XNER_CACHE", "/some/where")
    assert cache_folder() == Path("/some/where")
    for unset in (lambda: monkeypatch.setenv("XNER_CACHE", ""), lambda: monkeypatch.delenv("XNER_CACHE")):
        unset()
        assert cache_folder().parts[-2:] == ("xner", "stages")


@pytest.mark.parametrize("split", ["test", "no such split"])
def test_a_tagger_that_finds_nothing_is_told(values, plugins, warm, tmp_path, monkeypatch, split):
    monkeypatch.setattr(runs, "_LOOKED_AT", 7)
    config = build(values, {"target.test_split": split})
    before = train(config, plugins, tmp_path / "before", silent())
    assert not [note for note in before.notes if "no entity" in note]

    def nothing(self, corpus):
        return [Decoded(["O"] * len(s.tokens), [1.0] * len(s.tokens), []) for s in corpus]

    monkeypatch.setattr(Tagger, "decoded", nothing)
    (note,) = [note for note in train(config, plugins, tmp_path / "x", silent()).notes if "no entity" in note]
    assert ("in 7 sentences" in note) == (before.metrics is None)  # else in all that were scored
    assert note.endswith("more steps (student.steps, or those of its teachers) or more text may help")
