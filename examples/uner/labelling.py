"""python examples/uner/labelling.py DATA: what labels of the target are worth, suggested ones against random ones."""

import argparse
import itertools
import json
import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from experiment import Experiment, lay_out, read
from pydantic import BaseModel
from store import Store, digest

from xner.api import load
from xner.comparing.comparison import seeds_of
from xner.corpora.corpus import Corpus
from xner.corpora.formats.columns import write_conll
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.runs.mixing import with_defaults
from xner.runs.run import train
from xner.runs.settings import RunConfig
from xner.store.places import cache_folder
from xner.store.results import STUDENT
from xner.using.predicting import joined
from xner.using.suggesting.committee import Committee
from xner.using.suggesting.picking import SuggestSettings
from xner.using.suggesting.suggested import suggest

HERE = Path(__file__).parent
WAYS = ("suggested", "random")


class Chosen(BaseModel):
    """In which order sentences of the pool are labelled.

    Args:
        numbers: of the sentences, from 0 on; whoever labels fewer takes the first of them.
        taggers: who was asked; none at random.
    """

    numbers: list[int]
    taggers: tuple[str, ...] = ()


class Labelled(BaseModel):
    """What a method reaches with so many labelled sentences of the target among its sources.

    Args:
        number: the sentences; with 0 the target is no source, and this is a zero-resource score.
        words: how many words they have.
        entities: how many entities.
        f1: entity F1 on the target's test split, in per cent.
    """

    method: str
    target: str
    way: str
    number: int
    seed: int
    words: int
    entities: int
    f1: float
    decoding: str


