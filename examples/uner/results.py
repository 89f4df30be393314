"""python examples/uner/results.py DATA: run the experiment of experiment.toml, or another one, and write its page."""

import argparse
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # torch takes its time, and --help should not
    from experiment import Experiment, Job
    from store import Store

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is not done yet, and render the page; return 1 if a cell failed."""
    asked = _arguments(arguments)
    from xner.errors import XnerError
    from xner.machine.hardware import waiting
    from xner.machine.jobs import quiet

    os.environ.update(quiet() | waiting())  # the libraries read it when they are imported
    try:
        return _run(asked)
    except XnerError as error:
        sys.stderr.write(f"results.py: {error}\n")
        return error.exit_code


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="results.py", description="Run an experiment, and write its page.")
    parser.add_argument(
        "data",
        nargs="?",
        default=os.environ.get("XNER_TEST_DATA"),
        help="folder of the corpora; README.md says what is in it (default: XNER_TEST_DATA)",
    )
    parser.add_argument("--seeds", help="how many seeds, from 0 on; or which, with commas (one alone: 7,)")
    parser.add_argument("--limit-source", type=int, metavar="N", help="use so many sentences of each source")
    parser.add_argument("--limit-target", type=int, metavar="N", help="use so many unlabelled target sentences")
    parser.add_argument("--targets", nargs="+", default=(), metavar="LANGUAGE", help="only these targets")
    parser.add_argument("--rows", nargs="+", default=(), metavar="ROW", help="only these rows")
    parser.add_argument("--fill", action="store_true", help="narrow only what is run; the page has all that is there")
    parser.add_argument("--only-render", action="store_true", help="write the page from what there is")
    parser.add_argument("--experiment", type=Path, metavar="FILE", help="what is compared (default: experiment.toml)")
    parser.add_argument("--out", type=Path, default=ROOT / "build/results", help="all that is computed")
    parser.add_argument(
        "--records", type=Path, metavar="DIR", help="what the page is made of (default: records in OUT)"
    )
    parser.add_argument("--page", type=Path, help="the page (default: as the experiment says)")
    return parser.parse_args(arguments)


def _run(asked: argparse.Namespace) -> int:
    import collected
    import experiment
    import page
    from store import Store

    from xner.comparing.comparison import seeds_of
    from xner.errors import UsageError

    folder = asked.out.resolve()
    store = Store(asked.records or folder / "records")
    file = asked.experiment or HERE / "experiment.toml"
    limits = {"source.limit": asked.limit_source, "target.limit": asked.limit_target}
    limits = {name: limit for name, limit in limits.items() if limit}
    whole = experiment.narrowed(experiment.read(file), (), (), limits)
    what = experiment.narrowed(whole, asked.targets, asked.rows, {})
    if asked.seeds:
        what = what.model_copy(update={"seeds": tuple(dict.fromkeys(seeds_of(asked.seeds)))})
    jobs = experiment.jobs(what, folder)
    if not asked.only_render:
        if not asked.data:
            raise UsageError("name the folder of the corpora: results.py DATA, or set XNER_TEST_DATA")
        os.environ["XNER_CACHE"] = str(folder / "stages")  # of what was done elsewhere the time is not known
        experiment.lay_out(what, Path(asked.data), folder)
        _compute(what, jobs, store)
    shown, cells = (whole, experiment.jobs(whole, folder)) if asked.fill else (what, jobs)
    place = asked.page or ROOT / what.page
    place.parent.mkdir(parents=True, exist_ok=True)
    text = page.render(shown, cells, store, _command(asked), file.with_suffix(".reading.md"))
    place.write_text(text, encoding="utf-8")
    sys.stderr.write(f"{place}: written\n")
    return 0 if len(collected.collect(jobs, store)) == len(jobs) else 1


def _compute(what: "Experiment", jobs: Sequence["Job"], store: "Store") -> None:
    """Do the cells, seed by seed, and after each seed look at what came out."""
    import looking
    import running

    from xner.machine.progress import Progress
    from xner.plugin.manager import Plugins
    from xner.store.places import cache_folder

    plugins = Plugins.load()
    for seed in what.seeds:
        mine = [job for job in jobs if job.seed == seed]
        for target in what.targets:
            cells = [job for job in mine if job.target == target]
            running.run(cells, store, plugins)
            running.clear(cells, cache_folder())
        looking.look(what, mine, store, plugins, Progress())


def _command(asked: argparse.Namespace) -> str:
    """Return the command without what concerns only this machine."""
    words = ["python", "examples/uner/results.py", "DATA"]
    narrowing = () if asked.fill else ("seeds", "targets", "rows")
    for name in ("experiment", "limit_source", "limit_target", *narrowing):
        value = getattr(asked, name)
        if value:
            several = list(value) if isinstance(value, list | tuple) else [str(value)]
            words += [f"--{name.replace('_', '-')}", *several]
    return shlex.join(words)


if __name__ == "__main__":
    sys.exit(main())
