"""What labels are worth: sentences of the target are chosen in two ways, learned from, and what is known is kept."""

import labelling
import pytest
from labelling import Chosen, Labelled
from store import Store

from xner.testing import tiny_corpus


@pytest.fixture
def table(place, tmp_path, monkeypatch, capsys):
    """Runs the command on a tiny experiment; returns its table."""
    monkeypatch.setenv("XNER_CACHE", "")

    def call(*options):
        given = {"experiment": place / "experiment.toml", "out": tmp_path / "out", "records": tmp_path / "records"}
        files = [word for name, file in given.items() for word in (f"--{name}", file)]
        labelling.main([str(word) for word in (place / "data", "--target", "xx", *files, *options)])
        return capsys.readouterr().out

    return call


def known(kind, folder):
    store = Store(folder / "records")
    return [store.load(kind, file.stem) for file in sorted((store.folder / kind.__name__.lower()).glob("*.json"))]


def test_the_first_sentences_of_each_way_are_learned_from(table, tmp_path):
    options = ("--numbers", 4, 8, "--pool", 30, "--by", "tsl", "--seeds", 1)
    said = table(*options)
    found = {(one.way, one.number): one for one in known(Labelled, tmp_path)}
    assert set(found) == {("none", 0), *((way, number) for way in ("suggested", "random") for number in (4, 8))}
    assert f"| xx | direct | 8 | suggested | {found['suggested', 8].f1:.2f} | " in said
    orders = {bool(one.taggers): one for one in known(Chosen, tmp_path)}
    assert orders[True].taggers == ("student", "teacher recognizer on en")
    pool = list(tiny_corpus("xx").limit(30, 0))
    for asked, way in ((True, "suggested"), (False, "random")):
        numbers = orders[asked].numbers
        assert len(set(numbers)) == len(numbers) == 8
        for number in (4, 8):
            first = [pool[place] for place in numbers[:number]]
            assert found[way, number].words == sum(len(sentence.tokens) for sentence in first)
            assert found[way, number].entities == sum(t[0] == "B" for sentence in first for t in sentence.tags)
    assert (found["none", 0].words, found["none", 0].entities) == (0, 0)
    students = [file.parents[1].name for file in (tmp_path / "out/runs").glob("*/student/config.json")]
    assert ["-by-" in name for name in students] == [True]  # each has hundreds of megabytes
    before = {file: file.stat().st_mtime_ns for file in (tmp_path / "records").rglob("*.json")}
    assert table(*options) == said
    assert before == {file: file.stat().st_mtime_ns for file in (tmp_path / "records").rglob("*.json")}
    assert table("--only-render") == said


def test_the_table_has_means_over_seeds(table, tmp_path):
    store = Store(tmp_path / "records")
    for seed, f1 in ((0, 70.0), (1, 72.0)):
        one = {"method": "direct", "target": "pt", "way": "random", "number": 50, "words": 900 + seed, "entities": 40}
        store.save(f"x{seed}", Labelled(**one, seed=seed, f1=f1, decoding="legal"))
    assert "| pt | direct | 50 | random | 71.00 ± 1.41 | 900 | 40 | 0, 1 |" in table("--only-render")
