"""Loading students: of a run, of any folder, or exported; what an export does not need is not imported."""

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
    allow_pickle: bool = False,
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
        allow_pickle: read pickled weights where it has no others; otherwise such a model is refused.
        names: of the tagger's classes, in order, where it does not name them.

    Raises:
        XnerError: there is no tagger, a library that it needs is missing, or it does not run in that precision.
    """
    check_precision(precision)
    given = {name: value for name, value in (("rule", decoding), ("strength", strength)) if value is not None}
    asked = check(DecodingSettings, given, "decoding.")
    folder, trust = student_of(Path(run)), (trust_remote_code, allow_pickle)
    exported = (folder / MODEL).is_file()
    if exported and precision == "bf16":
        raise UsageError(f"precision = bf16: {folder} is an export, which runs as it was written; leave it out")
    tagger = ExportedTagger.load(folder) if exported else _trained(folder, Hardware.choose(precision), names, *trust)
    tagger.decoding = tagger.decoding.model_copy(update=asked.model_dump(exclude_unset=True))
    return Predictor(tagger)


def _trained(folder: Path, hardware: Hardware, names: Sequence[str], trusted: bool, pickled: bool) -> TextTagger:
    from xner.tagging.quick.loading import load_quickly  # these need torch, which an export does not
    from xner.tagging.tagger import Tagger

    quick = load_quickly(folder, hardware, names)
    return quick or Tagger.load(folder, hardware, trusted=trusted, names=names, pickled=pickled)


def student_of(folder: Path) -> Path:
    """Return the folder of a run's student, or the folder itself if it is one.

    Args:
        folder: a run's, or a student's.

    Raises:
        DataError: it is neither.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such run folder; `xner train` makes one")
    inner = folder / STUDENT
    if not inner.is_dir() and (folder / MANIFEST).is_file():
        again = f"xner train --config {folder / 'config.toml'}"
        raise DataError(f"{folder}: a cell of a comparison keeps no student; get it with: {again}")
    return inner if inner.is_dir() else folder
