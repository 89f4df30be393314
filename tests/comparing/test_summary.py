import json
import statistics
from pathlib import Path

import numpy as np
import pytest

from xner.comparing.record import MEAN, RECORD, Cell, Comparison
from xner.comparing.summary import summarized
from xner.errors import DataError
from xner.scoring.counts import COUNTS, Counts
from xner.scoring.intervals import interval
from xner.scoring.scores import Metrics

SENTENCES = 30


def counts_of(skill, seed, sentences=SENTENCES):
    rng = np.random.default_rng(seed)
    gold = np.random.default_rng(99).poisson(1.0, (sentences, 2))
    right = rng.binomial(gold, skill)
    return Counts(("LOC", "PER"), np.stack([right, right + rng.binomial(1, 0.2, gold.shape), gold], axis=-1))


@pytest.fixture
def cell(tmp_path):
    """Makes a cell with a run folder; without a skill it is one that failed."""

    def make(method, target="de", seed=0, skill=0.6, sentences=SENTENCES, **fields):
        folder = tmp_path / f"{method}-{target}-{seed}"
        made = Cell(method=method, target=target, seed=seed, folder=str(folder), problem="no")
        if skill is None:
            return made
        counts = counts_of(skill, sum(f"{method}{target}{seed}".encode()), sentences)
        folder.mkdir()
        counts.save(folder / COUNTS)
        metrics = Metrics.of(counts, f"c {target}/test", "conlleval")
        return made.model_copy(update={"metrics": metrics, "problem": "", **fields})

    return make


def summary(*cells, methods=("a", "b", "c"), targets=("de", "fr")):
    named = {"methods": [m for m in methods if any(c.method == m for c in cells)]}
    named |= {"targets": [t for t in targets if any(c.target == t for c in cells)]}
    return summarized(Comparison(settings=named, cells=cells))


def table(cell):
    return Counts.load(Path(cell.folder) / COUNTS).by_sentence


def f1(*cells):
    return statistics.fmean(cell.metrics.overall.f1 for cell in cells)


def test_rows_are_means_over_seeds_with_the_sample_deviation(cell):
    one = [cell("a", seed=seed, skill=skill) for seed, skill in enumerate((0.4, 0.6, 0.9))]
    rows = summary(one[0], cell("b"), *one[1:]).rows
    assert [(row.method, row.target, row.seeds) for row in rows] == [("a", "de", 3), ("b", "de", 1)]
    overall = [cell.metrics.overall for cell in one]
    for name in ("precision", "recall", "f1"):
        assert getattr(rows[0], name) == pytest.approx(statistics.fmean(getattr(score, name) for score in overall))
    assert rows[0].spread == pytest.approx(statistics.stdev(score.f1 for score in overall))
    assert rows[1].spread is None


def test_rows_are_by_target_and_then_by_method_in_the_order_asked_for(cell):
    rows = summary(cell("b", "fr"), cell("a", "de"), cell("a", "fr"), cell("b", "de")).rows
    assert [(row.method, row.target) for row in rows] == [("a", "de"), ("b", "de"), ("a", "fr"), ("b", "fr")]


def test_scores_by_type_are_means_over_seeds(cell):
    one = [cell("a", seed=seed, skill=skill) for seed, skill in enumerate((0.4, 0.9))]
    by_type = summary(*one).rows[0].by_type
    assert list(by_type) == ["LOC", "PER"]
    loc = [cell.metrics.by_type["LOC"] for cell in one]
    for name in ("precision", "recall", "f1"):
        assert getattr(by_type["LOC"], name) == pytest.approx((getattr(loc[0], name) + getattr(loc[1], name)) / 2)
    assert by_type["LOC"].entities == loc[0].entities == loc[1].entities


def test_a_type_that_one_seed_never_speaks_of_is_zero_there(cell):
    one, two = cell("a"), cell("a", seed=1)
    few = {"LOC": two.metrics.by_type["LOC"]}
    two = two.model_copy(update={"metrics": two.metrics.model_copy(update={"by_type": few})})
    per = summary(one, two).rows[0].by_type["PER"]
    assert per.f1 == pytest.approx(one.metrics.by_type["PER"].f1 / 2)
    assert per.entities == one.metrics.by_type["PER"].entities


def test_the_time_is_the_mean_and_the_memory_the_most(cell):
    cells = [cell("a", seed=n, seconds=seconds, peak_memory_mb=mb) for n, (seconds, mb) in enumerate([(1, 7), (4, 5)])]
    row = summary(*cells).rows[0]
    assert (row.seconds, row.peak_memory_mb) == (2.5, 7)


