from types import SimpleNamespace

import pytest
from scores import costs, needs

WHAT = SimpleNamespace(
    rows=[SimpleNamespace(title="rikd"), SimpleNamespace(title="wiki"), SimpleNamespace(title="other")]
)


@pytest.fixture
def done():
    """A cell of each of two rows: each stage took its place in the list in seconds, from 1 on."""

    def cell(row, titles, components):
        keys = {str(place): title for place, title in enumerate(titles, 1)}
        took = {key: SimpleNamespace(title=title, seconds=int(key), peak_memory_mb=9) for key, title in keys.items()}
        job = SimpleNamespace(row=row, name=row)
        return SimpleNamespace(job=job, keys=keys, manifest={"components": components}, costs=took, whole=True)

    rikd = [
        "teacher recognizer on en",
        "signals of recognizer on xx",
        "policy of round 1 on xx",
        "student 1 on xx (tags)",
    ]
    wiki = [
        "reading on en",
        "teacher linear on en beside xx",
        "en in words of xx",
        "student on xx (tags)",
        "scoring on x",
    ]
    return [cell("rikd", rikd, {}), cell("wiki", wiki, {"resources": {"public-names": {}, "freedict": {}}})]


def test_what_a_row_needs_beside_labels(done):
    assert needs(WHAT, done).rows == [
        ["rikd", "recognizer", "1", "students", ""],
        ["wiki", "linear", "1", "linear, students", "public-names, freedict"],
    ]


def test_each_stage_counts_for_one_column_of_the_costs(done):
    assert costs(WHAT, done).rows == [
        ["rikd", "1", "2", "7", "", "10", "9"],
        ["wiki", "3", "3", "4", "5", "15", "9"],
    ]
