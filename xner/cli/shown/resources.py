"""What `xner resource show` prints."""

from dataclasses import asdict

from rich.text import Text

from xner.cli.console import print_json, table, terminal
from xner.runs.resource import Look


def show_resource(look: Look, as_json: bool) -> None:
    """Print what a resource is and has: facts, then samples."""
    if as_json:
        print_json(asdict(look))
        return
    console = terminal()
    for (source, target), shown in zip(look.languages, look.shown, strict=True):
        console.print(Text.assemble((f"{look.role} {look.name}", "bold"), f", {source} to {target}"))
        for what, value in shown.facts.items():
            console.print(f"{_told(value):>10}  {what}", soft_wrap=True)
        if shown.samples:
            rows = table(shown.heads)
            for sample in shown.samples:
                rows.add_row(*map(Text, sample))
            console.print(rows)


def _told(value: int | float | str) -> str:
    """Return a number for people; a fraction is a share."""
    if isinstance(value, float):
        return f"{value:.1%}"
    return value if isinstance(value, str) else f"{value:,}"
