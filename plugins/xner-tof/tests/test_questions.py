import pytest

from xner.base import Corpus, Sentence
from xner.errors import UsageError
from xner_tof.questions import GIVEN, Question, defined, of_entities


def test_the_usual_types_are_defined_and_may_be_defined_anew():
    assert defined(("PER", "LOC", "ORG", "MISC"), {}) == GIVEN
    assert defined(("PER", "DIS"), {"DIS": " illnesses ", "PER": "who"}) == {"PER": "who", "DIS": "illnesses"}


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({}, r"^the type 'DIS' has no definition, .*--set methods\.tof\.definitions='..DIS."),
        ({"DIS": " "}, r"^the type 'DIS' has no definition"),
        ({"DIS": "x", "ORG": "y"}, r"^methods\.tof\.definitions\.ORG: the run has no such type; it has PER, DIS$"),
    ],
)
def test_what_is_wrong_with_definitions_is_told(own, message):
    with pytest.raises(UsageError, match=message):
        defined(("PER", "DIS"), own)


def test_every_sentence_is_asked_for_every_type():
    sentence = Sentence(["Ada", "Noor", "Juan", "in", "Rome"], ["B-PER", "I-PER", "B-PER", "O", "B-LOC"])
    corpus = Corpus.from_sentences("c", "en", "train", [sentence])
    assert list(of_entities(corpus, {"PER": "who?", "ORG": "a firm"})) == [
        Question(("who", "?"), sentence.tokens, [(0, 2), (2, 3)]),
        Question(("a", "firm"), sentence.tokens, []),
    ]
