"""The tables of what was looked at after the fact: evaluators, changes, the teacher's words, weights."""

import statistics
from collections.abc import Sequence

from changes import Changes, Unlabelled
from collected import Done
from experiment import Experiment
from quality import Quality, place
from scores import Table
from store import Store
from weights import Interval, Weights


def evaluators(what: Experiment, done: Sequence[Done], store: Store, split: str, languages: Sequence[str]) -> Table:
    """Return the AUC of word pairs of every teacher, seed by seed: among entity words / against O."""
    rows = []
    for seed in what.seeds:
        taught = dict[tuple[str, str], list[str]]()
        for cell in done:
            if cell.job.seed == seed:
                for stage in cell.keys.items():
                    taught.setdefault(stage, [])
                    taught[stage] += [cell.job.row] if cell.job.row not in taught[stage] else []
        for (key, title), rows_of in taught.items():
            found = [store.load(Quality, place(key, language, split)) for language in languages]
            vectors = next((quality.vectors for quality in found if quality), None)
            if vectors:
                learned = title.rpartition(" on ")[2]
                rows.append([vectors, learned, "; ".join(rows_of), str(seed), *map(_quality, found)])
    return Table(["vectors of", "learned from", "in", "seed", *languages], merged(rows), words=3)


def merged(rows: Sequence[list[str]]) -> list[list[str]]:
    """Put into one row what was measured of one teacher that cells of two versions of the code have trained twice.

    Args:
        rows: four words that say which teacher, then its figures, empty where it was not measured; rows of which two
            figures differ stay apart.
    """
    found = list[list[str]]()
    for row in rows:
        for known in found:
            pairs = list(zip(known[4:], row[4:], strict=True))
            if known[:4] == row[:4] and all(old == new or not old or not new for old, new in pairs):
                known[4:] = [old or new for old, new in pairs]
                break
        else:
            found.append(list(row))
    return found


def _quality(quality: Quality | None) -> str:
    if quality is None:
        return ""
    return " / ".join("–" if auc is None else f"{auc:.3f}" for auc in (quality.entities, quality.outside))


def changes(what: Experiment, done: Sequence[Done], store: Store) -> Table:
    """Return how many words rows tag otherwise than the teacher, means over the seeds."""
    rows = []
    for target in what.targets:
        for title in (row.title for row in what.rows):
            cells = [cell.job.name for cell in done if (cell.job.row, cell.job.target) == (title, target)]
            found = [change for name in cells if (change := store.load(Changes, name))]
            if found:
                counts = ([*c.mended, *c.spoilt, c.other, sum(c.mended) - sum(c.spoilt)] for c in found)
                means = [statistics.fmean(column) for column in zip(*counts, strict=True)]
                rows.append(
                    [target, title, f"{found[0].words:,}", *(f"{m:,.0f}" for m in means[:-1]), f"{means[-1]:+,.0f}"]
                )
    heads = ["target", "row", "words", "mended, entity", "mended, O", "spoilt, entity", "spoilt, O"]
    return Table([*heads, "other error", "net"], rows, words=2)


def unlabelled(what: Experiment, done: Sequence[Done], store: Store) -> Table:
    """Return what the recognizer says of the unlabelled words, means over the seeds."""
    rows = []
    for target in what.targets:
        cells = [cell.job.name for cell in done if (cell.job.row, cell.job.target) == (what.weights, target)]
        found = [said for name in cells if (said := store.load(Unlabelled, name))]
        if found:
            share = 100 * statistics.fmean(said.outside for said in found)
            alphas = [[said.alpha_outside for said in found], [said.alpha_entities for said in found]]
            rows.append([target, f"{found[0].words:,}", f"{share:.1f}", *map(_mean, alphas)])
    return Table(["target", "words", "O, %", "mean alpha of O", "of others"], rows)


def _mean(values: Sequence[float | None]) -> str:
    known = [value for value in values if value is not None]
    return f"{statistics.fmean(known):.3f}" if known else "–"


def weights(what: Experiment, done: Sequence[Done], store: Store) -> dict[str, Table]:
    """Return for each weight how right the teachers are by its intervals, on every target, with the first seed."""
    first = [c.job for c in done if c.job.row == what.weights and c.job.seed == what.seeds[0]]
    found = {job.target: looked for job in first if (looked := store.load(Weights, job.name))}
    if not found:
        return {}
    return {
        "alpha: F1 of the recognizer's tags, word by word": _intervals(found, "alpha", "f1"),
        "t, from which beta is: right decisions on pairs, %": _intervals(found, "score", "right"),
        "gamma: F1 of the recognizer's tags on the words of the pairs": _intervals(found, "gamma", "f1"),
        "gamma: right decisions on pairs, %": _intervals(found, "gamma", "right"),
    }


def _intervals(found: dict[str, Weights], weight: str, value: str) -> Table:
    heads = [f"({one.low:g}, {one.high:g}]" for one in getattr(next(iter(found.values())), weight)]
    rows = [[target, *(_interval(one, value) for one in getattr(looked, weight))] for target, looked in found.items()]
    return Table(["target", *heads], rows)


def _interval(one: Interval, value: str) -> str:
    """Return a value with the number of words or pairs behind it."""
    figure = getattr(one, value)
    return f"{figure:.1f} ({one.number:,})" if one.number and figure is not None else ""
