"""The options of the verbs, from Python as on the command line: what each is called, and the settings behind it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Option:
    """An option that gives a value to settings.

    Args:
        name: its parameter in Python; on the command line it is "--" + name, with hyphens.
        settings: the settings behind it, such as "student.weighting".
        help: what it is, in one line.
        shown: the default that help shows: that of the setting, or what it comes from.
        several: it takes several names: on the command line with commas, in Python also as a sequence.
        again: on the command line it may be given again for more names.
        least: its value is a number, and at least this one.
    """

    name: str
    settings: tuple[str, ...]
    help: str
    shown: str = ""
    several: bool = False
    again: bool = False
    least: int | None = None


_SCORING = "Scoring rule: conlleval, or strict (IOB2; an illegal I- is no entity)."
_CHECKPOINT = "Weights to keep: last, average (of the training's snapshots), or the best on source-dev or target-dev."
DECODING = "How tags are chosen: chain (legal, with the sources' tag bigrams), legal, or argmax (each word's best)."
"""What a rule of decoding is, in one line."""
PRECISION = "fp32, bf16, or auto: bf16 where the hardware is faster with it."
"""What a precision is, in one line."""
_SRC = Option("src", ("source.languages",), "Source language; several with commas.", "en", several=True)
TARGET = Option("tgt", ("target.language",), "Target language.", "de")
_SHARED = (  # of two with the same setting, the later one wins
    Option("dataset", ("source.dataset", "target.dataset"), "Corpus name, folder or file, for both sides.", "demo"),
    Option("src_dataset", ("source.dataset",), "Corpus of the source, if it is another."),
    Option("tgt_dataset", ("target.dataset",), "Corpus of the target, if it is another."),
    Option("encoder", ("encoder",), "Encoder: name, hub id or folder.", "e5-small"),
    Option(
        "aux",
        ("student.tasks",),
        "Auxiliary task beside those of the method; several with commas, or the option again.",
        several=True,
        again=True,
    ),
    Option(
        "refine",
        ("student.refiners",),
        "Refiner of the teachers' signals after those of the method; several with commas, or the option again.",
        several=True,
        again=True,
    ),
    Option("weighting", ("student.weighting",), "Weighting in place of the method's.", "the method's"),
    Option("labels", ("labels.types",), "Entity types, with commas.", "those of the source", several=True),
    Option("limit_source", ("source.limit",), "Learn from at most so many source sentences.", least=1),
    Option("limit_target", ("target.limit",), "Learn from at most so many target sentences.", least=1),
    Option("decoding", ("decoding.rule",), DECODING, "chain"),
    Option("scoring", ("scoring.rule",), _SCORING, "conlleval"),
    Option("checkpoint", ("checkpoint",), _CHECKPOINT, "last"),
)

TRAIN = (
    Option("method", ("method",), "Method; see `xner list methods`.", "mtmt"),
    _SRC,
    TARGET,
    *_SHARED,
    Option("seed", ("seed",), "Seed of everything drawn at random.", "0", least=0),
)
"""The options of a run."""

COMPARE = (_SRC, *_SHARED)
"""The options that all runs of a comparison share."""

_TEXTS = ("dataset", "src_dataset", "tgt_dataset", "encoder", "limit_source", "limit_target")
LOOK = (_SRC, TARGET, *(option for option in _SHARED if option.name in _TEXTS))
"""The options of looking at a resource."""

COMPARED = ("direct", "tsl", "mtmt")
"""The methods of a comparison that names none."""

EVALUATE = (
    Option("dataset", ("target.test_dataset",), "Corpus name, folder or file.", "the run's"),
    Option("tgt", ("target.language",), "Language.", "the run's"),
    Option("split", ("target.test_split",), "Split.", "the run's"),
    Option("labels", ("labels.types",), "Entity types to score, with commas.", "all of the tagger", several=True),
    Option("decoding", ("decoding.rule",), DECODING, "the tagger's"),
    Option("scoring", ("scoring.rule",), _SCORING, "the run's"),
    Option("precision", ("precision",), PRECISION, "the run's"),
)
"""The options of scoring a student; without them, the run's settings hold."""


def settings_of(options: Iterable[Option], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings behind the options that were given, by dotted name.

    Args:
        options: the options there are.
        given: values by the options' names; None or nothing in a list: not given.
    """
    found: dict[str, Any] = {}
    for option in options:
        value = given.get(option.name)
        if value not in (None, (), []):
            found |= dict.fromkeys(option.settings, names(value) if option.several else value)
    return found


def names(value: str | Sequence[str]) -> list[str]:
    """Return the names in a text with commas, or in several such texts."""
    return [name for text in ([value] if isinstance(value, str) else value) for name in text.split(",")]
