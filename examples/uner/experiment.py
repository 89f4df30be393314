"""An experiment: what is compared, on which corpora, as a file such as experiment.toml says it."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import Field
from store import digest

from xner.comparing.work import Request
from xner.errors import DataError, UsageError
from xner.plugin.component import Settings, check
from xner.plugin.manager import Plugins
from xner.runs.config import build, read_file
from xner.runs.mixing import with_defaults
from xner.runs.settings import RunConfig


class Row(Settings):
    """A row of the tables: a method, and the settings in which it differs from the other rows."""

    method: str = Field(description="The method.")
    name: str = Field("", description="What the tables call it; empty: the method's name.")
    settings: dict[str, Any] = Field({}, description="Settings of its own.")
    targets: tuple[str, ...] = Field((), description="The only targets that it is done for; empty: all.")

    @property
    def title(self) -> str:
        """What the tables call it."""
        return self.name or self.method


class Experiment(Settings):
    """What is compared."""

    title: str = Field(description="The page's heading.")
    page: Path = Field(description="The page, as seen from the top of the repository.")
    data: str = Field(description="What the corpora are called.")
    seeds: tuple[int, ...] = Field(min_length=1, description="Seeds.")
    targets: tuple[str, ...] = Field(min_length=1, description="Target languages.")
    rows: tuple[Row, ...] = Field(min_length=1, description="What is compared.")
    against: tuple[str, ...] = Field(description="The rows that all others are held against.")
    weights: str = Field("", description="The row whose teachers and weights are looked at afterwards; empty: none.")
    settings: dict[str, Any] = Field(description="Settings of xner that all rows share.")
    corpora: dict[str, dict[str, str]] = Field(description="For each language and split the file in the data folder.")

    @property
    def sources(self) -> tuple[str, ...]:
        """The source languages of all rows."""
        configs = [build(self.settings, row.settings) for row in self.rows]
        return tuple(dict.fromkeys(language for config in configs for language in config.source.languages))


@dataclass(frozen=True)
class Job:
    """A cell of the experiment.

    Args:
        row: its row's title.
        name: what its files are called; other settings have another one.
        request: what the engine is asked for.
    """

    row: str
    name: str
    request: Request

    @property
    def config(self) -> RunConfig:
        """Its settings."""
        return self.request.config

    @property
    def target(self) -> str:
        """Its target language."""
        return self.config.target.language

    @property
    def seed(self) -> int:
        """Its seed."""
        return self.config.seed


def read(file: Path) -> Experiment:
    """Read an experiment.

    Raises:
        XnerError: the file cannot be read, or names something that is not there.
    """
    experiment = check(Experiment, read_file(file), f"{file}: ")
    titles = [row.title for row in experiment.rows]
    if twice := [title for title in titles if titles.count(title) > 1]:
        raise UsageError(f"{file}: there are several rows '{twice[0]}'; give them names")
    looked_at = [experiment.weights] if experiment.weights else []
    _known(f"{file}: against, weights", [*experiment.against, *looked_at], titles)
    for row in experiment.rows:
        _known(f"{file}: targets of '{row.title}'", row.targets, experiment.targets)
        languages = build(experiment.settings, row.settings).source.languages
        if row.title == experiment.weights and len(languages) > 1:
            raise UsageError(
                f"{file}: weights: '{row.title}' learns from {', '.join(languages)}; weights can be looked at where "
                "there is one source language; name another row, or leave weights out"
            )
    return experiment


def narrowed(
    experiment: Experiment, targets: Sequence[str], rows: Sequence[str], limits: Mapping[str, int]
) -> Experiment:
    """Return a smaller experiment.

    Args:
        experiment: what is compared.
        targets: the targets that are kept; none: all.
        rows: the rows that are kept; none: all.
        limits: settings that shorten corpora, also in rows that have such limits of their own.

    Raises:
        UsageError: a target or row is not in it.
    """
    titles = [row.title for row in experiment.rows]
    _known("--targets", targets, experiment.targets)
    _known("--rows", rows, titles)
    kept = {
        "targets": tuple(target for target in experiment.targets if target in (targets or experiment.targets)),
        "rows": tuple(_shortened(row, limits) for row in experiment.rows if row.title in (rows or titles)),
        "settings": {**experiment.settings, **limits},
    }
    return experiment.model_copy(update=kept)


def _shortened(row: Row, limits: Mapping[str, int]) -> Row:
    own = {name: limit for name, limit in limits.items() if name in row.settings}
    return row.model_copy(update={"settings": {**row.settings, **own}})


def jobs(experiment: Experiment, folder: Path) -> list[Job]:
    """Return the cells: seed by seed, in it target by target, so that whatever ends early leaves whole tables.

    Args:
        experiment: what is compared.
        folder: of all results; its folder `corpora` has the corpora, and run folders go to `runs`.
    """
    found, plugins = [], Plugins.load()
    shared = {"source.dataset": str(folder / "corpora"), "target.dataset": str(folder / "corpora")}
    for seed in experiment.seeds:
        for target in experiment.targets:
            for row in (row for row in experiment.rows if target in (row.targets or experiment.targets)):
                own = {"method": row.method, "target.language": target, "seed": seed}
                asked = with_defaults(plugins, build(experiment.settings, own, row.settings))
                name = f"{_plain(row.title)}-{target}-s{seed}-{digest(asked)}"  # the same wherever the folder is
                config = with_defaults(plugins, build(experiment.settings, shared, own, row.settings))
                found.append(Job(row.title, name, Request(config, folder / "runs" / name)))
    return found


def lay_out(experiment: Experiment, data: Path, folder: Path) -> None:
    """Make a folder of links, LANGUAGE/SPLIT.conll, to the corpora of the experiment.

    Args:
        experiment: says which file is which split.
        data: the folder of corpora.
        folder: of all results; the links go to its folder `corpora`.

    Raises:
        DataError: a file is missing; the message names all that are.
    """
    languages = {*experiment.sources, *experiment.targets}
    files = {
        Path(language) / f"{split}.conll": data / place
        for language, splits in experiment.corpora.items()
        if language in languages
        for split, place in splits.items()
    }
    missing = [f"no corpus of '{language}' in the experiment" for language in languages - {*experiment.corpora}]
    if missing := [*missing, *(f"no file {file}" for file in files.values() if not file.is_file())]:
        raise DataError(f"{data}: {'; '.join(missing)}. examples/uner/README.md says where to get the corpora")
    for link, file in files.items():
        place = folder / "corpora" / link
        place.parent.mkdir(parents=True, exist_ok=True)
        new = place.with_name(f".{place.name}.{os.getpid()}")
        new.unlink(missing_ok=True)
        new.symlink_to(file.resolve())
        new.replace(place)  # at no moment it is missing: another process may be reading


def _known(where: str, names: Sequence[str], known: Sequence[str]) -> None:
    if unknown := [name for name in names if name not in known]:
        raise UsageError(f"{where}: there is no '{unknown[0]}'; there are: {', '.join(known)}")


def _plain(title: str) -> str:
    """Return a title as part of a file's name."""
    return "".join(letter if letter.isalnum() or letter in "-.+" else "_" for letter in title)
