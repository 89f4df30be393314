"""A trained student, loaded to find entities: nothing is imported that its folder does not need."""

from collections.abc import Sequence
from pathlib import Path

from xner.decoding.decoder import DecodingSettings
from xner.errors import DataError, UsageError
from xner.machine.hardware import Hardware, check_precision
from xner.plugin.component import check
from xner.store.results import MANIFEST, STUDENT
from xner.using.exported import MODEL, ExportedTagger
from xner.using.predicting import Predictor, TextTagger


def load(
    run: Path | str,
    *,
    decoding: str | None = None,
    strength: float | None = None,
    precision: str = "auto",
    trust_remote_code: bool = False,
    names: Sequence[str] = (),
) -> Predictor:
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
    check_precision(precision)
    given = {name: value for name, value in (("rule", decoding), ("strength", strength)) if value is not None}
    asked = check(DecodingSettings, given, "decoding.")
    folder = student_of(Path(run))
    if not (folder / MODEL).is_file():
        tagger = _with_torch(folder, precision, trust_remote_code, names)
    elif precision == "bf16":
        raise UsageError(f"precision = bf16: {folder} is an export, which runs as it was written; leave it out")
    else:
        tagger = ExportedTagger.load(folder)
    tagger.decoding = tagger.decoding.model_copy(update=asked.model_dump(exclude_unset=True))
    return Predictor(tagger)


def _with_torch(folder: Path, precision: str, trusted: bool, names: Sequence[str]) -> TextTagger:
    """Load a tagger that is no export, without transformers if it can be read so."""
    from xner.tagging.quick.loading import load_quickly
    from xner.tagging.tagger import Tagger

    hardware = Hardware.choose(precision)
    return load_quickly(folder, hardware, names) or Tagger.load(folder, hardware, trusted=trusted, names=names)


def student_of(folder: Path) -> Path:
    """Return the folder of a run's student, or the folder itself if it is one.

    Args:
        folder: a run's, a student's, or an exported one.

    Raises:
        DataError: there is no such folder, or it is one of a comparison.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such run folder; `xner train` makes one")
    inner = folder / STUDENT
    if not inner.is_dir() and (folder / MANIFEST).is_file():
        again = f"xner train --config {folder / 'config.toml'}"
        raise DataError(f"{folder}: a cell of a comparison keeps no student; get it with: {again}")
    return inner if inner.is_dir() else folder
