import pytest
from tiny_models import tiny_bart
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

from xner.errors import DataError
from xner.testing import TranslatorContract
from xner_resources.translators.hub import Hub


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny_bart(tmp_path_factory.mktemp("bart"))


def made(folder, **settings):
    return Hub(Hub.Config(path=str(folder), **({"max_tokens": 12, "beams": 2} | settings)))


class TestHub(TranslatorContract):
    component = "hub"

    @pytest.fixture
    def settings(self, folder):
        return {"path": str(folder), "max_tokens": 12, "beams": 2}


def test_it_is_the_models_own_search(folder, between):
    text = "Ada sees Rome"
    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForSeq2SeqLM.from_pretrained(folder)
    ids = tokenizer(f"to: {text}", return_tensors="pt")["input_ids"]
    target = tokenizer.convert_tokens_to_ids("xxx_Latn")
    best = model.generate(ids, num_beams=2, max_new_tokens=40, forced_bos_token_id=target, do_sample=False)[0]
    assert target in best.tolist()
    ((found, unknown),) = made(folder, prefix="to: ", target_token="xxx_Latn", max_tokens=40).translate(
        [text], between("en", "es")
    )
    assert found == " ".join(tokenizer.decode(best, skip_special_tokens=True).split()) and unknown is None
    ((other, _),) = made(folder, max_tokens=40).translate([text], between("en", "es"))
    assert other != found


def test_batches_do_not_matter(folder, between):
    texts = ["Ada sees Rome", "in", "the old ship of Ada near Rome"]
    one, two = (list(made(folder, batch_size=n).translate(texts, between("en", "es"))) for n in (1, 3))
    assert one == two and len(one) == 3


def test_what_is_not_there_is_told(folder, between, tmp_path):
    sides = between("en", "es")
    with pytest.raises(DataError, match=r"^hub: which model\?"):
        Hub().identity(sides)
    with pytest.raises(DataError, match=r"no translation model of transformers can be loaded"):
        list(made(tmp_path).translate(["a"], sides))
    for name in ("source_token", "target_token"):
        with pytest.raises(DataError, match=r"the model's tokenizer has no token 'spa_Latn'"):
            list(made(folder, **{name: "spa_Latn"}).translate(["a"], sides))


def test_its_identity_follows_the_files(between, tmp_path):
    sides = between("en", "es")
    for folder in ("en-es", "en-pt"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "config.json").write_text(folder)
    model = made(tmp_path / "{source}-{target}")
    one = model.identity(sides)
    assert one == model.identity(sides) != model.identity(between("en", "pt"))
    (tmp_path / "en-es" / "config.json").write_text("other")
    assert model.identity(sides) != one
