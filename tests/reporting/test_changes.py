import random
from itertools import pairwise

import pytest

from xner.decoding.decoder import Decoded
from xner.reporting.own.changes import KINDS, MENDED, OTHER, SPOILT, Changes, count, evenly, lineage
from xner.store.stages import TAGGER, Stage


@pytest.fixture
def stage(tmp_path):
    def make(key, *inputs, tagger=True):
        folder = tmp_path / key
        (folder / TAGGER if tagger else folder).mkdir(parents=True)
        return Stage(f"stage {key}", key, folder, inputs)

    return make


def test_every_learner_is_held_to_the_taggers_next_above_it(stage):
    teacher, other = stage("teacher"), stage("evaluator", tagger=False)
    said, heard = stage("said", teacher, tagger=False), stage("heard", other, tagger=False)
    refined = stage("refined", said, heard, tagger=False)
    student = stage("student", refined, teacher)
    again = stage("again", student)
    found = lineage([teacher, other, said, heard, refined, student, again])
    assert [(one.key, two.key) for one, two in found] == [("student", "teacher"), ("again", "student")]


@pytest.mark.parametrize("seed", range(5))
def test_words_against_a_second_reading(seed):
    draw = random.Random(seed)
    gold, before, after = ([[draw.choice(["O", "B-PER", "B-LOC"]) for _ in range(9)] for _ in range(4)] for _ in "abc")
    expected = {kind: [0, 0] for kind in KINDS}
    for sentence in zip(gold, before, after, strict=True):
        for right, one, two in zip(*sentence, strict=True):
            if one == two:
                kind = KINDS[3] if one == right else KINDS[4]
            elif two == right:
                kind = MENDED
            else:
                kind = SPOILT if one == right else OTHER
            expected[kind][right == "O"] += 1
    assert count(gold, before, after) == {kind: tuple(numbers) for kind, numbers in expected.items()}


def test_counts_and_sentences(made, saying, stage):
    teacher = stage("teacher")
    student = stage("student", teacher)
    rows = [("Ada saw Rome", "B-PER O B-LOC", "B-PER O B-LOC"), ("Oslo", "B-LOC", "O"), ("x y", "O O", "O O")]
    view = made(*rows)
    object.__setattr__(view, "stages", (teacher, student))
    before = [["B-PER", "O", "B-ORG"], ["B-LOC"], ["O", "O"]]
    after = [predicted.split() for *_, predicted in rows]
    said = {key: [Decoded(tags, [], []) for tags in each] for key, each in (("teacher", before), ("student", after))}
    table, sentences = Changes().look(saying(view, **said))
    assert "“stage student” against “stage teacher”" in table.caption
    assert {row[0]: row[1:] for row in table.rows} == {
        "wrong to right": (1, 1, 0),
        "right to wrong": (1, 1, 0),
        "wrong to another wrong": (0, 0, 0),
        "right in both": (4, 1, 3),
        "wrong in both, the same": (0, 0, 0),
        "net gain": (0, 0, 0),
    }
    assert [one.groups for one in sentences.sentences] == [
        ("wrong to right", "LOC", "ORG", "PER"),
        ("right to wrong", "LOC"),
    ]
    assert sentences.sentences[1].sides == {"gold": ("B-LOC",), "teacher": ("B-LOC",), "student": ("O",)}
    assert sentences.caption.startswith("2 of 2 sentences that are tagged otherwise, of 3")
    assert table.caption.endswith("words of all 3 labelled sentences of the target.")
    assert len(Changes(Changes.Config(sentences=1)).look(saying(view, **said))[1].sentences) == 1
    some, sentences = Changes(Changes.Config(looked_at=2)).look(saying(view, **said))  # the first two of three
    assert some.caption.endswith("words of 2, taken at even distances, of the 3 labelled sentences of the target.")
    assert sum(row[1] for row in some.rows[:-1]) == 4 and sentences.caption.endswith("otherwise, of 2.")


@pytest.mark.parametrize(("number", "most"), [(1, 1), (7, 3), (600, 500), (3, 500), (1000, 1)])
def test_sentences_are_taken_at_even_distances(number, most):
    found = evenly(number, most)
    steps = {two - one for one, two in pairwise(found)}
    assert (found[0], len(found)) == (0, min(number, most))
    assert found[-1] < number and len(steps) <= 2 and max(steps, default=0) - min(steps, default=0) <= 1


def test_what_holds_no_tagger_any_more_is_not_compared(made, stage):
    teacher = stage("teacher")
    view = made(("a", "O", "O"))
    object.__setattr__(view, "stages", (teacher, stage("student", teacher, tagger=False)))
    assert not Changes().look(view)
