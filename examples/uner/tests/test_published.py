import re
import shlex

import labelling
import pytest
import results

from xner.comparing import summary
from xner.scoring.intervals import Interval

RECORDS = results.HERE / "records"


def figures(page):
    """The page but for intervals, and for the bold figures, which depend on them."""
    return re.sub(r"\*\*|<br>\[[^]]*\]", "", page).splitlines()


@pytest.mark.parametrize(
    "page", ["results.md", "results-settings.md", "results-short-trainings.md", "results-several-sources.md"]
)
def test_a_page_is_what_its_records_say(page, tmp_path, monkeypatch):
    monkeypatch.setattr(summary, "interval", lambda *counts: Interval(-1.0, 1.0, 1.0))  # takes a minute
    published = (results.ROOT / "docs" / page).read_text(encoding="utf-8")
    options = shlex.split(re.search(r"^\| command \| `python \S+ DATA(.*)` \|$", published, re.MULTILINE)[1])
    monkeypatch.chdir(results.ROOT)
    made = tmp_path / page
    results.main(["--only-render", "--records", str(RECORDS), "--page", str(made), *options])
    assert figures(made.read_text(encoding="utf-8")) == figures(published)


def test_what_suggested_sentences_are_worth_is_what_the_records_say(capsys):
    labelling.main(["--only-render", "--records", str(RECORDS)])
    cells = [[cell.strip() for cell in line.split("|")[3:8]] for line in capsys.readouterr().out.splitlines()[2:]]
    said = {(number, way): rest for number, way, *rest in cells}
    page = (results.ROOT / "docs/suggest.md").read_text(encoding="utf-8").replace("**", "")
    for number in ("50", "200", "800"):
        pairs = list(zip(said[number, "suggested"], said[number, "random"], strict=True))
        (one, other), *counts = pairs
        assert f"| {number} | {one} | {other} | {' | '.join(map(' / '.join, counts))} |" in page
    assert f"| 0 | {said['0', 'none'][0]} |" in page
