import os

import huggingface_hub
import pytest
import torch

from xner import testing
from xner.corpora.folder import Folder, FolderConfig


def test_pytest_finds_them_by_the_entry_point(pytestconfig):
    assert pytestconfig.pluginmanager.get_plugin("xner").__name__ == "xner.testing.fixtures"


def test_isolation(xner_isolation, tmp_path):
    assert os.environ["XNER_CACHE"] == str(tmp_path / "cache") and not (tmp_path / "cache").exists()
    assert os.environ["HF_HUB_OFFLINE"] == "1" and huggingface_hub.is_offline_mode()
    assert not {"XNER_PLUGINS", "XNER_DEBUG"} & os.environ.keys()
    assert torch.get_num_threads() == 1


def test_the_data_folder(data_folder):
    splits = Folder(FolderConfig(path=str(data_folder))).splits()
    assert splits == dict.fromkeys(("en", "xx", "zz"), ("dev", "test", "train"))


def test_a_bench_over_the_encoder(tiny_workbench, encoder_folder, tmp_path):
    assert tiny_workbench.encoder.config.path == str(encoder_folder)
    assert tiny_workbench.folder == tmp_path / "stage" and tiny_workbench.hardware.device.type == "cpu"


def test_an_encoder_with_and_without_dropout(encoder_folder, sure_encoder_folder):
    for folder, dropout in ((encoder_folder, 0.1), (sure_encoder_folder, 0.0)):
        model, _ = testing.tiny_workbench(folder, folder).encoder.load(testing.tiny_workbench(folder, folder).labels)
        assert model.config.hidden_dropout_prob == model.config.attention_probs_dropout_prob == dropout


def test_contexts_of_a_test_share_their_stages(make_context):
    source = testing.tiny_corpus(size=16)
    settings = {"teachers.recognizer.epochs": 1}
    assert make_context(settings).fit("recognizer", source).stage.done
    assert make_context(settings, dry=True).fit("recognizer", source).stage.done


def test_train(train):
    run = train("direct", ("teachers.recognizer",), {"source.limit": 8})
    assert run.config.teachers["recognizer"]["epochs"] == 1 and run.config.source.limit == 8
    assert run.folder.is_dir()


def test_public_names_are_there_and_no_others():
    for name in testing.__all__:
        assert getattr(testing, name).__name__ == name
    assert sorted(testing.__all__, key=str.lower) == sorted(testing.HOMES, key=str.lower)
    with pytest.raises(AttributeError, match=r"module 'xner\.testing' has no attribute 'nothing'"):
        testing.nothing  # noqa: B018
