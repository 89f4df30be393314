import json
import shutil
from dataclasses import replace

import pytest
import torch

from tests.hub import Hub, python, serving
from xner.corpora.labels import LabelSet
from xner.errors import DataError
from xner.tagging.hub import Origin, commit_of
from xner.tagging.hubmodel import HubModel, load_pretrained
from xner.tagging.tagger import Tagger
from xner.testing import tiny_encoder

LABELS = LabelSet(("LOC", "PER"))
CODE = """
from pathlib import Path

from transformers import BertConfig, BertForTokenClassification

Path({mark!r}).write_text("the code ran")

class MineConfig(BertConfig):
    model_type = "mine"

class MineTagger(BertForTokenClassification):
    config_class = MineConfig
"""


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A Hugging Face cache on this machine; puts a folder there as a commit, which a branch may mean."""
    root = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(root))

    def put(repository, commit, folder, *branches):
        there = root / f"models--{repository.replace('/', '--')}"
        shutil.copytree(folder, there / "snapshots" / commit)
        (there / "refs").mkdir(exist_ok=True)
        for branch in branches:
            (there / "refs" / branch).write_text(commit)

    return put


def own_code(folder, place="mine", mark=None):
    """Write an encoder that brings code of its own, which leaves a mark where it runs."""
    tiny_encoder(folder)
    config = json.loads((folder / "config.json").read_text())
    classes = {"AutoConfig": f"{place}.MineConfig", "AutoModelForTokenClassification": f"{place}.MineTagger"}
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "mine", "auto_map": classes}))
    (folder / "mine.py").write_text(CODE.format(mark=str(mark or folder.parent / "mark")))
    return folder


def encoder(path, **settings):
    return HubModel(HubModel.Config(path=str(path), **settings))


# commits


def test_offline_a_branch_is_the_commit_in_the_cache(cache, encoder_folder):
    cache("a/b", "1" * 40, encoder_folder, "main", "old")
    cache("a/b", "2" * 40, encoder_folder, "next")
    assert [commit_of("a/b", name) for name in (None, "main", "old", "next")] == ["1" * 40] * 3 + ["2" * 40]
    assert encoder("a/b").identity() == encoder("a/b", revision="main").identity() == f"a/b@{'1' * 40}"
    assert encoder("a/b", revision="next").identity() == encoder("a/b", revision="2" * 40).identity()


def test_the_commit_that_is_in_the_key_is_the_one_that_is_loaded(cache, encoder_folder, tmp_path):
    other = tiny_encoder(tmp_path / "other", dropout=0.3)
    cache("a/b", "1" * 40, encoder_folder)
    cache("a/b", "2" * 40, other, "main")
    assert [
        encoder("a/b", revision=name).load(LABELS)[0].config.hidden_dropout_prob for name in ("1" * 40, "main")
    ] == [
        0.1,
        0.3,
    ]
    found = encoder("a/b")
    assert found.identity().endswith("2" * 40)
    cache("a/b", "3" * 40, encoder_folder, "main")  # while the run goes on
    assert found.identity().endswith("2" * 40)
    assert found.load(LABELS)[0].config.hidden_dropout_prob == 0.3
    assert encoder("a/b").identity().endswith("3" * 40)


@pytest.mark.parametrize("name", ["nobody/nothing", "a/b/c", "nothing"])
def test_what_is_neither_on_the_hub_nor_in_the_cache(cache, name):
    for ask in (lambda: encoder(name).identity(), lambda: encoder(name).load(LABELS)):
        with pytest.raises(DataError, match=rf"^cannot load the encoder '{name}': .*--encoder e5-small\)$") as error:
            ask()
        assert "\n" not in str(error.value)


ASK = """
import json, sys
from xner.corpora.labels import LabelSet
from xner.tagging.hubmodel import HubModel
found = HubModel(HubModel.Config(path="me/tiny"))
model, _ = found.load(LabelSet(("PER",)))
print(json.dumps([found.identity(), model.config.hidden_dropout_prob]))
"""


def test_a_branch_that_has_moved_is_another_encoder(tmp_path, encoder_folder):
    hub, home = Hub(), tmp_path / "home"
    first = hub.push("me/tiny", encoder_folder)
    with serving(hub) as address:
        assert python(ASK, address, home) == [f"me/tiny@{first}", 0.1]
        second = hub.push("me/tiny", tiny_encoder(tmp_path / "other", dropout=0.3))
        assert python(ASK, address, home) == [f"me/tiny@{second}", 0.3]
        assert first != second
        files = [path for path in hub.asked if "resolve" in path and not path.endswith("main/config.json")]
        assert {path.split("/")[4] for path in files} == {first, second}  # nothing is read of a branch
    assert python(ASK, None, home) == [f"me/tiny@{second}", 0.3]


# code


def test_code_that_comes_with_a_model_is_refused_and_nobody_is_asked(tmp_path):
    folder = own_code(tmp_path / "mine")
    script = """
