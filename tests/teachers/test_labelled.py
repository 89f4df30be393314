from pathlib import Path

import numpy as np
import pytest

from xner.errors import UsageError
from xner.store.ragged import write
from xner.store.stages import TAGGER, Stage
from xner.teachers.combination import joined
from xner.teachers.labelled import SIGNALS, FittedTeacher, Labelled, Shares, sources_of
from xner.testing import tiny_corpus

EN, ZZ = tiny_corpus("en", size=5), tiny_corpus("zz", size=5)
TARGET = tiny_corpus("xx", size=4).without_labels()


KINDS = "recognizer", "similarity"
COLUMNS = {"recognizer": "p", "similarity": "vectors", "other": "q"}


class Says:
    """A teacher's component as far as its signals are concerned."""

    embeddings = ("vectors",)


def fitted(name, source, folder=Path("nowhere"), seed=None):
    return FittedTeacher(name, Says(), Stage("", f"{name}-{source.language}{seed or ''}", folder), source, seed)


def teachers(*pairs):
    return [fitted(name, source) for name, source in pairs]


def weighed(tmp_path, weights):
    folder = tmp_path / "weighed"
    folder.mkdir()
    np.save(folder / "weights.npy", np.array(weights))
    return Stage("", "w", folder)


@pytest.mark.parametrize(
    ("given", "sources"),
    [
        ([], ()),
        ([("recognizer", EN)], ()),
        ([("recognizer", EN), ("similarity", EN)], ()),
        ([("recognizer", EN), ("similarity", ZZ)], ()),  # one of each kind: there is nothing to combine
        ([("recognizer", EN), ("recognizer", ZZ)], (EN, ZZ)),
        ([("recognizer", ZZ), ("recognizer", EN)], (ZZ, EN)),
        ([(name, source) for name in ("recognizer", "similarity") for source in (EN, ZZ)], (EN, ZZ)),
        ([("recognizer", EN), ("recognizer", ZZ), ("similarity", EN)], (EN, ZZ)),
    ],
)
def test_the_sources_whose_teachers_are_combined(given, sources):
    assert sources_of(teachers(*given)) == sources


@pytest.mark.parametrize(
    "given",
    [
        [("recognizer", EN), ("recognizer", EN)],
        [("recognizer", EN), ("recognizer", ZZ), ("recognizer", EN)],
        [("recognizer", EN), ("recognizer", ZZ), ("similarity", ZZ), ("similarity", EN)],
    ],
    ids=["the same twice", "one of them twice", "another order"],
)
def test_teachers_that_cannot_be_combined(given):
    with pytest.raises(UsageError, match=r"must differ in their source or .* the same sources: recognizer"):
        sources_of(teachers(*given))


def test_teachers_with_other_seeds_are_one_source():
    several = [fitted("recognizer", EN, seed=seed) for seed in (None, 1, 2)]
    assert sources_of(several) == ()
    assert sources_of([*several, fitted("recognizer", ZZ)]) == (EN, ZZ)
    assert [teacher.title(several=False) for teacher in several[:2]] == ["recognizer", "recognizer, seed 1,"]


WEIGHTS = [[0.9, 0.1], [0.5, 0.5], [0.7, 0.3], [0.1, 0.9]]


def test_shares(tmp_path):
    stage = weighed(tmp_path, WEIGHTS)
    assert Shares((EN, ZZ), "uniform").read(4).tolist() == [[0.5, 0.5]] * 4
    assert Shares((EN, ZZ), "sentence-similarity", stage).read(4).tolist() == WEIGHTS
    assert np.allclose(Shares((EN, ZZ), "similarity", stage).read(4), [[0.55, 0.45]] * 4)


