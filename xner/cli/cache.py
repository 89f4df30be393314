"""The commands of the cache of stages, and what they print; nothing that computes is imported."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from xner.cli.console import print_json, table, terminal
from xner.cli.options import Json
from xner.errors import DataError, UsageError
from xner.store import pruning
from xner.store.cache import Cache, Entry
from xner.store.integrity.verifying import cache_damages
from xner.store.places import cache_folder
from xner.store.pruning import Which, counted, told_size

app = typer.Typer()
cache = typer.Typer(no_args_is_help=True, help="Look at the cache of finished stages, and make it smaller.")
app.add_typer(cache, name="cache")

_Runs = Annotated[
    list[Path] | None,
    typer.Option("--runs", help="Folder with runs or comparisons; again for more.", show_default="runs"),
]
_DAMAGED = 1
"""The exit code if something is damaged."""
_SHOWN = 2
"""How many of the runs of a stage are shown; --json has all."""


@cache.command("list")
def list_(runs: _Runs = None, as_json: Json = False) -> None:
    """List the stages in the cache: size, what each is, when it was last used, and by which runs."""
    found = Cache.read(cache_folder(), _folders(runs))
    if as_json:
        sizes = {"bytes": found.size, "shared_bytes": sum(found.shared.values())}
        print_json({"folder": str(found.root), **sizes, "stages": [_document(entry) for entry in found.entries]})
        return
    _show(found.entries)
    said = f"{counted(found.entries, 'stage')} and {counted(found.shared, 'shared file')}, {told_size(found.size)}"
    terminal().print(f"{found.root}: {said}", soft_wrap=True)


@cache.command()
def prune(
    keep: Annotated[
        str | None, typer.Option(help="Until no more than this is left, such as 20GB; the longest unused go first.")
    ] = None,
    older: Annotated[str | None, typer.Option(help="Stages that were not used for so long, such as 30d.")] = None,
    unused: Annotated[bool, typer.Option("--unused", help="Stages of no run in the folders of --runs.")] = False,
    runs: _Runs = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, and show what would go.")] = False,
    as_json: Json = False,
) -> None:
    """Remove stages that meet all conditions, but none of a run in progress; they are computed again when needed."""
    if keep is None and older is None and not unused:
        raise UsageError("xner cache prune: say what may go: --keep 20GB, --older 30d or --unused, or several of them")
    folders = _folders(runs)
    if unused and not any(folder.is_dir() for folder in folders):
        raise UsageError(f"--unused: there is no folder '{folders[0]}' here; say where the runs are with --runs FOLDER")
    which = Which(
        keep=None if keep is None else pruning.size_of(keep, "--keep"),
        older=None if older is None else pruning.age_of(older, "--older"),
        unused=unused,
        runs=folders,
    )
    done = pruning.prune(cache_folder(), which, dry_run)
    if as_json:
        sizes = {"shared_files": len(done.shared), "freed": done.freed, "left": done.left}
        print_json({"dry_run": dry_run, **sizes, "stages": [_document(entry) for entry in done.gone]})
        return
    _show(done.gone)
    terminal().print(f"{'would have ' * dry_run}{done}; {told_size(done.left)} left")


@cache.command()
def verify(as_json: Json = False) -> None:
    """Read what is in the cache, and tell what is damaged."""
    root = cache_folder()
    found = list(cache_damages(root))
    if as_json:
        print_json([{"path": str(path), "problem": problem} for path, problem in found])
    else:
        for path, problem in found:
            terminal().print(f"{path}: {problem}", soft_wrap=True)
        if not found:
            terminal().print(f"{root}: nothing is damaged", soft_wrap=True)
    if found:
        raise typer.Exit(_DAMAGED)


def _folders(runs: list[Path] | None) -> tuple[Path, ...]:
    """Return the folders in which runs are.

    Raises:
        DataError: one that was named is not there.
    """
    for folder in runs or ():
        if not folder.is_dir():
            raise DataError(f"{folder}: no such folder; --runs is a run folder, or one with runs or comparisons in it")
    return tuple(runs or [Path("runs")])


def _show(entries: tuple[Entry, ...]) -> None:
    """Print stages, the longest unused first."""
    rows = table(("stage", "what it is", "last used", "runs", "size"), words=4)
    for entry in entries:
        title = f"{entry.title}{'' if entry.done else ' (unfinished)'}{' (in use)' if entry.busy else ''}".strip()
        used = f"{datetime.fromtimestamp(entry.last_used):%Y-%m-%d %H:%M}"
        more = [f"and {len(entry.runs) - _SHOWN} more"] if len(entry.runs) > _SHOWN else []
        rows.add_row(entry.key, title, used, "\n".join([*entry.runs[:_SHOWN], *more]), told_size(entry.size))
    if entries:
        terminal().print(rows)


def _document(entry: Entry) -> dict[str, Any]:
    """Return a stage for JSON."""
    return {
        "key": entry.key,
        "title": entry.title,
        "bytes": entry.size,
        "shared_files": sorted(entry.shares),
        "last_used": datetime.fromtimestamp(entry.last_used).astimezone().isoformat(timespec="seconds"),
        "done": entry.done,
        "in_use": entry.busy,
        "runs": list(entry.runs),
    }
