import json
import shutil
import warnings

import pytest
import torch
from safetensors.torch import load_file, save
from transformers import (
    AutoModelForTokenClassification,
    BertConfig,
    BertForTokenClassification,
    T5Config,
    T5ForTokenClassification,
)

from xner.errors import DataError
from xner.store import weights
from xner.store.shared import links
from xner.store.weights import INDEX, OWN, WHOLE, check_index, copy_whole, safetensors
from xner.tagging.hub import Origin
from xner.tagging.limits import freeze
from xner.tagging.tagger import Tagger

WORDS = "bert.embeddings.word_embeddings.weight"


@pytest.fixture
def stages(tmp_path):
    """Saves a tagger in a stage, and returns the tagger's folder when the stage is done."""
    root = tmp_path / "cache"
    (root / "shared").mkdir(parents=True)

    def save_in(tagger, key="a"):
        partial = root / f"{key}.partial"
        partial.mkdir(exist_ok=True)
        tagger.save(partial / "tagger")
        partial.rename(root / key)
        return root / key / "tagger"

    return save_in


def tagger_of(workbench, what="words"):
    tagger = workbench.new_tagger()
    freeze(tagger.model, what)
    return tagger


def shared(folder):
    return {file.name: file.stat().st_size for file in (folder.parents[1] / "shared").iterdir()}


def same(model, other):
    one, two = model.state_dict(), other.state_dict()
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


def size(folder):
    return sum(file.stat().st_size for file in folder.iterdir() if not file.is_symlink())


@pytest.mark.parametrize("what", ["words", 0, 1, "quarter"])
def test_a_stage_has_what_was_trained_and_a_link_to_the_rest(tiny_workbench, stages, what):
    tagger = tagger_of(tiny_workbench, what)
    folder = stages(tagger)
    frozen = {name for name, weight in tagger.model.named_parameters() if not weight.requires_grad}
    assert load_file(folder / OWN).keys() == tagger.model.state_dict().keys() - frozen
    where = json.loads((folder / INDEX).read_text())["weight_map"]
    (link,) = links(folder)
    assert {name for name, file in where.items() if file == link.name} == frozen
    assert where.keys() == tagger.model.state_dict().keys() and not (folder / WHOLE).exists()
    assert load_file(link).keys() == frozen
    for trainable in (True, False):
        assert same(tiny_workbench.load_tagger(folder, trainable).model, tagger.model)


def test_transformers_alone_reads_a_stage(tiny_workbench, stages):
    tagger = tagger_of(tiny_workbench)
    model, told = AutoModelForTokenClassification.from_pretrained(stages(tagger), output_loading_info=True)
    assert same(model, tagger.model)
    assert not any(told[name] for name in ("missing_keys", "unexpected_keys", "mismatched_keys"))


def test_stages_share_what_no_training_changes(tiny_workbench, stages):
    first = stages(tagger_of(tiny_workbench))
    once = shared(first)
    tagger = tiny_workbench.load_tagger(first, trainable=True)  # as a student starts from its teacher
    freeze(tagger.model, "words")
    with torch.no_grad():
        tagger.model.classifier.weight += 1
    second = stages(tagger, "b")
    assert shared(first) == once and len(once) == 1
    assert same(tiny_workbench.load_tagger(second).model, tagger.model)
    assert not same(tiny_workbench.load_tagger(first).model, tagger.model)


def test_a_weight_that_was_changed_all_the_same_is_another_file(tiny_workbench, stages):
    tagger = tagger_of(tiny_workbench)
    first = stages(tagger)
    with torch.no_grad():
        tagger.model.get_input_embeddings().weight[3, 3] += 1
    second = stages(tagger, "b")
    assert len(shared(first)) == 2
    assert not torch.equal(*(tiny_workbench.load_tagger(f).model.state_dict()[WORDS] for f in (first, second)))


def test_large_weights_are_shared_alone_so_that_freezing_more_does_not_store_them_again(
    tiny_workbench, stages, monkeypatch
):
    embeddings = tagger_of(tiny_workbench).model.get_input_embeddings().weight
    monkeypatch.setattr(weights, "_ALONE", embeddings.nbytes)
    first = stages(tagger_of(tiny_workbench))
    once = shared(first)
    second = stages(tagger_of(tiny_workbench, 1), "b")
    assert len(once) == 1 and once.items() < shared(second).items() and len(shared(second)) == 2
    assert same(tiny_workbench.load_tagger(second).model, tagger_of(tiny_workbench, 1).model)


def test_large_files_of_the_tokenizer_are_shared_too(tiny_workbench, stages, monkeypatch):
    monkeypatch.setattr(weights, "_LARGE", 100)
    folders = [stages(tagger_of(tiny_workbench), key) for key in "ab"]
    assert all((folder / "tokenizer.json").is_symlink() for folder in folders)
    assert {name.rpartition(".")[2] for name in shared(folders[0])} == {"json", "safetensors"}
    assert [len(list(links(folder))) for folder in folders] == [len(shared(folders[0]))] * 2
    assert tiny_workbench.load_tagger(folders[1]).tokenizer.backend_tokenizer.to_str() == (
        tagger_of(tiny_workbench).tokenizer.backend_tokenizer.to_str()
    )


