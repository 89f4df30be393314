import numpy as np
import pytest
import torch

from xner.base import TagSettings
from xner.errors import DataError
from xner.testing import tiny_corpus
from xner_gazetteers.encoder_tagger import EncoderTagger, NamedTags
from xner_gazetteers.gazetteer_file import GazetteerFile
from xner_gazetteers.name_features import NameFeatures


@pytest.fixture
def tagger(names, between):
    features = NameFeatures.of(GazetteerFile(GazetteerFile.Config(path=str(names))), [between("en", "xx")])
    return EncoderTagger(TagSettings(epochs=2, learning_rate=1e-2), features)


def said(tagger, corpus):
    return [row["probabilities"] for row in tagger.label(corpus)]


def test_what_it_says_is_the_tag_head_and_what_the_names_add(tagger, tiny_workbench, tmp_path):
    source, target = tiny_corpus(size=16), tiny_corpus("xx", size=6).without_labels()
    tagger.fit(source, tiny_workbench)
    with_names = said(tagger, target)
    tagger.save(tmp_path)
    added = np.load(tmp_path / "added.npy")
    assert added.any()
    plain = list(tiny_workbench.load_tagger(tmp_path / "tagger").states(target, lambda s: {"s": s.logits}))
    for sentence, row, scores in zip(target, with_names, plain, strict=True):
        for word, vector in enumerate(tagger.features.row(sentence.tokens)):
            whole = [
                score + sum(a * x for a, x in zip(line, vector, strict=True))
                for score, line in zip(scores["s"][word], added, strict=True)
            ]
            expected = np.exp(whole) / np.exp(whole).sum()
            assert np.allclose(row[word], expected, atol=1e-4)
    again = EncoderTagger(TagSettings())
    again.restore(tmp_path, tiny_workbench)
    assert all(np.allclose(a, b, atol=1e-5) for a, b in zip(said(again, target), with_names, strict=True))


def test_at_first_the_names_add_nothing(tiny_workbench):
    objective = NamedTags(tiny_workbench.new_tagger(), 4, 0.0)
    assert not torch.any(objective.added.weight)


def test_it_needs_labels(tagger, tiny_workbench):
    with pytest.raises(DataError, match="has no labels, so no tagger can learn from it"):
        tagger.fit(tiny_corpus().without_labels(), tiny_workbench)
