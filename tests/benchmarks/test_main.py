import pytest

from tests.benchmarks import page
from tests.benchmarks.__main__ import ROWS, write_page
from tests.benchmarks.bench import ROOT
from tests.benchmarks.result import Result, Stored


@pytest.fixture
def measure(tmp_path):
    """Leaves the files of rows, as if they had been measured in a folder."""

    def measure(folder, *rows):
        (tmp_path / folder).mkdir(exist_ok=True)
        for row in rows:
            result = Result(title=f"{row} in {folder}", about="", passport={})
            machine = {"encoder": "tiny: small", "threads": "1"}
            Stored(row=row, machine=machine, seconds=1.0, result=result).write(tmp_path / folder)
        return tmp_path / folder

    return measure


def test_the_page_keeps_rows_that_were_measured_elsewhere(measure, tmp_path):
    write_page(measure("there", "teacher", "startup"), tmp_path)
    before = (tmp_path / "performance.md").read_text()
    said = write_page(here := measure("here", "teacher"), tmp_path)
    assert (tmp_path / "performance.md").read_text() == before
    assert page.rows((here / "performance.md").read_text()) == ["teacher"]
    assert said.startswith(f"{here / 'performance.md'}; ") and said.endswith(f"not measured in {here}: startup")


def test_rows_measured_anew_and_new_ones_come_onto_the_page(measure, tmp_path):
    write_page(measure("there", "teacher"), tmp_path)
    assert write_page(measure("here", "teacher", "startup"), tmp_path) == str(tmp_path / "performance.md")
    text = (tmp_path / "performance.md").read_text()
    assert page.rows(text) == ["teacher", "startup"] and "teacher in here" in text and "in there" not in text


def test_the_rows_of_the_real_page_are_seen():
    seen = page.rows((ROOT / "docs" / "performance.md").read_text(encoding="utf-8"))
    assert "teacher" in seen and seen == [row for row in ROWS if row in seen]
