import torch
from hypothesis import given
from hypothesis import strategies as st

from xner.students.batch import draw

BATCHES = st.lists(st.tuples(st.integers(0, 4), st.booleans()), min_size=1, max_size=60)


def drawn(pairing, words, size, seed=0):
    """Draw from words given as (sentence, whether the teacher takes it for an entity)."""
    torch.manual_seed(seed)
    sentences = torch.tensor([sentence for sentence, _ in words])
    probabilities = torch.tensor([[0.2, 0.5, 0.3] if entity else [0.6, 0.3, 0.1] for _, entity in words])
    return draw(pairing, sentences, size, probabilities)


@given(st.sampled_from(["uniform", "balanced"]), BATCHES, st.integers(2, 70), st.integers(0, 99))
def test_pairs(pairing, words, size, seed):
    pairs = drawn(pairing, words, size, seed)
    chosen = pairs.words.tolist()
    assert len(set(chosen)) == len(chosen) <= size  # no word twice, and not more than K
    assert chosen == sorted(chosen)
    assert all(0 <= word < len(words) for word in chosen)
    expected = [[words[one][0] != words[other][0] for other in chosen] for one in chosen]
    assert pairs.mask.tolist() == expected  # all pairs but those inside a sentence
    again = drawn(pairing, words, size, seed)
    assert torch.equal(pairs.words, again.words) and torch.equal(pairs.mask, again.mask)


@given(BATCHES, st.integers(2, 70))
def test_uniform_takes_as_many_as_it_may(words, size):
    assert len(drawn("uniform", words, size).words) == min(size, len(words))


@given(BATCHES, st.integers(2, 70))
def test_balanced_is_half_entities(words, size):
    chosen = drawn("balanced", words, size).words.tolist()
    entities, others = sum(words[word][1] for word in chosen), sum(not words[word][1] for word in chosen)
    all_entities, all_others = sum(entity for _, entity in words), sum(not entity for _, entity in words)
    assert entities == min(all_entities, (size + 1) // 2)
    assert others == min(all_others, size // 2, max(entities, 1))


def test_every_word_has_the_same_chance():
    words = [(number % 3, False) for number in range(10)]
    counts = torch.zeros(10)
    for seed in range(500):
        counts[drawn("uniform", words, 3, seed).words] += 1
    assert counts.sum() == 1500
    assert (counts - 150).abs().max() < 45  # four standard deviations


def test_every_entity_has_the_same_chance():
    words = [(number % 3, number < 5) for number in range(30)]
    counts = torch.zeros(30)
    for seed in range(500):
        counts[drawn("balanced", words, 4, seed).words] += 1
    assert counts[:5].sum() == counts[5:].sum() == 1000
    assert (counts[:5] - 200).abs().max() < 50 and (counts[5:] - 40).abs().max() < 30


def test_one_sentence_alone_has_no_pairs():
    pairs = drawn("uniform", [(3, True), (3, False)], 10)
    assert not pairs.mask.any()


def test_the_seed_matters():
    words = [(number, False) for number in range(40)]
    assert drawn("uniform", words, 5, 1).words.tolist() != drawn("uniform", words, 5, 2).words.tolist()