def test_after_a_kill_nothing_is_written_through_a_link(tiny_workbench, stages, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "_LARGE", 100)
    tagger = tagger_of(tiny_workbench)
    partial = tmp_path / "cache" / "a.partial"
    partial.mkdir(parents=True)
    tagger.save(partial / "tagger")
    before = {link.resolve(): link.resolve().read_bytes() for link in links(partial)}
    tagger.tokenizer.model_max_length = 11
    tagger.tokenizer.add_tokens(["another"])
    tagger.save(partial / "tagger")
    assert len(before) > 1 and {file: file.read_bytes() for file in before} == before


@pytest.mark.parametrize("what", ["none", "words"])
def test_what_is_saved_elsewhere_or_freezes_nothing_is_plain_and_whole(tiny_workbench, stages, tmp_path, what):
    tagger = tagger_of(tiny_workbench, what)
    tagger.save(tmp_path / "mine")
    folders = [tmp_path / "mine", *([stages(tagger)] if what == "none" else [])]
    for folder in folders:
        assert load_file(folder / WHOLE).keys() == tagger.model.state_dict().keys()
        assert not list(links(folder)) and not (folder / INDEX).exists() and not (folder / OWN).exists()


@pytest.mark.parametrize("what", ["none", "words", 1])
def test_a_copy_out_of_a_stage_is_what_the_tagger_saves_elsewhere(tiny_workbench, stages, tmp_path, monkeypatch, what):
    monkeypatch.setattr(weights, "_LARGE", 100)
    tagger = tagger_of(tiny_workbench, what)
    tagger.save(tmp_path / "mine")
    copy_whole(stages(tagger), tmp_path / "copy")
    files = [{f.name: f.read_bytes() for f in (tmp_path / name).iterdir()} for name in ("mine", "copy")]
    assert files[0] == files[1]
    assert not any(file.is_symlink() for file in (tmp_path / "copy").iterdir())


def test_a_stage_whose_shared_file_is_lost_says_so(tiny_workbench, stages):
    folder = stages(tagger_of(tiny_workbench))
    (link,) = links(folder)
    link.resolve().unlink()
    with pytest.raises(DataError) as error:
        tiny_workbench.load_tagger(folder)
    assert str(error.value).startswith(f"{link}: leads to a file that is not there; ")


def test_the_identity_of_a_stages_tagger_depends_on_what_it_shares(tiny_workbench, stages):
    tagger = tagger_of(tiny_workbench)
    first = stages(tagger)
    with torch.no_grad():
        tagger.model.get_input_embeddings().weight[3, 3] += 1
    second = stages(tagger, "b")
    assert Origin(str(first)).identity != Origin(str(second)).identity


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_the_bytes_are_those_of_a_safetensors_file(tmp_path, dtype):
    given = {"b": torch.randn(3, 5).to(dtype), "a": torch.randn(7, 2).to(dtype).T, "c": torch.tensor(1.5, dtype=dtype)}
    (tmp_path / "x").write_bytes(b"".join(safetensors(given)))
    read = load_file(tmp_path / "x")
    assert read.keys() == given.keys() and all(torch.equal(read[name], given[name]) for name in given)
    given["a"] = given["a"].contiguous()
    assert len(save(given, {"format": "pt"})) == (tmp_path / "x").stat().st_size


def tied(freeze_it=True):
    config = T5Config(vocab_size=40, d_model=8, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    model = T5ForTokenClassification(config)
    model.get_input_embeddings().requires_grad_(not freeze_it)
    return model


@pytest.mark.parametrize("frozen", [True, False])
def test_tied_weights_are_stored_once_and_stay_tied(tiny_workbench, stages, frozen):
    tagger = tiny_workbench.new_tagger()
    tagger.model = tied(frozen)
    names = [name for name, weight in tagger.model.state_dict().items() if weight.shape == (40, 8)]
    assert len(names) > 1
    folder = stages(tagger)
    assert len(list(links(folder))) == frozen
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = T5ForTokenClassification.from_pretrained(folder)
    assert same(again, tagger.model)
    state = again.state_dict(keep_vars=True)
    assert len({id(state[name]) for name in names}) == 1
    copy_whole(folder, folder.parent / "copy")
    assert same(T5ForTokenClassification.from_pretrained(folder.parent / "copy"), tagger.model)
    if frozen:
        assert not set(names) & load_file(folder / OWN).keys()


def test_weights_tied_in_a_way_that_nobody_knows_are_not_shared():
    model = BertForTokenClassification(BertConfig(vocab_size=40, hidden_size=8, num_attention_heads=2))
    layers = model.bert.encoder.layer
    layers[0].output.dense.weight = layers[1].output.dense.weight
    model.requires_grad_(False)
    own, frozen = weights._split(model)
    same_one = {f"bert.encoder.layer.{number}.output.dense.weight" for number in (0, 1)}
    assert own.keys() == same_one and not same_one & frozen.keys()


@pytest.mark.parametrize("file", ["../secret.safetensors", "/etc/passwd", "..", "a/b.safetensors", ""])
def test_an_index_leads_to_no_file_outside_of_its_folder(encoder_folder, tmp_path, file):
    model = shutil.copytree(encoder_folder, tmp_path / "model")
    (model / WHOLE).rename(tmp_path / "secret.safetensors")
    (model / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": {"classifier.bias": file}}))
    for use in (lambda: copy_whole(model, tmp_path / "out"), lambda: Tagger.load(model)):
        with pytest.raises(DataError, match=rf"{INDEX}: '{file}' is not in this folder: .*; get the model anew$"):
            use()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"weight_map": []}', "\udcff"])
def test_an_index_that_is_none_is_one_line(tmp_path, text):
    (tmp_path / INDEX).write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(DataError, match=f"{INDEX}: is no index of weights: "):
        check_index(tmp_path)
