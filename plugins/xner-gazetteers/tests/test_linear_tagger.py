import numpy as np
import pytest

from naive_names import greedy
from xner.base import Corpus, NameTable, Sentence
from xner.errors import DataError
from xner_gazetteers.linear_tagger import Level, LinearTagger, around, histories
from xner_gazetteers.name_features import NameFeatures

TABLE = {"ann": ("PER",), "bob": ("PER",), "rome": ("LOC",), "newrome": ("LOC",)}
TAGS = {"Ann": "B-PER", "Bob": "I-PER", "New": "B-LOC"}


def corpus(*texts, tags=True):
    sentences = [
        Sentence(text.split(), [TAGS.get(word, "O") for word in text.split()] if tags else None) for text in texts
    ]
    return Corpus.from_sentences("t", "en", "train", sentences)


@pytest.fixture
def tagger():
    features = NameFeatures(NameTable(TABLE), frozenset({"in"}), ("LOC", "PER"))
    return LinearTagger(100.0, features)


def test_the_greedy_tagger_is_that_of_a_naive_reading():
    draw = np.random.default_rng(4)
    level = Level(draw.normal(size=(3 + 2 * 5, 4)), draw.normal(size=4))
    rows = draw.integers(0, 2, (9, 3)).astype(float)
    assert np.allclose(
        level.greedy(rows), greedy(rows.tolist(), level.weights.tolist(), level.bias.tolist()), atol=1e-6
    )
    assert level.greedy(rows[:0]).shape == (0, 4)


def test_what_is_known_of_other_tags():
    assert histories(np.array([1, 0]), 2).tolist() == [[0, 0, 1, 0, 0, 1], [0, 1, 0, 0, 0, 1]]
    (first, second) = around(np.array([1, 0]), 2).reshape(2, 5, 3).argmax(-1).tolist()
    assert first == [2, 2, 1, 0, 2] and second == [2, 1, 0, 2, 2]


def test_it_learns_what_follows_from_names_and_from_the_tags_before(tagger, tiny_workbench):
    tagger.fit(corpus(*["Ann Bob in New place", "x Ann y", "in New x", "y Ann Bob"] * 5), tiny_workbench)
    (said,) = tagger.label(corpus("Ann Bob x", tags=False))
    names = tiny_workbench.labels.tags
    assert [names[number] for number in said["probabilities"].argmax(-1)] == ["B-PER", "I-PER", "O"]
    assert np.allclose(said["probabilities"].sum(-1), 1)


def test_the_order_of_the_tags_does_not_matter():
    draw = np.random.default_rng(7)
    rows = [draw.integers(0, 2, (12, 6)).astype(np.float32) for _ in range(60)]
    tags = [(row[:, 0] + row[:, 1] * row[:, 2] + (draw.random(12) < 0.2)).astype(int) for row in rows]
    new = np.array([2, 0, 3, 1])
    one, other = Level.fit(rows, tags, 4, 1.0), Level.fit(rows, [new[each] for each in tags], 4, 1.0)
    assert np.allclose(one.greedy(rows[0]), other.greedy(rows[0])[:, new], atol=1e-6)


def test_two_tags_are_enough_and_others_are_never_chosen(tagger, tiny_workbench):
    tagger.fit(corpus(*["Ann x", "y Ann"] * 4), tiny_workbench)
    (said,) = tagger.label(corpus("x Ann y", tags=False))
    names = tiny_workbench.labels.tags
    assert [names[number] for number in said["probabilities"].argmax(-1)] == ["O", "B-PER", "O"]
    others = [number for number, name in enumerate(names) if name not in ("O", "B-PER")]
    assert not said["probabilities"][:, others].any()


def test_saved_and_restored_it_says_the_same(tagger, tiny_workbench, tmp_path):
    tagger.fit(corpus("Ann Bob in New Rome", "x Ann"), tiny_workbench)
    tagger.save(tmp_path)
    again = LinearTagger(1.0)
    again.restore(tmp_path, tiny_workbench)
    one, other = (next(iter(each.label(corpus("Ann x Bob", tags=False))))["probabilities"] for each in (tagger, again))
    assert np.array_equal(one, other)


def test_without_entities_it_cannot_learn(tagger, tiny_workbench):
    with pytest.raises(DataError, match="has no entities, so no tagger can learn from it"):
        tagger.fit(corpus("x y"), tiny_workbench)
