"""The page of an experiment, from what there is; nothing is computed but means and intervals."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import argmax
import looking
import looks
import scores
from collected import Done, cells, collect
from experiment import Experiment, Job
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from running import Cost
from store import Store

from xner.comparing.record import Comparison
from xner.comparing.summary import summarized
from xner.errors import DataError


def render(what: Experiment, jobs: Sequence[Job], store: Store, command: str, reading: Path) -> str:
    """Return the page.

    Args:
        what: the experiment.
        jobs: its cells.
        store: what is known of them.
        command: the command that does it.
        reading: a file of Markdown with what the tables say, by hand; it may be missing.

    Raises:
        DataError: there is no score yet.
    """
    ended, done = cells(jobs, store), collect(jobs, store)
    if not done:
        reason = "; ".join(dict.fromkeys(cell.problem for cell in ended)) or "nothing was run"
        raise DataError(f"{store.folder}: no cell has a score to show: {reason}")
    summaries = _summaries(what, done)
    summary = next(iter(summaries.values()))
    config = jobs[0].config
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    page = environment.get_template("page.md.jinja").render(
        what=what,
        split=config.target.test_split,
        passport=_passport(what, jobs, done, store, command),
        reading=reading.read_text(encoding="utf-8").strip() if reading.is_file() else "",
        f1=scores.f1(what, summary),
        differences={first: scores.differences(what, summaries[first]) for first in what.against if first in summaries},
        by_argmax=scores.by_argmax(what, summary, argmax.means(jobs, store)),
        rates=scores.rates(what, summary),
        needs=scores.needs(what, done),
        costs=scores.costs(what, done),
        evaluators=looks.evaluators(what, done, store, config.source.dev_split, what.sources),
        by_target=looks.evaluators(what, done, store, config.target.test_split, what.targets),
        changes=looks.changes(what, done, store),
        unlabelled=looks.unlabelled(what, done, store),
        weights=looks.weights(what, done, store),
        corpora=_corpora(done),
        failed=[cell for cell in ended if not cell.metrics],
        missing=len(jobs) - len(ended),
    )
    return re.sub(r"\n{3,}", "\n\n", page).rstrip("\n") + "\n"


def _summaries(what: Experiment, done: Sequence[Done]) -> dict[str, Comparison]:
    """Return what the cells amount to, all rows held against one, for each such one that has a score."""
    scored = list(dict.fromkeys(cell.job.row for cell in done))
    firsts = [first for first in what.against if first in scored] or scored[:1]
    found = tuple(cell.cell for cell in done)
    return {
        first: summarized(
            Comparison(settings={"methods": [first, *scored], "targets": list(what.targets)}, cells=found)
        )
        for first in firsts
    }


def _passport(
    what: Experiment, jobs: Sequence[Job], done: Sequence[Done], store: Store, command: str
) -> dict[str, str]:
    """Return what must be known of the figures to trust them."""
    config, metrics = done[0].job.config, [cell.cell.metrics for cell in done if cell.cell.metrics]
    hardware = [cell.manifest["hardware"] for cell in done]
    limits = [
        f"{side.limit:,} {name}" for name, side in (("source", config.source), ("target", config.target)) if side.limit
    ]
    spent = {name: cost.seconds for cell in done for name, cost in cell.costs.items()}
    firsts = {job.seed: job for job in reversed(jobs)}
    looked = [cost.seconds for job in firsts.values() if (cost := store.load(Cost, looking.place(job)))]
    return {
        "command": f"`{command}`",
        "code": _once(cell.commit or "no commit" for cell in done),
        "data": f"{what.data}; {' and '.join(limits) or 'all'} sentences of each training split",
        "types": ", ".join(config.labels.types),
        "encoder": config.encoder,
        "seeds": _seeds(what, jobs, done),
        "scoring rule": _once(found.rule for found in metrics),
        "decoding": _once(found.decoding for found in metrics),
        "checkpoint": _once(found.chosen_on for found in metrics),
        "hardware": _once(
            f"{one['machine']}, {one['device']}, {one['vector_instructions']}, {one['precision']}" for one in hardware
        ),
        "threads": _once(str(one["threads"]) for one in hardware),
        "versions": _once(
            ", ".join(f"{name} {version}" for name, version in cell.manifest["versions"].items()) for cell in done
        ),
        "time": f"{_minutes(spent.values())} of training and scoring, {_minutes(looked)} of looking at what came out",
    }


def _seeds(what: Experiment, jobs: Sequence[Job], done: Sequence[Done]) -> str:
    """Return the seeds; where cells are missing, how many of each there are."""
    counts = Counter(cell.job.seed for cell in done)
    if len(done) == len(jobs):
        return f"{', '.join(map(str, what.seeds))} (n = {len(what.seeds)})"
    each = len(jobs) // len(what.seeds)
    return "; ".join(f"{seed}: {counts[seed]} of {each} cells" for seed in what.seeds)


def _corpora(done: Sequence[Done]) -> list[str]:
    """Return each corpus with its counts and fingerprint, as the first seed has it."""
    found = dict[tuple[str, str], str]()
    for cell in done:
        for corpus in cell.manifest["corpora"]:
            name, fingerprint = corpus["corpus"].rpartition(" ")[2], corpus["fingerprint"]
            found.setdefault((cell.job.row, name), f"{name}: {corpus['counts']}; fingerprint `{fingerprint}`")
    return list(dict.fromkeys(found.values()))


def _minutes(seconds: Iterable[float]) -> str:
    return f"{sum(seconds) / 60:,.0f} minutes"


def _once(lines: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(lines))
