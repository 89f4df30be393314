"""The command line: reads options, calls the engine, prints. Heavy modules are imported inside the commands."""

import io
import os
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from xner import __version__
from xner.cli import cache, lookup, options
from xner.cli import using as trained
from xner.cli.console import print_json
from xner.errors import XnerError, told
from xner.hookspecs import KINDS
from xner.machine import hardware
from xner.machine import jobs as workers
from xner.machine.stopping import TerminatedError, terminable
from xner.runs.options import COMPARE, COMPARED, TARGET, TRAIN, names

_BadOption: type[Any] = typer.BadParameter.__bases__[0]
"""The parser's UsageError: click's, or that of the copy of click that typer brings along."""
_CTRL_C = 130
"""The exit code that typer makes of it."""
_GO_ON = "the same command goes on from here"

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Named entity recognition for languages that nobody has labelled.",
)
app.add_typer(trained.app)
app.add_typer(lookup.app)
app.add_typer(cache.app)


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"xner {__version__}")
        raise typer.Exit


@app.callback()
def xner_(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""


@app.command()
@options.with_settings(*TRAIN)
def train(
    settings: dict[str, Any],
    preset: Annotated[str | None, typer.Option(help="A method's published settings, such as paper or authors.")] = None,
    config: options.ConfigFile = None,
    out: options.Out = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print settings and stages, and which are done already.")
    ] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Train a tagger for a language from labels of another."""
    from xner.cli import results
    from xner.machine import processes
    from xner.machine.progress import Progress
    from xner.runs import run as runs
    from xner.runs.mixing import configure
    from xner.runs.prepared import prepare

    plugins = lookup.plugins_in_use()
    asked = configure(plugins, settings, config, preset)
    if dry_run:
        results.show_plan(prepare(asked, plugins, Progress(quiet=True)), as_json)
        return
    run = runs.train(asked, plugins, out, Progress(quiet=quiet or not processes.first()))
    if processes.first():
        results.show_run(run, as_json)


@app.command()
@options.with_settings(*COMPARE)
def compare(
    *,
    methods: Annotated[
        str, typer.Option(help="Methods, with commas; one with parts mixed into it: tsl+entropy.")
    ] = ",".join(COMPARED),
    tgt: Annotated[
        str | None,
        typer.Option(help="Target languages, with commas; each is a task of its own.", show_default=TARGET.shown),
    ] = None,
    seeds: Annotated[
        str, typer.Option(help="How many seeds, counted from 0; or which ones, with commas (a single one: 7,).")
    ] = "1",
    settings: dict[str, Any],
    config: options.ConfigFile = None,
    out: options.Out = None,
    jobs: Annotated[
        str,
        typer.Option(help="How many processes work at once, or ray; several machines must share XNER_CACHE."),
    ] = "1",
    details: Annotated[bool, typer.Option("--details", help="Show scores by type, and every cell.")] = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Run several methods on the same data, and print how they differ."""
    from xner.cli import results
    from xner.comparing import comparison
    from xner.machine.progress import Progress
    from xner.runs.mixing import configure_comparison

    plugins = lookup.plugins_in_use()
    shared, targets = configure_comparison(plugins, settings, tgt, config)
    asked = names(methods), targets, comparison.seeds_of(seeds)
    number = comparison.jobs_of(jobs)
    result, folder = comparison.compare(shared, *asked, plugins, out, Progress(quiet=quiet), number)
    results.show_comparison(result, folder, as_json, details)
    if result.failed:
        raise typer.Exit(1)


@app.command("new-plugin")
def new_plugin_(
    name: Annotated[str, typer.Argument(help="Name of what it offers; the package is called xner-NAME.")],
    kind: Annotated[str, typer.Option(help=f"One of: {', '.join(KINDS)}.")],
    out: Annotated[Path | None, typer.Option(help="Folder.", show_default="xner-NAME")] = None,
    as_json: options.Json = False,
) -> None:
    """Write a working plugin with its test, to start from."""
    from xner.plugin import new_plugin

    plugin = new_plugin.plan(name, kind, lookup.plugins_in_use())
    folder = out or Path(plugin.distribution)
    new_plugin.write(plugin, folder)
    if as_json:
        print_json({"folder": str(folder)})
        return
    typer.echo(f'{folder} is a working plugin. Next: pip install -e "{folder}[test]" && pytest {folder}')


def _write_utf8() -> None:
    """Let all output be UTF-8, whatever the terminal or the locale says, so that it is the same everywhere."""
    # names of files that are no text come out on stdout as the bytes that they are
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def main() -> None:
    """Run the command line; failures are one line on stderr and exit code 1 or 2."""
    _write_utf8()
    os.environ.update(workers.quiet() | hardware.waiting())  # the libraries read it when they are imported
    try:
        with terminable():
            code = app(prog_name="xner", standalone_mode=False)
        problem = f"interrupted; {_GO_ON}" if code == _CTRL_C else ""
    except TerminatedError:
        code, problem = 128 + signal.SIGTERM, f"terminated; {_GO_ON}"
    except _BadOption as error:
        code, problem = 2, error.format_message()  # nothing if it was no mistake, but a group's help was shown
        if problem and error.ctx:
            problem += f" (see {error.ctx.command_path} --help)"
    except (Exception, SystemExit) as error:  # a plugin may raise anything
        if isinstance(error.__context__, BrokenPipeError):  # who reads has seen enough
            raise
        code, problem = error.exit_code if isinstance(error, XnerError) else 1, told(error)
    if problem:
        typer.echo(f"xner: {problem}", err=True)
    sys.exit(code)
