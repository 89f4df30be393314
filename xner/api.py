"""xner from Python: the verbs that the command line has, as functions."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from xner.comparing import page as comparison_page
from xner.comparing.comparison import compare as run_comparison
from xner.comparing.comparison import jobs_of
from xner.comparing.record import RECORD, Comparison
from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.mixing import configure, configure_comparison
from xner.runs.options import COMPARE, COMPARED, TRAIN, settings_of
from xner.runs.pages.again import look_again
from xner.runs.run import Run
from xner.runs.run import train as run_training
from xner.runs.written.report import FILE as RUN_PAGE
from xner.store.files import writing
from xner.using.exporting import Form
from xner.using.exporting import export as write_export
from xner.using.loading import load, student_of

__all__ = ["compare", "export", "load", "report", "train"]


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
) -> Run:
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
    plugins, run = Plugins.load(), {"method": method, "src": src, "tgt": tgt, "seed": seed, "dataset": dataset}
    given = {**run, "encoder": encoder, "aux": aux, "refine": refine, "weighting": weighting}
    config = configure(plugins, {**settings_of(TRAIN, given), **(settings or {})}, preset=preset)
    return run_training(config, plugins, Path(out) if out else None, Progress(quiet=quiet))


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
) -> Comparison:
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
    plugins, place, number = Plugins.load(), Path(out) if out else None, jobs_of(str(jobs))
    given = {"src": src, "dataset": dataset, "encoder": encoder, "aux": aux, "refine": refine, "weighting": weighting}
    config, targets = configure_comparison(plugins, {**settings_of(COMPARE, given), **(settings or {})}, tgt)
    return run_comparison(config, methods, targets, seeds, plugins, place, Progress(quiet=quiet), number)[0]


def export(
    run: Path | str,
    to: str = "onnx",
    *,
    int8: bool = False,
    trim: Path | str | None = None,
    out: Path | str | None = None,
    quiet: bool = False,
    trust_remote_code: bool = False,
    allow_pickle: bool = False,
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
        allow_pickle: read pickled weights where it has no others; otherwise such a model is refused.

    Returns:
        the folder.

    Raises:
        XnerError: something that the caller can correct; its message is one line.
    """
    form = Form.of(to, int8, None if trim is None else Path(trim))
    folder = Path(out) if out else Path(run) / form.name
    trust = trust_remote_code, allow_pickle
    return write_export(student_of(Path(run)), folder, form, Progress(quiet=quiet), *trust)


def report(folder: Path | str, out: Path | str | None = None, *, quiet: bool = False) -> Path:
    """Write the page of a run or of a comparison; `xner report` from Python.

    Args:
        folder: a run's folder, which is looked at once more, with the sections that take long; if its corpora or stages
            are not there any more, its page stays as it is. Or a comparison's folder.
        out: the page's file; None: report.html or comparison.html in `folder`.
        quiet: print nothing.

    Returns:
        the page's file.

    Raises:
        XnerError: something that the caller can correct; its message is one line.
    """
    place = Path(folder)
    theirs = place / RUN_PAGE
    if theirs.is_file() and not (place / RECORD).exists():
        look_again(place, Plugins.load(), Progress(quiet=quiet))
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
