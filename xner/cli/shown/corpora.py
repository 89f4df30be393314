"""What `xner data show` prints."""

from rich.console import Group
from rich.table import Table
from rich.text import Text

from xner.cli.console import print_json, style, terminal
from xner.corpora.corpus import Sentence
from xner.corpora.inspection import CorpusReport, inspect
from xner.corpora.labels import spans
from xner.corpora.source import CorpusReader


def show_corpus(source: CorpusReader, language: str, as_json: bool) -> None:
    """Print a corpus's counts, duplicates, lengths and samples."""
    report = inspect(source, language)
    if as_json:
        print_json(report.model_dump())
        return
    terminal().print(render(report))


def render(report: CorpusReport) -> Group:
    """Return the report for a terminal: a table with a column for each split, then the samples."""
    table = Table(title=Text(f"{report.name} {report.language}"), title_justify="left")
    table.add_column("")
    for name in report.splits:
        table.add_column(name, justify="right")
    splits = report.splits.values()
    types = list(dict.fromkeys(kind for split in splits for kind in split.entities))
    table.add_row("sentences", *(f"{split.sentences:,}" for split in splits))
    table.add_row("words", *(f"{split.words:,}" for split in splits), end_section=True)
    for kind in types:
        table.add_row(Text(kind, style(kind, types)), *(f"{split.entities.get(kind, 0):,}" for split in splits))
    if not types:
        table.add_row("entities", *("none" if split.labelled else "unlabelled" for split in splits))
    table.add_section()
    for field in ("min", "median", "p95", "max"):
        table.add_row(f"words per sentence, {field}", *(f"{getattr(split.lengths, field):g}" for split in splits))
    table.add_section()
    table.add_row("repeated within", *(f"{split.duplicates:,}" for split in splits))
    for one in list(report.splits)[:-1]:
        cells = (report.shared.get(f"{one}/{other}") for other in report.splits)
        table.add_row(f"found in {one}", *("" if count is None else f"{count:,}" for count in cells))
    if any(split.layout for split in splits):
        table.add_section()
        table.add_row("read as", *(Text(split.layout) for split in splits))
    notes = (Text(note) for note in dict.fromkeys(note for split in splits for note in split.notes))
    samples = (highlight(Sentence(sample.tokens, sample.tags), types) for sample in report.samples)
    return Group(table, *notes, *(Text.assemble((f"{number} ", "dim"), text) for number, text in enumerate(samples, 1)))


def highlight(sentence: Sentence, types: list[str]) -> Text:
    """Return a sentence with its entities coloured by type and, for terminals without colours, in brackets."""
    text, done = Text(), 0
    for span in spans(sentence.tags or []):
        text.append("".join(f"{token} " for token in sentence.tokens[done : span.start]))
        words = " ".join(sentence.tokens[span.start : span.end])
        text.append(f"[{span.type} {words}]", style(span.type, types)).append(" ")
        done = span.end
    return text.append(" ".join(sentence.tokens[done:]))
