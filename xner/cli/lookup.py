"""The commands that show what is there, plugins, list, describe, data show and resource show, or make a resource."""

from pathlib import Path
from typing import Annotated, Any

import typer

from xner.cli.console import print_json
from xner.cli.options import ConfigFile, Json, Set, with_settings
from xner.hookspecs import KINDS
from xner.plugin.manager import Plugins, kind_of
from xner.runs.options import LOOK

app = typer.Typer()
data = typer.Typer(no_args_is_help=True, help="Look at corpora.")
app.add_typer(data, name="data")
resource = typer.Typer(no_args_is_help=True, help="Look at dictionaries and other resources, or make one.")
app.add_typer(resource, name="resource")


def plugins_in_use() -> Plugins:
    """Load the plugins, and warn of broken and slow ones."""
    loaded = Plugins.load()
    for info in loaded.broken:
        typer.echo(f"warning: the plugin '{info.name}' {info.version} is not loaded: {info.problem}", err=True)
    for info in loaded.slow:
        slow = f"took {info.seconds:.0f} s to load; its hooks should import nothing heavy"
        typer.echo(f"warning: the plugin '{info.name}' {info.version} {slow}", err=True)
    return loaded


@app.command()
def plugins(as_json: Json = False) -> None:
    """Show the installed plugins, what they offer, and which are broken."""
    from xner.cli import listing

    listing.show_plugins(Plugins.load(), as_json)


@app.command("list")
def list_(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}.")] = "methods",
    as_json: Json = False,
) -> None:
    """List the components of a kind."""
    from xner.cli import listing

    listing.show_components(plugins_in_use(), kind_of(kind), as_json)


@app.command()
def describe(
    kind: Annotated[str, typer.Argument(help=f"One of: {', '.join(KINDS)}; or run.")],
    name: Annotated[str | None, typer.Argument(help="Its name.")] = None,
    as_json: Json = False,
) -> None:
    """Show what a component is and which settings it has; "xner describe run": those of a whole run."""
    from xner.cli import listing

    listing.describe(plugins_in_use(), kind, name, as_json)


@data.command("show")
def data_show(
    corpus: Annotated[str, typer.Argument(help="Corpus name, folder or file.")],
    lang: Annotated[str, typer.Option(help="Language.")] = "en",
    set_: Set = None,
    as_json: Json = False,
) -> None:
    """Show a corpus: counts by split and type, duplicates, sentence lengths, samples."""
    from xner.cli.shown import corpora
    from xner.runs.components import Components
    from xner.runs.config import build, parse_assignment

    config = build(dict(map(parse_assignment, set_ or [])))
    corpora.show_corpus(Components(plugins_in_use(), config).corpus(corpus), lang, as_json)


@resource.command("show")
@with_settings(*LOOK)
def resource_show(
    role: Annotated[str, typer.Argument(help="What it serves as, such as dictionary.")],
    name: Annotated[str | None, typer.Argument(help="Its name.", show_default="that of the settings")] = None,
    *,
    settings: dict[str, Any],
    config: ConfigFile = None,
    as_json: Json = False,
) -> None:
    """Show a resource as a run would use it: size, coverage of its texts, samples."""
    from xner.cli.shown import resources
    from xner.runs.config import build, read_settings
    from xner.runs.resource import look

    own, named = read_settings(config) if config else {}, {f"resources.{role}": name} if name else {}
    resources.show_resource(look(build(own, settings, named), plugins_in_use(), role), as_json)


@resource.command("wikidata")
def resource_wikidata(
    dump: Annotated[Path, typer.Argument(help="Wikidata's JSON dump; may be gzip or bzip2.")],
    out: Annotated[Path, typer.Argument(help="The file of names to write.")],
    lang: Annotated[str, typer.Option(help="Languages whose names are taken, with commas.")] = "en",
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", help="A class and its type.", show_default="Q5=PER, Q2221906=LOC, Q43229=ORG"),
    ] = None,
    least: Annotated[int, typer.Option(min=0, help="Wikipedias that an entity is in at least.")] = 1,
    as_json: Json = False,
) -> None:
    """Make a gazetteer of a dump of Wikidata: names, types and priors, for gazetteer-file."""
    from xner.errors import UsageError
    from xner.resources.wikidata import TYPES, WikidataNames
    from xner.store.files import writing

    pairs = [one.partition("=") for one in type_ or []]
    if wrong := ["".join(pair) for pair in pairs if not all(pair)]:
        raise UsageError(f"--type {wrong[0]}: expected a class and its type, such as Q5=PER")
    types = {name: kind for name, _, kind in pairs} or TYPES
    names, rows = WikidataNames(dump, tuple(lang.split(",")), types, least), 0
    with writing(out) as file:
        for name in names.names():
            file.write(f"{name.surface}\t{name.type}\t{name.prior:.3g}\n")
            rows += 1
    counts = {kind: names.counts[kind] for kind in sorted(set(types.values()))}
    if as_json:
        print_json({"file": str(out), "rows": rows, "entities": names.counts["read"], "types": counts})
        return
    found = ", ".join(f"{kind} {count:,}" for kind, count in counts.items())
    typer.echo(f"{out}: {rows:,} rows of {names.counts['read']:,} entities ({found})")