import json, sys
from pathlib import Path
from xner.errors import DataError
from xner.corpora.labels import LabelSet
from xner.tagging.hubmodel import load_pretrained
from xner.tagging.tagger import Tagger
said = []
for load in (lambda: load_pretrained(sys.argv[1], LabelSet(("PER",))), lambda: Tagger.load(Path(sys.argv[1]))):
    try:
        load()
    except DataError as error:
        said.append(str(error))
print(json.dumps(said))
"""
    expected = (
        f"{folder}: this model brings Python code of its own, which was not run; read it, and only if you trust it, "
        "set encoders.hub.trust_remote_code=true (for predict, serve and export: --trust-remote-code)"
    )
    assert python(script, None, tmp_path / "home", folder, said="yes\n" * 9) == [expected] * 2
    assert not (tmp_path / "mark").exists()


def test_code_that_is_trusted_runs_and_the_tagger_keeps_it(tmp_path, monkeypatch):
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "code"))
    found = encoder(own_code(tmp_path / "mine"), trust_remote_code=True)
    assert found.trusted and not encoder(tmp_path / "mine").trusted
    model, tokenizer = found.load(LABELS)
    assert (tmp_path / "mark").exists()
    assert (type(model).__name__, model.config.num_labels) == ("MineTagger", 5)
    model.save_pretrained(tmp_path / "t")
    tokenizer.save_pretrained(tmp_path / "t")
    with pytest.raises(DataError, match=r"t: this model brings Python code of its own, which was not run; "):
        Tagger.load(tmp_path / "t")
    again = Tagger.load(tmp_path / "t", trainable=True, trusted=True)
    assert torch.equal(again.model.classifier.weight, model.classifier.weight)


def test_stages_of_a_trusted_encoder_are_read_back(tmp_path, monkeypatch, tiny_workbench):
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "code"))
    found = encoder(own_code(tmp_path / "mine"), trust_remote_code=True)
    workbench = replace(tiny_workbench, encoder=found)
    workbench.new_tagger().save(tmp_path / "t")
    assert type(workbench.load_tagger(tmp_path / "t").model).__name__ == "MineTagger"
    with pytest.raises(DataError, match="was not run"):
        tiny_workbench.load_tagger(tmp_path / "t")


def test_the_identity_has_the_code_if_it_may_run(tmp_path):
    folder = own_code(tmp_path / "mine")
    trusted, not_trusted = encoder(folder, trust_remote_code=True).identity(), encoder(folder).identity()
    assert trusted != not_trusted
    (folder / "mine.py").write_text("# changed")
    assert encoder(folder, trust_remote_code=True).identity() != trusted
    assert encoder(folder).identity() == not_trusted


def test_code_of_another_repository_is_pinned_too(cache, tmp_path, monkeypatch):
    monkeypatch.setattr("transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "code"))
    for number, (commit, mark) in enumerate((("5", "old"), ("6", "new"))):
        cache("them/code", commit * 40, own_code(tmp_path / f"c{number}", mark=tmp_path / mark), "main")
    cache("a/b", "1" * 40, own_code(tmp_path / "m", "them/code--mine"), "main")
    found = encoder("a/b", trust_remote_code=True)
    assert found.origin == Origin("a/b", "1" * 40, True, "6" * 40)
    assert found.identity() == f"a/b@{'1' * 40}, code {'6' * 40}"
    assert encoder("a/b").origin == Origin("a/b", "1" * 40)
    load_pretrained("a/b", LABELS, "1" * 40, True, "5" * 40)
    assert (tmp_path / "old").exists() and not (tmp_path / "new").exists()


def test_code_of_several_repositories_is_refused(cache, tmp_path):
    folder = own_code(tmp_path / "m", "them/code--mine")
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"]["AutoModel"] = "others/code--mine.MineTagger"
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(DataError, match=r"its code is in several repositories \(.*/code, .*/code\)"):
        encoder(folder, trust_remote_code=True).identity()
