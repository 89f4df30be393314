"""CTranslate2 on a tiny model that is converted here."""

from importlib.util import find_spec

import pytest
from tiny_models import tiny_bart

from xner.errors import DataError
from xner.testing import TranslatorContract
from xner_resources.translators import ctranslate2
from xner_resources.translators.ctranslate2 import CTranslate2
from xner_resources.translators.hub import Hub

needs_library = pytest.mark.skipif(find_spec("ctranslate2") is None, reason="needs xner-resources[ctranslate2]")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from ctranslate2.converters import TransformersConverter

    original = tiny_bart(tmp_path_factory.mktemp("bart"))
    made = tmp_path_factory.mktemp("made") / "model"
    files = ["tokenizer.json", "tokenizer_config.json"]
    TransformersConverter(str(original), copy_files=files, low_cpu_mem_usage=False).convert(str(made))
    return original, made


@needs_library
class TestCTranslate2(TranslatorContract):
    component = "ctranslate2"

    @pytest.fixture
    def settings(self, model):
        return {"path": str(model[1]), "beams": 1}


@needs_library
@pytest.mark.parametrize("first", ["", "xxx_Latn"])
def test_it_says_what_the_original_says(model, between, first):
    original, made = model
    texts, sides = ["Ada sees Rome", "in"], between("en", "es")
    mine = CTranslate2(CTranslate2.Config(path=str(made), beams=1, target_token=first))
    theirs = Hub(Hub.Config(path=str(original), beams=1, target_token=first))
    for one, other in zip(mine.translate(texts, sides), theirs.translate(texts, sides), strict=True):
        assert one.unknown is None and one.text[:20] == other.text[:20]


def test_what_is_not_there_is_told(between, tmp_path, monkeypatch):
    sides, config = between("en", "es"), CTranslate2.Config(path=str(tmp_path))
    with pytest.raises(DataError, match=r"^ctranslate2: which model\?"):
        CTranslate2().identity(sides)
    with pytest.raises(DataError, match=r"no model of CTranslate2 here \(model\.bin\) Set resources"):
        CTranslate2(config).identity(sides)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "model.bin").write_text("nothing")
    with pytest.raises(DataError, match=r"is it .*model\? Set resources"):
        CTranslate2(config).identity(sides)

    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(ctranslate2, "import_module", missing)
    with pytest.raises(DataError, match=r'pip install "xner-resources\[ctranslate2\]"'):
        list(CTranslate2(CTranslate2.Config(path=str(tmp_path / "model"))).translate(["a"], sides))


@needs_library
def test_a_file_that_is_no_model_is_told(between, tmp_path):
    (tmp_path / "model.bin").write_text("nothing")
    with pytest.raises(DataError, match=r"CTranslate2 cannot load it"):
        list(CTranslate2(CTranslate2.Config(path=str(tmp_path))).translate(["a"], between("en", "es")))
