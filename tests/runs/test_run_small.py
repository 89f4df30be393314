"""A run of a model with frozen weights: its stages share them, its folder is whole, and nobody removes its stages."""

import json
import shutil
from pathlib import Path

import pytest
from safetensors.torch import load_file
from transformers import AutoModelForTokenClassification, AutoTokenizer

from xner.comparing.comparison import compare
from xner.errors import UsageError
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.run import train
from xner.scoring import scores
from xner.store import weights
from xner.store.cache import Cache
from xner.store.integrity.verifying import cache_damages
from xner.store.pruning import Which, prune
from xner.tagging.tagger import Tagger

FROZEN = "bert.embeddings.word_embeddings.weight"


@pytest.fixture
def settings(config, monkeypatch, tmp_path):
    monkeypatch.setattr(weights, "_LARGE", 1000)  # so that the tiny tokenizer is shared, too
    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "cache"))
    return build(config.model_dump(), {"method": "tsl", "precision": "fp32"})


def run(settings, out, progress=None):
    return train(settings, Plugins.load(), out, progress or Progress(quiet=True))


def bytes_of(folder):
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_stages_share_frozen_weights_and_the_run_folder_is_plain_and_whole(settings, tmp_path, encoder_folder):
    student = run(settings, tmp_path / "small").folder / "student"
    stages = [path.parent for path in (tmp_path / "cache").glob("*/tagger/own.safetensors")]
    assert len(stages) == 2 and not list((tmp_path / "cache").glob("*/tagger/model.safetensors"))
    (shared,) = {path.resolve() for path in (tmp_path / "cache").glob("*/tagger/*.safetensors") if path.is_symlink()}
    original = load_file(encoder_folder / "model.safetensors")
    assert (load_file(shared)[FROZEN] == original[FROZEN.removeprefix("bert.")]).all()
    whole = load_file(student / "model.safetensors")
    assert FROZEN in whole and not any(path.is_symlink() for path in student.rglob("*"))
    assert not {"own.safetensors", "model.safetensors.index.json"} & {path.name for path in student.iterdir()}
    shutil.rmtree(tmp_path / "cache")
    model, told = AutoModelForTokenClassification.from_pretrained(student, output_loading_info=True)
    assert not told["missing_keys"] and not told["unexpected_keys"]
    assert all((model.state_dict()[name] == whole[name]).all() for name in whole)
    assert AutoTokenizer.from_pretrained(student).is_fast
    again = run(settings, tmp_path / "again").folder / "student"
    assert bytes_of(again) == bytes_of(student)


def test_where_nothing_can_be_linked_a_run_gives_the_same(settings, tmp_path, monkeypatch):
    small = run(settings, tmp_path / "small").folder
    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "other"))

    def refuse(self, target):
        raise OSError("not supported")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "symlink_to", refuse)
        plain = run(settings, tmp_path / "plain").folder
    assert len(list((tmp_path / "other").glob("*/tagger/model.safetensors"))) == 2
    assert (plain / "predictions.conll").read_bytes() == (small / "predictions.conll").read_bytes()
    assert bytes_of(plain / "student") == bytes_of(small / "student")


def test_a_student_that_starts_from_its_teacher_shares_with_it(settings, tmp_path):
    run(build(settings.model_dump(), {"student.start": "teacher"}), tmp_path / "out")
    found = Cache.read(tmp_path / "cache")
    assert len({entry.shares for entry in found.entries if entry.shares}) == 1
    assert len([name for name in found.shared if name.endswith(".safetensors")]) == 1
    assert list(cache_damages(tmp_path / "cache")) == []


def test_what_is_lost_is_computed_again_and_what_is_not_is_not(settings, tmp_path):
    first = run(settings, tmp_path / "out")
    for file in (tmp_path / "cache" / "shared").iterdir():
        file.unlink()
    again = run(settings, tmp_path / "again")
    assert bytes_of(again.folder / "student") == bytes_of(first.folder / "student")
    assert list(cache_damages(tmp_path / "cache")) == []


class Pruning(Progress):
    """Removes whatever may be removed, each time that something is said."""

    def __init__(self, root):
        super().__init__(quiet=True)
        self.root, self.seen = root, []

    def say(self, text):
        self.seen.append((text, [entry.title for entry in prune(self.root, Which(keep=0)).gone]))


@pytest.mark.parametrize("method", ["train", "compare"])
def test_stages_of_a_run_in_progress_are_never_touched(settings, tmp_path, monkeypatch, method):
    pruning, real = Pruning(tmp_path / "cache"), scores.tag_and_score

    def scored(*words):
        pruning.say("scoring")
        return real(*words)

    monkeypatch.setattr("xner.runs.run.tag_and_score", scored)
    if method == "train":
        done = run(settings, tmp_path / "out", pruning)
        stages = done.stages
    else:
        made, folder = compare(settings, ["direct", "tsl"], ["xx"], [0], Plugins.load(), tmp_path / "out", pruning)
        assert not made.failed
        stages = json.loads((folder / "tsl-en-xx-s0" / "manifest.json").read_text())["stages"]
    assert any(text == "scoring" for text, _ in pruning.seen)
    assert [gone for _, gone in pruning.seen if gone] == []
    assert len(Cache.read(tmp_path / "cache").entries) == len(stages) == 3
    assert len(prune(tmp_path / "cache", Which(keep=0)).gone) == 3


def test_the_limit_holds_after_a_run_and_the_longest_unused_stages_go(settings, tmp_path, monkeypatch):
    run(build(settings.model_dump(), {"seed": 1}), tmp_path / "first")
    size = Cache.read(tmp_path / "cache").size
    monkeypatch.setenv("XNER_CACHE_LIMIT", f"{size / 1000 + 1:.1f}KB")
    last = run(settings, tmp_path / "second")
    left = {entry.key for entry in Cache.read(tmp_path / "cache").entries}
    assert left == {stage.key for stage in last.stages} and list(cache_damages(tmp_path / "cache")) == []
    assert Tagger.load(tmp_path / "first" / "student")


@pytest.mark.parametrize("what", ["train", "compare"])
def test_a_limit_that_is_no_size_is_refused_before_anything_is_computed(settings, tmp_path, monkeypatch, what):
    monkeypatch.setenv("XNER_CACHE_LIMIT", "20 bananas")
    with pytest.raises(UsageError) as error:
        if what == "train":
            run(settings, tmp_path / "out")
        else:
            compare(settings, ["direct"], ["xx"], [0], Plugins.load(), tmp_path / "out", Progress(quiet=True))
    assert str(error.value) == "XNER_CACHE_LIMIT 20 bananas: expected a size such as 20GB or 500MB"
    assert not (tmp_path / "cache").exists() and not (tmp_path / "out").exists()