def test_cells_without_a_score_have_no_row(cell):
    made = summary(cell("a"), cell("a", seed=1, skill=None), cell("b", skill=None))
    assert [(row.method, row.seeds) for row in made.rows] == [("a", 1)]
    assert [(failed.method, failed.seed) for failed in made.failed] == [("a", 1), ("b", 0)]


# differences


def test_every_method_is_compared_with_the_first(cell):
    first = [cell("a", seed=seed, skill=0.5) for seed in (0, 1)]
    second = [cell("b", seed=seed, skill=0.6) for seed in (0, 1)]
    third = [cell("c", seed=seed, skill=0.9) for seed in (0, 1)]
    rows = summary(*third, *second, *first).rows
    assert rows[0].difference is None
    for row, cells in zip(rows[1:], (second, third), strict=True):
        assert row.difference.f1 == pytest.approx(f1(*cells) - f1(*first))
        expected = interval(*([np.stack([table(one) for one in side])] for side in (first, cells)))
        assert (row.difference.low, row.difference.high, row.difference.p) == expected
        assert row.difference.seeds == 2


def test_only_seeds_that_both_have_are_compared(cell):
    first = [cell("a", seed=seed, skill=skill) for seed, skill in ((0, 0.3), (1, 0.6))]
    second = [cell("b", seed=seed, skill=0.6) for seed in (1, 2)]
    rows = summary(*first, *second).rows
    assert rows[1].seeds == 2 and rows[1].difference.seeds == 1
    assert rows[1].difference.f1 == pytest.approx(f1(second[0]) - f1(first[1]))
    expected = interval([table(first[1])[None]], [table(second[0])[None]])
    assert rows[1].difference.low == expected.low


def test_without_a_common_seed_or_a_first_method_there_is_no_difference(cell):
    assert summary(cell("a"), cell("b", seed=1)).rows[1].difference is None
    made = summary(cell("a", "fr", skill=None), cell("b", "fr"), cell("c", "fr"))
    assert [(row.method, row.difference) for row in made.rows] == [("b", None), ("c", None)]


@pytest.mark.parametrize("trouble", ["no file", "no counts", "other sentences", "other gold", "one sentence"])
def test_without_counts_there_is_a_difference_but_no_interval(cell, trouble):
    sentences = 1 if trouble == "one sentence" else SENTENCES
    first, second = cell("a", sentences=sentences), cell("b", skill=0.9, sentences=sentences)
    file = Path(second.folder) / COUNTS
    if trouble == "no file":
        file.unlink()
    elif trouble == "no counts":
        file.write_text("{}")
    elif trouble == "other sentences":
        counts_of(0.9, 0, sentences=7).save(file)
    elif trouble == "other gold":
        counts = counts_of(0.9, 0)
        Counts(counts.types, counts.values + 1).save(file)
    difference = summary(first, second).rows[1].difference
    assert difference.f1 == pytest.approx(f1(second) - f1(first))
    assert (difference.low, difference.high, difference.p) == (None, None, None)


# over all targets


def test_means_over_targets(cell):
    cells = {
        (method, target, seed): cell(method, target, seed, skill)
        for method, skill in (("a", 0.5), ("b", 0.7))
        for target in ("de", "fr")
        for seed in (0, 1)
    }
    made = summary(*cells.values())
    first, second = made.means
    assert [(row.method, row.target, row.seeds) for row in made.means] == [("a", MEAN, 2), ("b", MEAN, 2)]
    macro = [f1(cells["b", "de", seed], cells["b", "fr", seed]) for seed in (0, 1)]
    assert second.f1 == pytest.approx(statistics.fmean(macro))
    assert second.spread == pytest.approx(statistics.stdev(macro))
    assert second.difference.f1 == pytest.approx(second.f1 - first.f1)
    tables = {
        method: [np.stack([table(cells[method, target, seed]) for seed in (0, 1)]) for target in ("de", "fr")]
        for method in "ab"
    }
    assert second.difference.low == interval(tables["a"], tables["b"]).low
    assert second.by_type == {} and first.difference is None


def test_a_mean_needs_every_target_of_a_seed(cell):
    cells = [cell("a", target, seed) for target in ("de", "fr") for seed in (0, 1)]
    gap = [cell("b", "de"), cell("b", "fr", skill=None), cell("b", "de", 1), cell("b", "fr", 1)]
    nothing = [cell("c", "de"), cell("c", "fr", 1)]
    made = summary(*cells, *gap, *nothing)
    assert [(row.method, row.seeds) for row in made.means] == [("a", 2), ("b", 1)]
    assert made.means[1].difference.seeds == 1
    assert made.means[1].f1 == pytest.approx(f1(gap[2], gap[3]))


def test_one_target_has_no_mean(cell):
    assert summary(cell("a"), cell("b")).means == ()


# where it comes from


