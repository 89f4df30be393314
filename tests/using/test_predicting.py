from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xner.corpora.labels import LabelSet
from xner.corpora.words import Word, split_words
from xner.decoding.decoder import Decoded
from xner.errors import DataError
from xner.using.predicting import Entity, Predictor, joined

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


class Fixed:
    """A tagger that says what it is told, sentence after sentence."""

    labels = LabelSet(("LOC", "PER"))
    tokenizer = None

    def __init__(self, *predictions):
        self.predictions = predictions
        self.asked = []

    def tag(self, corpus):
        self.asked += [sentence.tokens for sentence in corpus]
        yield from self.predictions


@pytest.fixture(scope="module")
def predictor(encoder_folder):
    import torch

    from xner.machine.hardware import Hardware
    from xner.tagging.hubmodel import load_pretrained
    from xner.tagging.tagger import Tagger

    torch.manual_seed(0)
    labels = LabelSet(("LOC", "ORG", "PER"))
    model, tokenizer = load_pretrained(str(encoder_folder), labels)
    model.classifier.weight.data *= 20  # an untrained head that tags this and that
    return Predictor(Tagger(model, tokenizer, labels, 32, Hardware(torch.device("cpu"), bf16=False)))


def test_entities_carry_type_offsets_and_how_probable_they_are():
    tagger = Fixed(Decoded(["O", "B-PER", "I-PER", "B-PER", "O", "B-LOC"], [0.9] * 6, [0.60004, 0.5, 1.0]))
    text = "Mrs  Ada Love Bo in\tRome"
    assert Predictor(tagger).predict([text]) == [
        [
            Entity(type="PER", text="Ada Love", start=5, end=13, score=0.6),
            Entity(type="PER", text="Bo", start=14, end=16, score=0.5),
            Entity(type="LOC", text="Rome", start=20, end=24, score=1.0),
        ]
    ]


def test_a_score_of_nothing_is_no_error():
    (entity,) = Predictor(Fixed(Decoded(["B-PER"], [0.0], [0.0]))).predict(["Ada"])[0]
    assert entity.score == 0.0


def test_texts_without_words_are_empty_and_keep_their_place():
    tagger = Fixed(Decoded(["B-PER"], [1.0], [1.0]), Decoded(["O"], [1.0], []))
    tagged = list(Predictor(tagger).tag(["", "Ada", "  \n", "x"]))
    assert [one.text for one in tagged] == ["", "Ada", "  \n", "x"]
    assert [one.tags for one in tagged] == [[], ["B-PER"], [], ["O"]]
    assert [len(one.entities) for one in tagged] == [0, 1, 0, 0]
    assert tagger.asked == [["Ada"], ["x"]]


def test_nothing_and_only_empty_texts_ask_no_tagger():
    assert Predictor(Fixed()).predict([]) == []
    assert Predictor(Fixed()).predict(["", " "]) == [[], []]


def test_texts_stream_in_chunks(monkeypatch):
    monkeypatch.setattr("xner.using.predicting._CHUNK", 2)
    pulled = []
    texts = (pulled.append(number) or f"w{number}" for number in range(5))
    stream = Predictor(Fixed(*[Decoded(["O"], [1.0], [])] * 5)).tag(texts)
    assert next(stream).text == "w0"
    assert pulled == [0, 1]
    assert [tagged.text for tagged in stream] == ["w1", "w2", "w3", "w4"]


def test_half_a_surrogate_pair_is_not_text():
    with pytest.raises(DataError) as error:
        Predictor(Fixed()).predict(["fine", "caf\udce9"])
    assert str(error.value) == "'caf\\udce9' is not text: it has '\\udce9' in it; give it as UTF-8"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, max_size=3))
def test_any_text_has_entities_that_slice_back(predictor, texts):
    for text, tagged in zip(texts, predictor.tag(texts), strict=True):
        assert tagged.text == text
        assert len(tagged.words) == len(tagged.tags)
        for entity in tagged.entities:
            assert text[entity.start : entity.end] == entity.text != ""
            assert entity.type in ("LOC", "ORG", "PER")
            assert 0 < entity.score <= 1
        assert all(one.end <= two.start for one, two in pairwise(tagged.entities))
        assert len(tagged.entities) == sum(tag.startswith("B-") for tag in tagged.tags)


def test_the_untrained_tagger_does_find_entities(predictor):
    """Else the test above would say nothing."""
    assert sum(map(len, predictor.predict(["Ada Noor in Rome", "zed ko ta um"]))) > 1


@pytest.mark.parametrize("text", ["王小明在北京工作。", "ประเทศไทย", "こんにちは世界", "naïve Ãda", "👩‍👩‍👧 ok"])
def test_scripts_without_spaces_have_words_inside(predictor, text):
    (tagged,) = predictor.tag([text])
    assert [word.text for word in tagged.words] == [word.text for word in split_words(text)]
    assert len(tagged.words) > 1
    for entity in tagged.entities:
        assert text[entity.start : entity.end] == entity.text


def test_a_text_longer_than_the_model_is_tagged_whole(predictor):
    text = "Ada sees Rome " * 200
    (tagged,) = predictor.tag([text])
    assert len(tagged.tags) == 600


def test_the_same_text_has_the_same_entities_in_any_company(predictor):
    alone = predictor.predict(["Ada sees Rome"])[0]
    among = predictor.predict(["x", "Ada sees Rome", "zed " * 30])[1]
    assert [(e.type, e.start, e.end) for e in alone] == [(e.type, e.start, e.end) for e in among]


def test_words_without_a_text_are_joined():
    text, words = joined(["New", "York", "!"])
    assert text == "New York !"
    assert words == [Word("New", 0, 3), Word("York", 4, 8), Word("!", 9, 10)]
    assert joined([]) == ("", [])


def test_known_words_are_not_split_again():
    tagger = Fixed(Decoded(["B-PER"], [1.0], [1.0]))
    (tagged,) = Predictor(tagger).tag_words([joined(["Jean-Luc"])])
    assert tagger.asked == [["Jean-Luc"]]
    assert tagged.entities[0].text == "Jean-Luc"


def test_one_string_is_one_text(predictor):
    text = "Ada sees Rome"
    assert predictor.predict(text) == predictor.predict([text])
    assert len(predictor.predict(text)) == 1 and predictor.predict(text)[0]
    assert [tagged.text for tagged in predictor.tag(text)] == [text]
