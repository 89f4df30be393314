from xner.base import Sentence
from xner_projection.left_over import Projection
from xner_projection.report import Shares, written


def test_shares():
    made = [Projection([], [("PER", 0, 1), ("LOC", 2, 3)], []), Projection([], [("PER", 0, 1)], [("LOC", "Rome")])]
    shares = Shares.of(made, 1)
    assert (shares.matched, shares.counted, shares.none) == (2, 1, 1)
    assert str(shares) == "of 4 entities 50.0% were found by matching, 25.0% by counting, 25.0% not"


def test_a_sentence_with_its_tags_and_capitals():
    words = ["juan", "de", "la", "cruz", "en", "el", "reino", "de", "españa"]
    made = Projection(words, [("PER", 0, 4), ("LOC", 6, 9)], [])
    plain = Sentence(made.words, ["B-PER", "I-PER", "I-PER", "I-PER", "O", "O", "B-LOC", "I-LOC", "I-LOC"])
    assert written(made, None) == plain
    assert written(made, {"de", "la"}).tokens == ["Juan", "De", "La", "Cruz", "en", "el", "Reino", "de", "España"]
    assert made.words[0] == "juan"
