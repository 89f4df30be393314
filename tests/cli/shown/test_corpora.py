"""What `xner data show` prints; types and words are never taken for markup."""

import io

from rich.console import Console

from xner.cli.shown.corpora import highlight, render
from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.inspection import inspect
from xner.corpora.source import CorpusReader

ANN = Sentence(["Ann", "Lee", "ran"], ["B-PER", "I-PER", "O"])


class Source(CorpusReader):
    def __init__(self, data):
        super().__init__()
        self.data = data

    def load(self, language, split):
        return Corpus.from_sentences("toy", language, split, self.data[split])

    def splits(self):
        return {"xx": tuple(self.data)}


def inspected(**splits):
    return inspect(Source(splits), "xx")


def show(report, **options):
    console = Console(file=io.StringIO(), width=100, **options)
    console.print(render(report))
    return console.file.getvalue()


def test_splits_without_entities_and_without_tags():
    assert "none" in show(inspected(train=[Sentence(["a"], ["O"])]))
    shown = show(inspected(train=[Sentence(["raw", "text"])]))
    assert "unlabelled" in shown and "1 raw text" in shown


def test_the_table():
    rows = [
        [cell.strip() for cell in line.strip("│┃").replace("┃", "│").split("│")]
        for line in show(inspected(train=[ANN] * 1200, test=[Sentence(["[b]x[/b]"], ["B-[red]"]), ANN])).splitlines()
        if line.startswith(("│", "┃"))
    ]
    assert rows == [
        ["", "train", "test"],
        ["sentences", "1,200", "2"],
        ["words", "3,600", "4"],
        ["PER", "1,200", "1"],
        ["[red]", "0", "1"],
        ["words per sentence, min", "3", "1"],
        ["words per sentence, median", "3", "2"],
        ["words per sentence, p95", "3", "2.9"],
        ["words per sentence, max", "3", "3"],
        ["repeated within", "1,199", "0"],
        ["found in train", "", "1"],
    ]


def test_entities_are_marked_with_and_without_colour():
    sentence = Sentence(["so", "Ann", "Lee", "met", "[red]", "Bo"], ["O", "B-PER", "I-PER", "O", "O", "B-LOC"])
    text = highlight(sentence, ["PER", "LOC"])
    assert text.plain == "so [PER Ann Lee] met [red] [LOC Bo] "
    marked = {text.plain[span.start : span.end]: span.style for span in text.spans}
    assert set(marked) == {"[PER Ann Lee]", "[LOC Bo]"}
    assert len(set(marked.values())) == 2
    adjacent = highlight(Sentence(["Ann", "Bo"], ["B-PER", "B-PER"]), ["PER"])
    assert adjacent.plain == "[PER Ann] [PER Bo] "
    assert "[PER Ann Lee] ran" in show(inspected(train=[ANN]))
    assert "\x1b[" in show(inspected(train=[ANN]), force_terminal=True, color_system="standard")


def test_more_types_than_colours():
    types = [f"T{number}" for number in range(20)]
    for kind in types:
        assert highlight(Sentence(["a"], [f"B-{kind}"]), types).plain == f"[{kind} a] "


def test_how_files_were_read():
    report = inspected(train=[ANN], dev=[ANN])
    told = {"layout": "columns: 2 words, 3 tags", "notes": ["a.tsv:1: [b] is read"]}
    report = report.model_copy(update={"splits": {"train": report.splits["train"].model_copy(update=told)}})
    lines = show(report).splitlines()
    assert [cell.strip() for cell in lines[-4].strip("│").split("│")] == ["read as", "columns: 2 words, 3 tags"]
    assert lines[-2] == "a.tsv:1: [b] is read"
    assert "read as" not in show(inspected(train=[ANN]))