def test_corpora_machines_and_versions_are_those_of_the_cells_each_once(cell):
    cells = [cell("a"), cell("b"), cell("b", seed=1), cell("c", skill=None)]
    for number, made in enumerate(cells[:2]):
        corpora = [{"corpus": "x en", "counts": "3 sentences"}, {"corpus": f"x {number}", "counts": "4 sentences"}]
        manifest = {"corpora": corpora, "hardware": {"machine": "Linux, 2 cores"}}
        versions = {"torch": "2", "numpy": "9", "python": "3.11.1", "transformers": f"{5 + number}", "xner": "1"}
        manifest |= {"versions": versions, "plugins": {"demo": "4"} | ({"own": "1"} if number else {})}
        (Path(made.folder) / "manifest.json").write_text(json.dumps(manifest))
    (Path(cells[2].folder) / "manifest.json").write_text("[")
    made = summary(*cells)
    assert made.corpora == ("x en: 3 sentences", "x 0: 4 sentences", "x 1: 4 sentences")
    assert made.machines == ("Linux, 2 cores",)
    assert made.versions == ("xner 1", "torch 2", "transformers 5 and 6", "python 3.11.1", "demo 4", "own 1")


def test_it_survives_json(cell):
    made = summary(cell("a"), cell("b"), cell("a", "fr"), cell("b", "fr", skill=None))
    assert Comparison.model_validate_json(made.model_dump_json()) == made


# from a folder

ASKED = {"methods": ["a", "b"], "targets": ["de", "fr"], "seeds": [0, 1], "source": {"languages": ["en"]}}


def test_a_comparison_is_read_from_its_folder_with_its_cells_in_it(cell, tmp_path):
    made = Comparison(settings=ASKED, cells=(cell("a"), cell("b", skill=None)))
    elsewhere = [c.model_copy(update={"folder": f"/gone/{Path(c.folder).name}"}) for c in made.cells]
    (tmp_path / RECORD).write_text(made.model_copy(update={"cells": tuple(elsewhere)}).model_dump_json())
    assert Comparison.read(tmp_path) == made


def test_scored_failed_and_missing_are_all_that_was_asked_for(cell):
    made = Comparison(settings=ASKED, cells=(cell("a"), cell("a", "fr"), cell("b", skill=None)))
    assert made.scored == list(made.cells[:2]) and made.failed == [made.cells[2]]
    assert made.missing == [("a", "de", 1), ("b", "de", 1), ("b", "fr", 0), ("a", "fr", 1), ("b", "fr", 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            None,
            r"x: not a comparison: has no readable comparison.json: No such file or directory; `xner compare` makes",
        ),
        ("\udcff", r"x: not a comparison: has no readable comparison.json: 'utf-8' codec can't decode byte 0xff"),
        ('{"settings": {"meth', r"comparison.json: damaged or half-written: .*; remove the folder and compare again"),
        (
            "[]",
            r"comparison.json: not as xner [\d.]+ writes it \(Input should be an object\); read it with the version",
        ),
        (
            '{"settings": {}, "cells": [{}]}',
            r"writes it \(cells\.0\.method: Field required\); .* manifest\.json of its",
        ),
        ('{"settings": {"methods": []}}', r"writes it \(settings has no targets\)"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(tmp_path, text, message):
    folder = tmp_path / "x"
    folder.mkdir()
    if text is not None:
        (folder / RECORD).write_text(text, encoding="utf-8", errors="surrogateescape")
    with pytest.raises(DataError, match=message) as error:
        Comparison.read(folder)
    assert "\n" not in str(error.value)


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DataError, match=r"/nowhere: no such folder; `xner compare` makes one$"):
        Comparison.read(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["..", "runs/..", "", "x/"])
def test_no_cell_is_outside_of_the_comparisons_folder(tmp_path, name):
    known = {"methods": ["direct"], "targets": ["de"], "seeds": [0], "source": {}}
    cell = Cell(method="direct", target="de", seed=0, folder=name)
    (tmp_path / RECORD).write_text(Comparison(settings=known, cells=(cell,)).model_dump_json())
    with pytest.raises(DataError, match=r"comparison.json: not as xner .* is no folder of a cell: it "):
        Comparison.read(tmp_path)


def test_cells_of_a_comparison_from_windows_are_found(tmp_path):
    known = {"methods": ["direct"], "targets": ["de"], "seeds": [0], "source": {}}
    cell = Cell(method="direct", target="de", seed=0, folder="runs\\compare\\direct-en-de-s0")
    (tmp_path / RECORD).write_text(Comparison(settings=known, cells=(cell,)).model_dump_json())
    assert Comparison.read(tmp_path).cells[0].folder == str(tmp_path / "direct-en-de-s0")