def test_signals_of_one_kind_are_combined_and_others_stand_beside(tmp_path):
    draw, stages, said = np.random.default_rng(0), [], {}
    given = teachers(*((name, source) for name in COLUMNS for source in (EN, ZZ)))[:-1]
    for teacher in given:
        column = COLUMNS[teacher.name]
        said[teacher.stage.key] = [{column: draw.random((len(s.tokens), 3)).astype(np.float32)} for s in TARGET]
        folder = tmp_path / teacher.stage.key
        folder.mkdir()
        write(folder / SIGNALS, [said[teacher.stage.key]])
        stages.append(Stage("", teacher.stage.key, folder))
    shares = Shares((EN, ZZ), "sentence-similarity", weighed(tmp_path, WEIGHTS))
    signals = Labelled(TARGET, tuple(given), tuple(stages), shares).signals()
    for number, weights in enumerate(WEIGHTS):
        row = signals.row(number)
        p, v = ([said[f"{name}-{language}"][number][COLUMNS[name]] for language in ("en", "zz")] for name in KINDS)
        assert np.allclose(row["p"], weights[0] * p[0] + weights[1] * p[1], atol=1e-6)
        assert np.array_equal(row["vectors"], joined(v, np.array(weights)))
        assert np.array_equal(row["q"], said["other-en"][number]["q"])


def test_teachers_with_other_seeds_share_what_their_source_counts(tmp_path):
    given = [fitted("recognizer", EN), fitted("recognizer", EN, seed=1), fitted("recognizer", ZZ)]
    stages, said = [], []
    for number, teacher in enumerate(given):
        said.append([{"p": np.full((len(s.tokens), 2), number, np.float32)} for s in TARGET])
        (tmp_path / teacher.stage.key).mkdir()
        write(tmp_path / teacher.stage.key / SIGNALS, [said[-1]])
        stages.append(Stage("", teacher.stage.key, tmp_path / teacher.stage.key))
    shares = Shares((EN, ZZ), "sentence-similarity", weighed(tmp_path, WEIGHTS))
    signals = Labelled(TARGET, tuple(given), tuple(stages), shares).signals()
    for number, (en, zz) in enumerate(WEIGHTS):
        assert np.allclose(signals.row(number)["p"], en / 2 * 1 + zz * 2, atol=1e-6)
    even = Labelled(TARGET, tuple(given[:2]), tuple(stages[:2])).signals()
    assert np.allclose(even.row(0)["p"], 0.5)


def tagging(tmp_path, *pairs, taggers=("en", "zz")):
    """Teachers with folders, of which some hold a tagger."""
    made = []
    for name, source in pairs:
        folder = tmp_path / f"{name}-{source.language}"
        (folder / TAGGER if source.language in taggers else folder).mkdir(parents=True)
        made.append(fitted(name, source, folder))
    return tuple(made)


@pytest.mark.parametrize(
    ("weights", "start"), [([[0.9, 0.1]] * 4, "en"), ([[0.4, 0.6]] * 4, "zz"), ([[0.5, 0.5]] * 4, "en")]
)
def test_a_student_starts_from_the_teacher_that_counts_most(tmp_path, weights, start):
    made = tagging(tmp_path, ("recognizer", EN), ("recognizer", ZZ))
    for kind in ("similarity", "sentence-similarity"):
        shares = Shares((EN, ZZ), kind, Stage("", "w", tmp_path / "weighed"))
        if kind == "similarity":
            weighed(tmp_path, weights)
        assert Labelled(TARGET, made, (), shares).tagger() == tmp_path / f"recognizer-{start}" / TAGGER


def test_of_equal_teachers_it_is_the_first(tmp_path):
    made = tagging(tmp_path, ("recognizer", ZZ), ("recognizer", EN))
    assert Labelled(TARGET, made, (), Shares((ZZ, EN), "uniform")).tagger() == made[0].stage.folder / TAGGER
    assert Labelled(TARGET, made[::-1], ()).tagger() == made[1].stage.folder / TAGGER


def test_a_teacher_that_is_no_tagger_is_no_start(tmp_path):
    made = tagging(tmp_path, ("recognizer", EN), ("recognizer", ZZ), taggers=("en",))
    shares = Shares((EN, ZZ), "similarity", weighed(tmp_path, [[0.1, 0.9]] * 4))
    assert Labelled(TARGET, made, (), shares).tagger() == made[0].stage.folder / TAGGER
    with pytest.raises(UsageError, match=r"no teacher of this method is a tagger; set student\.start = encoder"):
        Labelled(TARGET, made[1:], ()).tagger()
