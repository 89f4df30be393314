import pytest
from naive_ws import quality

from xner.base import Sentence
from xner.testing import tiny_corpus
from xner_projection.parallel.quality import Types, trusted


@pytest.fixture
def sentences():
    """Projected sentences, of which every fifth has all its types wrong."""
    made = []
    for number, (tokens, tags) in enumerate(tiny_corpus(size=30)):
        wrong = number % 5 == 0
        made.append(Sentence(tokens, [tag[:2] + "ORG" if wrong and tag != "O" else tag for tag in tags]))
    return [*made, Sentence(["Rome", "zed"], ["O", "O"])]


def test_quality_is_that_of_a_naive_reading(sentences):
    types = Types.of(sentences)
    found = [types.quality(sentence) for sentence in sentences]
    assert found == pytest.approx([quality(sentences, number) for number in range(len(sentences))])
    assert found[-1] == 0 and 0 < min(found[:-1]) < 0.5 < max(found[:-1]) <= 1


def test_sentences_of_low_quality_or_few_entities_are_left_out(sentences):
    types = Types.of(sentences)
    assert trusted(sentences, 0, 0) == sentences and trusted(sentences, 0, 1) == sentences[:-1]
    assert trusted(sentences, 0.7, 0) == [s for s in sentences if types.quality(s) >= 0.7]
    two = [s for s in sentences if sum(tag[0] == "B" for tag in s.tags) >= 2]
    assert trusted(sentences, 0, 2) == two and 0 < len(two) < 30
