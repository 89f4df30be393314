import numpy as np
import pytest

from naive import cosine, sigmoid
from xner.testing import SectionContract
from xner_mtmt.sections.similar_words import SimilarWords, Words, similar


class TestSimilarWords(SectionContract):
    component = "similar-words"


class View:
    """What the section asks of a run: two-tag words whose vectors and probabilities are given."""

    def __init__(self, corpus, tags, before, vectors):
        self.tested, self.tags, self.before, self.vectors = corpus, tags, before, vectors

    def say(self, column, corpus):
        return iter([np.array(rows) for rows in self.vectors] if column == "vectors" else self.before)

    def chosen(self, probabilities):
        return list(probabilities)


@pytest.fixture
def view(labelled):
    corpus = labelled("Ada saw Rome", "B-PER O B-LOC", "Oslo and Ada", "B-LOC O B-PER", "Noor in Lima", "B-PER O B-LOC")
    before = [["B-PER", "O", "O"], ["B-LOC", "O", "B-LOC"], ["B-PER", "O", "B-LOC"]]
    after = [["B-PER", "O", "B-LOC"], ["B-LOC", "O", "B-PER"], ["O", "O", "B-LOC"]]
    vectors = [[[1, 0], [0, 1], [-1, 0.2]], [[-1, 0.1], [0.1, 1], [1, 0.1]], [[0.8, 0.4], [0.2, 0.9], [-0.9, 0.3]]]
    return View(corpus, after, before, vectors)


def test_the_changed_words_with_the_most_similar_ones_of_other_sentences(view):
    votes, shown = SimilarWords(SimilarWords.Config(similar=2)).look(view)

    def text(form, tags, one, two):
        return f"{form} {tags} {sigmoid(cosine(one, two)):.3f}"

    rome, oslo, lima, noor, ada = (view.vectors[s][w] for s, w in ((0, 2), (1, 0), (2, 2), (2, 0), (0, 0)))
    assert shown.rows[0] == (
        "Ada saw [Rome]",
        "B-LOC",
        "O",
        "B-LOC",
        "wrong to right",
        text("Oslo", "B-LOC", rome, oslo),
        text("Lima", "B-LOC", rome, lima),
    )
    assert [row[:5] for row in shown.rows[1:]] == [
        ("Oslo and [Ada]", "B-PER", "B-LOC", "B-PER", "wrong to right"),
        ("[Noor] in Lima", "B-PER", "B-PER", "O", "right to wrong"),
    ]
    near = [text("Ada", "B-PER", noor, ada), text("Ada", "B-LOC (B-PER)", noor, view.vectors[1][2])]
    assert shown.rows[2][5] in near  # one Ada stands for both
    assert sum(cell.startswith("Ada") for cell in shown.rows[2]) == 1
    assert votes.rows[0][:2] == ("wrong to right", 2) and votes.rows[2] == (
        "wrong to another wrong",
        0,
        None,
        None,
        None,
    )


def test_votes_against_a_second_reading(view):
    votes, _ = SimilarWords(SimilarWords.Config(similar=2)).look(view)
    words = [(s, w) for s, sentence in enumerate(view.tested) for w in range(len(sentence.tokens))]
    gold = [sentence.tags for sentence in view.tested]
    found = {"wrong to right": [], "right to wrong": []}
    for s, w in words:
        if view.before[s][w] == view.tags[s][w]:
            continue
        others = sorted(
            ((-cosine(view.vectors[s][w], view.vectors[a][b]), n) for n, (a, b) in enumerate(words) if a != s),
        )
        forms, near = {view.tested[s].tokens[w]}, []
        for _, n in others:
            form = view.tested[words[n][0]].tokens[words[n][1]]
            if form not in forms and len(near) < 2:
                near.append(words[n])
            forms.add(form)
        kind = "wrong to right" if view.tags[s][w] == gold[s][w] else "right to wrong"
        found[kind] += [[gold[a][b] == side[s][w] for side in (gold, view.before, view.tags)] for a, b in near]
    for row in votes.rows[:2]:
        assert row[2:] == tuple(
            round(100 * sum(column) / len(column), 2) for column in zip(*found[row[0]], strict=True)
        )


def test_where_nothing_was_changed_there_is_nothing(view):
    view.before = view.tags
    assert not SimilarWords().look(view)


def test_only_the_first_sentences_are_looked_at(view):
    assert [row[0] for row in SimilarWords(SimilarWords.Config(words=1)).look(view)[1].rows] == ["Ada saw [Rome]"]


def test_there_may_be_fewer_similar_words_than_asked_for():
    words = Words(["a", "a", "b"], np.array([0, 1, 0]), *[np.array(["O"] * 3)] * 3)
    assert similar(words, np.eye(3, dtype=np.float32), 0, 5) == []
    assert [n for n, _ in similar(words, np.eye(3, dtype=np.float32), 1, 5)] == [2]
