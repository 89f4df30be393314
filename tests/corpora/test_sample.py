import pytest

from xner.corpora.sample import Sample
from xner.testing import TransformerContract, tiny_corpus

FEW, MANY = tiny_corpus("xx", size=8).without_labels(), tiny_corpus("en", size=30)


class TestSample(TransformerContract):
    component = "sample"


class TestSampleOfASize(TransformerContract):
    component = "sample"

    @pytest.fixture
    def settings(self):
        return {"size": 5}


def sample(corpus, *beside, size=None, seed=0):
    return list(Sample(Sample.Config(size=size)).transform(corpus, beside, seed))


def test_source_and_target_are_cut_to_one_size():
    assert len(sample(MANY, FEW)) == len(sample(FEW, MANY)) == 8
    assert sample(FEW, MANY) == [*FEW]


def test_sentences_stay_in_order_and_depend_on_the_seed():
    whole = [*MANY]
    drawn = sample(MANY, FEW)
    places = [whole.index(sentence) for sentence in drawn]
    assert places == sorted(places)
    assert drawn == sample(MANY, FEW) != sample(MANY, FEW, seed=1)


@pytest.mark.parametrize(("size", "kept"), [(3, 3), (30, 30), (99, 30)])
def test_a_size_of_ones_own(size, kept):
    assert len(sample(MANY, FEW, size=size)) == kept
