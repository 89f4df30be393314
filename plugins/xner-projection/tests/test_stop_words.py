import pytest

from xner.base import Corpus, Sentence
from xner.errors import DataError
from xner_projection.stop_words import stop_words_of


def text(*sentences):
    return Corpus.from_sentences("t", "es", "train", [Sentence(s.split()) for s in sentences])


def test_frequent_words_in_small_letters():
    found = stop_words_of(text("La casa de Roma , 12", "la casa de Roma", "la de Roma"))
    assert found == {"la", "casa", "de"}
    many = stop_words_of(text(*[f"la {chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(200)]))
    assert len(many) == 100 and "la" in many


def test_a_file(tmp_path):
    (tmp_path / "stop.txt").write_text("La\nde\n")
    assert stop_words_of(text("x"), str(tmp_path / "stop.txt")) == {"la", "de"}
    with pytest.raises(DataError, match=r"no\.txt: no such file of stop words; set methods\.tmp\.stop_words"):
        stop_words_of(text("x"), str(tmp_path / "no.txt"))
