"""xner from Python: the same verbs as the command line."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xner.errors import DataError, UsageError
from xner.runs.options import COMPARE, COMPARED, TRAIN, settings_of
from xner.store.results import STUDENT

if TYPE_CHECKING:  # each verb imports what it needs, so that predicting does not wait for what trains and compares
    from xner.comparing.record import Comparison
    from xner.runs.run import Run
    from xner.using.predicting import Predictor


def train(
    method: str | None = None,
    src: str | Sequence[str] | None = None,
    tgt: str | None = None,
    *,
    dataset: str | None = None,
    encoder: str | None = None,
    aux: str | Sequence[str] = (),
    refine: str | Sequence[str] = (),
    weighting: str | None = None,
    seed: int | None = None,
    settings: Mapping[str, Any] | None = None,
    preset: str | None = None,
    out: Path | str | None = None,
    quiet: bool = False,
) -> "Run":
    """Train a tagger for a language from labels of another; `xner train` from Python. None: the setting's default.

    Args:
        method: name of the method; "tsl+entropy" is `tsl` with a part mixed into it.
        src: source language, or several.
        tgt: target language.
        dataset: corpus name, folder or file, for both sides; see the setting "target.dataset" for two.
        encoder: name of an encoder, hub id or folder.
        aux: auxiliary task, or several, beside those of the method.
        refine: refiner, or several in their order, after those of the method.
        weighting: weighting in place of the method's.
        seed: of everything drawn at random.
        settings: any other settings, such as {"student.epochs": 2}.
        preset: name of one of the method's presets.
        out: the run folder; None: a new one in runs/.
        quiet: print nothing.

    Raises:
        XnerError: something that the caller can correct; its message is one line.
    """
    from xner.machine.progress import Progress
    from xner.plugin.manager import Plugins
    from xner.runs import run as runs
    from xner.runs.mixing import configure

    plugins, run = Plugins.load(), {"method": method, "src": src, "tgt": tgt, "seed": seed, "dataset": dataset}
    given = {**run, "encoder": encoder, "aux": aux, "refine": refine, "weighting": weighting}
    config = configure(plugins, {**settings_of(TRAIN, given), **(settings or {})}, preset=preset)
    return runs.train(config, plugins, Path(out) if out else None, Progress(quiet=quiet))


def compare(
    methods: Sequence[str] = COMPARED,
    src: str | Sequence[str] | None = None,
    tgt: str | Sequence[str] | None = None,
    *,
    seeds: Sequence[int] = (0,),
    dataset: str | None = None,
    encoder: str | None = None,
    aux: str | Sequence[str] = (),
    refine: str | Sequence[str] = (),
    weighting: str | None = None,
    settings: Mapping[str, Any] | None = None,
    out: Path | str | None = None,
    quiet: bool = False,
    jobs: int | str = 1,
) -> "Comparison":
    """Run several methods on the same data; `xner compare` from Python. None: the setting's default.

    Args:
        methods: names of methods; "tsl+entropy" is one with a part mixed into it.
        src: source language, or several.
        tgt: target language, or several; each is a task of its own.
        seeds: each cell is run once with each.
        dataset: corpus name, folder or file, for both sides.
        encoder: name of an encoder, hub id or folder.
        aux: auxiliary task, or several, for all methods beside their own.
        refine: refiner, or several in their order, for all methods after their own.
        weighting: weighting of all methods in place of their own.
        settings: any other settings.
        out: folder of the comparison; None: a new one in runs/.
        quiet: print nothing.
        jobs: how many processes on this machine, or "ray"; with 1, all is done in this process.

    Raises:
        XnerError: something that the caller can correct; its message is one line.
    """
    from xner.comparing import comparison
    from xner.machine.progress import Progress
    from xner.plugin.manager import Plugins
    from xner.runs.mixing import configure_comparison

    plugins, place, number = Plugins.load(), Path(out) if out else None, comparison.jobs_of(str(jobs))
    given = {"src": src, "dataset": dataset, "encoder": encoder, "aux": aux, "refine": refine, "weighting": weighting}
    config, targets = configure_comparison(plugins, {**settings_of(COMPARE, given), **(settings or {})}, tgt)
    shown = Progress(quiet=quiet)
    return comparison.compare(config, methods, targets, seeds, plugins, place, shown, number)[0]


def load(
    run: Path | str,
    *,
    decoding: str | None = None,
    strength: float | None = None,
    precision: str = "auto",
    trust_remote_code: bool = False,
    names: Sequence[str] = (),
) -> "Predictor":
    """Load the student of a run, or any folder that holds a tagger, exported or not.

    Args:
        run: a run folder, a student's, or one that `export` wrote.
        decoding: how tags are chosen, "legal", "chain" or "argmax"; None: as the tagger's config.json says, and argmax
            where it says nothing.
        strength: how much tag bigrams count for "chain"; None: as config.json says.
        precision: "fp32", "bf16", or "auto": bf16 where the hardware is faster with it. An export has its own.
        trust_remote_code: run Python code that comes with the model; otherwise such a model is refused.
        names: of the tagger's classes, in order, where it does not name them.

    Raises:
        XnerError: there is no tagger, a library that it needs is missing, or it does not run in that precision.
    """
    from xner.decoding.decoder import DecodingSettings
    from xner.machine.hardware import Hardware, check_precision
    from xner.plugin.component import check
    from xner.using.exported import MODEL, ExportedTagger
    from xner.using.predicting import Predictor, TextTagger

    check_precision(precision)
    given = {name: value for name, value in (("rule", decoding), ("strength", strength)) if value is not None}
    asked = check(DecodingSettings, given, "decoding.")
    folder = _student(Path(run))
    if not (folder / MODEL).is_file():
        from xner.tagging.quick.loading import load_quickly  # these need torch, which an export does not
        from xner.tagging.tagger import Tagger

        hardware = Hardware.choose(precision)
        tagger: TextTagger = load_quickly(folder, hardware, names) or Tagger.load(
            folder, hardware, trusted=trust_remote_code, names=names
        )
    elif precision == "bf16":
        raise UsageError(f"precision = bf16: {folder} is an export, which runs as it was written; leave it out")
    else:
        tagger = ExportedTagger.load(folder)
    tagger.decoding = tagger.decoding.model_copy(update=asked.model_dump(exclude_unset=True))
    return Predictor(tagger)


def export(
    run: Path | str,
    to: str = "onnx",
    *,
    int8: bool = False,
    trim: Path | str | None = None,
    out: Path | str | None = None,
    quiet: bool = False,
    trust_remote_code: bool = False,
) -> Path:
    """Write the student of a run for another runtime; `xner export` from Python.

    Args:
        run: a run folder, or a student's.
        to: the format: "onnx", or with `trim` also "transformers", a plain folder.
        int8: weights of 8 bits; only of ONNX.
        trim: a corpus of the student's language, in any format that xner reads: pieces of the vocabulary that it does
            not need are left out.
        out: the folder; None: onnx/, onnx-int8/, onnx-trimmed/ and so on in `run`.
        quiet: print nothing.
        trust_remote_code: run Python code that comes with the model; otherwise such a model is refused.

    Returns:
        the folder.

    Raises:
        XnerError: something that the caller can correct; its message is one line.
    """
    from xner.machine.progress import Progress
    from xner.using import exporting

    form = exporting.Form.of(to, int8, None if trim is None else Path(trim))
    folder = Path(out) if out else Path(run) / form.name
    return exporting.export(_student(Path(run)), folder, form, Progress(quiet=quiet), trust_remote_code)


def report(folder: Path | str, out: Path | str | None = None) -> Path:
    """Write a page with pictures of a comparison; `xner report` from Python.

    Args:
        folder: a comparison's folder. A run's has its page already, which is taken as it is.
        out: the page's file; None: comparison.html in `folder`, or where a run's page is.

    Returns:
        the page's file.

    Raises:
        XnerError: something that the caller can correct; its message is one line.
    """
    from xner.comparing import page as comparison_page
    from xner.comparing.record import RECORD
    from xner.runs.written.report import FILE
    from xner.store.files import writing

    place = Path(folder)
    theirs = place / FILE
    if theirs.is_file() and not (place / RECORD).exists():
        file = Path(out or theirs)
        if file == theirs:
            return theirs
        page = theirs.read_text(encoding="utf-8")
    else:
        file = Path(out or place / comparison_page.FILE)
        page = comparison_page.render(place, file.parent)
    with writing(file) as handle:
        handle.write(page)
    return file


def _student(folder: Path) -> Path:
    """Return the folder of a run's student, or the folder itself if it is one."""
    if not folder.is_dir():
        raise DataError(f"{folder}: no such run folder; `xner train` makes one")
    inner = folder / STUDENT
    if not inner.is_dir() and (folder / "manifest.json").is_file():
        again = f"xner train --config {folder / 'config.toml'}"
        raise DataError(f"{folder}: a cell of a comparison keeps no student; get it with: {again}")
    return inner if inner.is_dir() else folder
