import io
from importlib.util import find_spec

import pytest
from tiny_models import tiny_bart

from xner.errors import DataError
from xner_resources.translators.pieces import SentencePieces, TransformersPieces, pieces_of


def test_a_tokenizer_of_transformers(tmp_path):
    pieces = pieces_of(tiny_bart(tmp_path), "")
    assert isinstance(pieces, TransformersPieces)
    cut = pieces.cut("a bc")
    assert (cut[0], cut[-1]) == ("<s>", "</s>") and pieces.join(cut) == "a bc"


@pytest.mark.skipif(find_spec("sentencepiece") is None, reason="needs xner-resources[ctranslate2]")
def test_sentencepieces_models(tmp_path):
    import sentencepiece

    for name, letters in (("source.spm", "abc"), ("target.spm", "xyz")):
        model, words = io.BytesIO(), iter([" ".join(letters)] * 20)
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=words, model_writer=model, vocab_size=7, model_type="char", minloglevel=2
        )
        (tmp_path / name).write_bytes(model.getvalue())
    pieces = pieces_of(tmp_path, "en")
    assert isinstance(pieces, SentencePieces)
    assert pieces.cut("a b") == ["en", "▁", "a", "▁", "b", "</s>"]
    assert pieces.join(["▁", "x", "▁", "y", "</s>"]) == "x y"
    (tmp_path / "target.spm").unlink()
    assert pieces_of(tmp_path, "").cut("a")[0] == "▁"


def test_none(tmp_path):
    with pytest.raises(DataError, match=r"there is no tokenizer beside the model; put there the original model's: "):
        pieces_of(tmp_path, "")
