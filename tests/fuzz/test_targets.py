"""A few hundred bad inputs for each target in every run of the tests, always the same; `make fuzz` tries more."""

import sys
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.__main__ import main
from tests.fuzz.seeds import SEEDS, mutated
from tests.fuzz.targets import TARGETS
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read
from xner.corpora.labels import OUTSIDE, LabelMap
from xner.errors import DataError, UsageError
from xner.runs.config import build
from xner.runs.settings import RunConfig
from xner_demo.q4 import read_q4

ALWAYS_THE_SAME = settings(
    derandomize=True, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FOUND = [  # by a machine, and mended
    ("read.parquet", SEEDS["read.parquet"][0].replace(b"PAR1", b"AR1", 1)),
    ("read.conll", b"zh:\tO\nzh:Rome\tB-LOC\n"),  # a prefix and nothing behind it
    ("read.conll", b"Ann\tB-PER\nRome\t" + b"B-a " * 500 + b"|\n"),  # took for ever
    ("read.csv", b"Sentence #,Word,POS,Tag\nSentencg: An,,N!n1P,O\n"),
    ("read.jsonl", b'{"data": {}, "annotations": [{"result": 3}]}\n'),
    ("read.jsonl", b'{"data": {"text": "Ann"}, "annotations": [{"result": [3]}]}\n'),
    ("read.jsonl", b'{"data": {"text": "Ann"}, "annotations": [{"result": [{"value": 3}]}]}\n'),
]


@pytest.mark.parametrize("name", TARGETS)
def test_any_bytes_are_read_or_refused_in_one_line(tmp_path, name):
    @ALWAYS_THE_SAME
    @given(mutated(name))
    def holds(data):
        TARGETS[name](data, tmp_path)

    holds()


@pytest.mark.parametrize(("name", "data"), FOUND)
def test_what_was_found_stays_mended(tmp_path, name, data):
    TARGETS[name](data, tmp_path)


def test_the_seeds_are_good_or_almost(tmp_path):
    for name in TARGETS.keys() - {"q4", "settings", "read.gz"}:
        read_whole = 0
        for number, seed in enumerate(SEEDS[name]):
            path = tmp_path / f"{number}{name.removeprefix('read')}"
            path.write_bytes(seed)
            with suppress(DataError):  # what is almost right teaches as much
                read_whole += bool([*read(path, ReadOptions())])
        assert read_whole, name
    (tmp_path / "x.bin").write_bytes(SEEDS["q4"][0])
    weights = read_q4(tmp_path / "x.bin")
    assert [len(array) for array in weights.arrays.values()] == [2, 32]
    assert weights.vocabulary.pieces == (("a", 0.0), ("b", -1.0))


# settings and label maps


def leaves(model, prefix=""):
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and hasattr(inner, "model_fields"):
            yield from leaves(inner, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)
names = st.sampled_from(sorted(leaves(RunConfig))) | st.text(max_size=12)


@ALWAYS_THE_SAME
@given(st.dictionaries(names, json_values, min_size=1, max_size=3))
def test_any_settings_are_taken_or_refused_in_one_line(given_):
    try:
        built = build(given_)
    except UsageError as error:
        assert "\n" not in str(error)
    else:
        assert build(built.model_dump()) == built


kinds = st.text(min_size=1, max_size=4)


@given(
    st.lists(kinds, max_size=4, unique=True), st.dictionaries(kinds | st.just("*"), kinds, max_size=4), st.sets(kinds)
)
def test_any_label_map_leads_to_the_runs_types_or_is_refused(types, renames, had):
    try:
        mapped = LabelMap(tuple(types), renames).check(had, "x")
    except (UsageError, DataError):
        assert types  # without types of its own, the run takes whatever there is
    else:
        assert mapped.keys() == had
        assert not types or set(mapped.values()) <= {*types, OUTSIDE}


# make fuzz


def test_without_atheris_it_is_said_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "atheris", None)
    with pytest.raises(SystemExit) as stop:
        main(["settings"])
    assert stop.value.code == 1
    assert capsys.readouterr().err == 'make fuzz needs atheris; install it with: pip install -e ".[fuzz]" (Linux)\n'


def test_a_target_that_there_is_not(capsys):
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "read.conll" in capsys.readouterr().err
