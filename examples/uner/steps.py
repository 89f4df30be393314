"""python examples/uner/steps.py DATA: how good teachers become on source dev, by how many steps they learned."""

import argparse
import itertools
import os
import shutil
import statistics
import sys
from collections.abc import Iterator, Sequence
from math import ceil
from pathlib import Path

from experiment import lay_out, read
from pydantic import BaseModel
from store import Store

from xner.comparing.comparison import seeds_of
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.prepared import Prepared, prepare
from xner.scoring.scores import tag_and_score
from xner_mtmt.pair_auc import pair_auc

HERE = Path(__file__).parent


class Reached(BaseModel):
    """What a teacher had learned after so many steps.

    Args:
        sentences: of the source.
        f1: entity F1 on source dev, in per cent; None: it says no tags.
        decoding: the rule of that.
        auc: of the word pairs of source dev; None: it was not trained for them.
    """

    teacher: str
    sentences: int
    steps: int
    seed: int
    f1: float | None = None
    decoding: str = ""
    auc: float | None = None

    @property
    def name(self) -> str:
        """What its record is called."""
        return f"{self.teacher}-{self.sentences}-{self.steps}-s{self.seed}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Train what is not trained yet, and print the table of all that is known."""
    asked = _arguments(arguments)
    store, plugins, what = Store(asked.records), Plugins.load(), read(asked.experiment)
    if not asked.only_render:
        os.environ["XNER_CACHE"] = str(asked.out.resolve() / "stages")
        lay_out(what, Path(asked.data), asked.out.resolve())
        for seed, sentences, steps, teacher in itertools.product(
            seeds_of(asked.seeds), asked.sentences, asked.steps, asked.teachers
        ):
            point = Reached(teacher=teacher, sentences=sentences, steps=steps, seed=seed)
            if store.load(Reached, point.name) is None:
                corpora = str(asked.out.resolve() / "corpora")
                own = {"source.limit": sentences, "seed": seed, "source.dataset": corpora, "target.dataset": corpora}
                config = build(what.settings, {"target.language": what.targets[0], **own})
                store.save(point.name, _measured(point, prepare(config, plugins, Progress())))
    sys.stdout.write("\n".join(_table(store)) + "\n")


def _measured(point: Reached, prepared: Prepared) -> Reached:
    """Train a teacher for so many steps, in whole epochs, and look at what it knows."""
    (source,), context = prepared.corpora.sources, prepared.context
    read = len(source.with_entities()) if point.teacher == "similarity" else len(source)
    epochs = point.steps / ceil(read / prepared.config.student.batch_size)
    prepared.config.teachers.setdefault(point.teacher, {})["epochs"] = epochs
    fitted = context.fit(point.teacher, source)
    tagger = context.workbench.load_tagger(next(fitted.stage.folder.glob("*/config.json")).parent)
    corpus = prepared.components.corpus(prepared.config.source.dataset).load(source.language, "dev")
    dev = corpus.relabel(prepared.config.labels.to_map())
    found = point
    if "probabilities" in fitted.component.provides:
        metrics = tag_and_score(tagger, dev, "conlleval").metrics
        found = found.model_copy(update={"f1": metrics.overall.f1, "decoding": metrics.decoding})
    if "vectors" in fitted.component.provides:
        found = found.model_copy(update={"auc": pair_auc(tagger, dev, "tag")})
    shutil.rmtree(fitted.stage.folder)  # hundreds of megabytes
    return found


def _table(store: Store) -> Iterator[str]:
    """Yield the lines of a table of means over seeds, in Markdown."""
    files = sorted((store.folder / "reached").glob("*.json"))
    known = [found for file in files if (found := store.load(Reached, file.stem))]
    yield "| teacher | sentences | steps | F1 on source dev | AUC of word pairs | seeds |"
    yield "|---|--:|--:|--:|--:|---|"
    order = sorted(known, key=lambda point: (point.teacher, point.sentences, point.steps, point.seed))
    for (teacher, sentences, steps), points in itertools.groupby(
        order, key=lambda point: (point.teacher, point.sentences, point.steps)
    ):
        group = list(points)
        f1, auc = ([value for point in group if (value := getattr(point, name)) is not None] for name in ("f1", "auc"))
        seeds = ", ".join(str(point.seed) for point in group)
        cells = [teacher, f"{sentences:,}", f"{steps:,}", _mean(f1, 2), _mean(auc, 3), seeds]
        yield f"| {' | '.join(cells)} |"


def _mean(values: Sequence[float], digits: int) -> str:
    """Return mean and deviation, or nothing."""
    if not values:
        return ""
    spread = f" ± {statistics.stdev(values):.{digits}f}" if len(values) > 1 else ""
    return f"{statistics.fmean(values):.{digits}f}{spread}"


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default=os.environ.get("XNER_TEST_DATA"), help="folder of the corpora")
    parser.add_argument("--teachers", nargs="+", default=["recognizer", "joint", "similarity"])
    parser.add_argument("--sentences", nargs="+", type=int, default=[1000, 3000, 12543], help="of the source")
    parser.add_argument("--steps", nargs="+", type=int, default=[282, 564, 1128])
    parser.add_argument("--seeds", default="3", help="how many seeds, from 0 on; or which, with commas")
    parser.add_argument("--only-render", action="store_true", help="print the table of what there is")
    parser.add_argument("--out", type=Path, default=HERE.parents[1] / "build/steps", help="all that is computed")
    parser.add_argument("--records", type=Path, default=HERE / "records", help="one small file for each training")
    parser.add_argument("--experiment", type=Path, default=HERE / "experiment.toml", help="has corpora and settings")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
