import numpy as np
import pytest

from naive import cosine
from xner.testing import SectionContract
from xner_mtmt.sections import word_map
from xner_mtmt.sections.word_map import WordMap, drawn, flat, neighbours, unit


class TestWordMap(SectionContract):
    component = "word-map"


@pytest.fixture
def clouds():
    """Vectors of two tags, each around a direction of its own."""
    draw = np.random.default_rng(0)
    directions = np.repeat(np.eye(6)[:2], 20, axis=0)
    return (directions + draw.normal(scale=0.1, size=(40, 6))).astype(np.float32), np.repeat(["B-PER", "O"], 20)


def test_what_is_alike_lies_together_on_the_map(clouds):
    vectors, tags = clouds
    places = flat(vectors)
    centres = [places[tags == tag].mean(0) for tag in ("B-PER", "O")]
    own = np.linalg.norm(places - np.repeat(centres, 20, axis=0), axis=1)
    other = np.linalg.norm(places - np.repeat(centres[::-1], 20, axis=0), axis=1)
    assert (own < other).all() and np.array_equal(flat(vectors), places)


def test_beyond_so_many_words_it_is_the_two_main_components(clouds, monkeypatch):
    vectors, _ = clouds
    monkeypatch.setattr(word_map, "_EXACT", 39)
    centred = vectors - vectors.mean(0)
    values, directions = np.linalg.eigh(centred.T @ centred)
    expected = centred @ directions[:, np.argsort(-values)[:2]]
    assert np.abs(flat(vectors)) == pytest.approx(np.abs(expected), abs=1e-4)


def test_neighbours_against_a_second_reading():
    draw = np.random.default_rng(1)
    vectors, tags = draw.normal(size=(30, 4)), draw.choice(["O", "B-PER", "B-LOC"], size=30)
    right = 0
    for one in range(30):
        best = max((n for n in range(30) if n != one), key=lambda n: cosine(vectors[one].tolist(), vectors[n].tolist()))
        right += tags[best] == tags[one]
    assert neighbours(unit(vectors), tags) == round(100 * right / 30, 2)


def test_words_are_drawn_evenly_over_the_tags():
    tags = np.array(["O"] * 50 + ["B-PER"] * 9 + ["B-LOC"] * 2)
    chosen = drawn(tags, 15)
    assert dict(zip(*np.unique(tags[chosen], return_counts=True), strict=True)) == {"O": 5, "B-PER": 5, "B-LOC": 2}
    assert (np.diff(chosen) > 0).all() and np.array_equal(drawn(tags, 15), chosen)


def test_there_is_a_map_of_each_vectors_with_all_words_in_their_groups(tiny_workbench, tmp_path):
    from xner.testing.viewing import random_column, tiny_view

    view = tiny_view(tiny_workbench, tmp_path, ("vectors",), random_column)
    table, *maps = WordMap(WordMap.Config(words=35)).look(view)
    assert [row[0] for row in table.rows] == ["speaker, hidden states", "evaluator", "student, hidden states"]
    for part in maps:
        assert {tag: len(places) for tag, places in part.points.items()} == dict.fromkeys(view.workbench.labels.tags, 5)
    assert table.rows[1][2] > table.rows[0][2]  # equal words have equal vectors there, and mostly one tag