@dataclass(frozen=True)
class Curve:
    """One seed of the measurement.

    Args:
        what: has corpora and settings.
        asked: the command's options.
        seed: of all that is drawn at random.
    """

    what: Experiment
    asked: argparse.Namespace
    seed: int

    @cached_property
    def plugins(self) -> Plugins:
        """The loaded plugins."""
        return Plugins.load()

    @property
    def out(self) -> Path:
        """Where all that is computed goes."""
        return Path(self.asked.out).resolve()

    def config(self, method: str, source: Path | None = None) -> RunConfig:
        """Return the settings of a run.

        Args:
            method: its method.
            source: the folder of its sources, of which the target is one; None: the source languages alone.
        """
        own = {"method": method, "target.language": self.asked.target, "seed": self.seed}
        corpora = str(self.out / "corpora")
        places = {"source.dataset": str(source or corpora), "target.dataset": corpora}
        languages = {"source.languages": [*self.what.sources, self.asked.target]} if source else {}
        return with_defaults(self.plugins, build(self.what.settings, own, places, languages))

    def name(self, *parts: object) -> str:
        """Return what a record is called: other settings have another name."""
        where = {"source": {"dataset": ""}, "target": {"dataset": ""}}
        plain = [
            digest(build(self.config(method).model_dump(), where)) for method in (self.asked.by, self.asked.method)
        ]
        whole = sha256(json.dumps([*plain, self.asked.pool]).encode()).hexdigest()[:8]
        return "-".join(map(str, [self.asked.method, self.asked.target, *parts, f"s{self.seed}", whole]))

    @cached_property
    def pool(self) -> Corpus:
        """The target sentences that may be labelled, with the labels that they would get."""
        config = self.config(self.asked.method)
        reader = Components(self.plugins, config).corpus(config.target.dataset, "target")
        corpus = reader.load(config.target.language, config.target.split).relabel(config.labels.to_map())
        return corpus.limit(self.asked.pool, self.seed)

    def chosen(self, way: str, store: Store) -> Chosen:
        """Return the order of a way, as it was found before or is found now."""
        name, known = self.name(way), store.load(Chosen, self.name(way))
        if known is None or len(known.numbers) < min(max(self.asked.numbers), len(self.pool)):
            known = self._suggested() if way == "suggested" else self._random()
            store.save(name, known)
        return known

    def _random(self) -> Chosen:
        order = np.random.default_rng(self.seed).permutation(len(self.pool))
        return Chosen(numbers=order[: max(self.asked.numbers)].tolist())

    def _suggested(self) -> Chosen:
        run = train(self.config(self.asked.by), self.plugins, self.out / "runs" / self.name("by"), Progress())
        student = load(run.folder / STUDENT).tagger
        committee = Committee.gather(run.folder, student, {}, cache_folder())
        texts, most = [joined(sentence.tokens) for sentence in self.pool], max(self.asked.numbers)
        found, _ = suggest(str(run.folder), committee, texts, most, (), SuggestSettings(), Progress())
        return Chosen(numbers=[one.number - 1 for one in found.suggestions], taggers=found.taggers)

    def measured(self, way: str, number: int, store: Store) -> Labelled:
        """Train with the first labelled sentences of a way, and score on the target's test split."""
        name, source = self.name(way, number), None
        corpus = self.pool.chosen(self.chosen(way, store).numbers[:number]) if number else None
        if corpus is not None:
            source = self.out / "labelled" / name
            for language in self.what.sources:
                (source / language).mkdir(parents=True, exist_ok=True)
                link = source / language / "train.conll"
                link.unlink(missing_ok=True)
                link.symlink_to(self.out / "corpora" / language / "train.conll")
            (source / self.asked.target).mkdir(exist_ok=True)
            write_conll(source / self.asked.target / "train.conll", corpus)
        run = train(self.config(self.asked.method, source), self.plugins, self.out / "runs" / name, Progress())
        assert run.metrics is not None
        for folder in (run.folder / STUDENT, *(stage.folder for stage in run.stages if number)):
            shutil.rmtree(folder)  # hundreds of megabytes
        return Labelled(
            method=self.asked.method,
            target=self.asked.target,
            way=way,
            number=number,
            seed=self.seed,
            words=corpus.words if corpus else 0,
            entities=corpus.entities.total() if corpus else 0,
            f1=run.metrics.overall.f1,
            decoding=run.metrics.decoding,
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is not measured yet, and print the table of all that is known."""
    asked = _arguments(arguments)
    store, what = Store(asked.records), read(asked.experiment)
    if not asked.only_render:
        os.environ["XNER_CACHE"] = str(asked.out.resolve() / "stages")
        narrow = what.model_copy(update={"targets": (asked.target,)})
        lay_out(narrow, Path(asked.data), asked.out.resolve())
        for seed in seeds_of(asked.seeds):
            curve = Curve(narrow, asked, seed)
            for number, way in itertools.product([0, *asked.numbers], WAYS):
                way = way if number else "none"
                if store.load(Labelled, name := curve.name(way, number)) is None:
                    store.save(name, curve.measured(way, number, store))
    sys.stdout.write("\n".join(_table(store)) + "\n")


def _table(store: Store) -> Iterator[str]:
    """Yield the lines of a table of means over seeds, in Markdown."""
    files = sorted((store.folder / "labelled").glob("*.json"))
    known = [found for file in files if (found := store.load(Labelled, file.stem))]
    yield "| target | method | labelled sentences | which | F1 | words | entities | seeds |"
    yield "|---|---|--:|---|--:|--:|--:|---|"

    def cell(one: Labelled) -> tuple[str, str, int, str]:
        return one.target, one.method, one.number, one.way

    for (target, method, number, way), points in itertools.groupby(sorted(known, key=cell), key=cell):
        group = sorted(points, key=lambda one: one.seed)
        words, entities = (
            round(statistics.fmean(getattr(one, name) for one in group)) for name in ("words", "entities")
        )
        seeds = ", ".join(str(one.seed) for one in group)
        yield f"| {target} | {method} | {number:,} | {way} | {_mean(group)} | {words:,} | {entities:,} | {seeds} |"


def _mean(group: Sequence[Labelled]) -> str:
    """Return mean and deviation."""
    values = [one.f1 for one in group]
    spread = f" ± {statistics.stdev(values):.2f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.2f}{spread}"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default=os.environ.get("XNER_TEST_DATA"), help="folder of the corpora")
    parser.add_argument("--target", default="pt", help="language whose sentences are labelled")
    parser.add_argument("--numbers", nargs="+", type=int, default=[50, 100, 200, 400, 800], help="labelled sentences")
    parser.add_argument("--pool", type=int, default=5000, help="raw sentences to choose from")
    parser.add_argument("--by", default="consensus", help="method of the run that is asked what to label")
    parser.add_argument("--method", default="direct", help="method that learns from the labels")
    parser.add_argument("--seeds", default="3", help="how many seeds, from 0 on; or which, with commas")
    parser.add_argument("--only-render", action="store_true", help="print the table of what there is")
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "build/labelling", help="all that is computed")
    parser.add_argument("--records", type=Path, default=HERE / "records", help="one small file for each training")
    parser.add_argument("--experiment", type=Path, default=HERE / "experiment.toml", help="has corpora and settings")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
