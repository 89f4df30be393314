"""The contract between xner and its plugins: hooks, each of which yields records of what a plugin offers.

A hook only *names* things. The class behind a record is imported when the user asks for it, so that
`xner list` stays fast however heavy the plugins are. What each class must do is said in `xner.base`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pluggy

GROUP = "xner"
"""The entry-point group in which plugins register."""

hookspec = pluggy.HookspecMarker("xner")
hookimpl = pluggy.HookimplMarker("xner")


@dataclass(frozen=True)
class Offer:
    """One named thing that a plugin offers.

    Args:
        name: how users ask for it, for example "mtmt"; letters, digits, "-", "_" and ".".
        target: where its class is, as "package.module:Class"; imported on first use.
        summary: one line for `xner list`.
        needs: what it needs beside a labelled source and raw text of the target, such as "a dictionary", "a
            translator", "parallel text" or "a gazetteer", by which `xner list` groups; "": nothing.
    """

    name: str
    target: str
    summary: str
    needs: str = ""


@hookspec
def xner_encoders() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield encoders: a `xner.base.Encoder` loads a model and its tokenizer for a label set."""


@hookspec
def xner_corpora() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield corpora: a `xner.base.CorpusReader` loads one language and split."""


@hookspec
def xner_teachers() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield teachers: a `xner.base.Teacher` learns from the source and labels the target's words."""


@hookspec
def xner_refiners() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield refiners: a `xner.base.Refiner` makes better signals of what the teachers said of the target."""


@hookspec
def xner_transformers() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield transformers: a `xner.base.Transformer` makes another corpus of a corpus."""


@hookspec
def xner_resources() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield resources: a `xner.base.Resource` knows of languages what no corpus says, such as a dictionary."""


@hookspec
def xner_auxiliary_tasks() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield auxiliary tasks: a `xner.base.AuxiliaryTask` is a second thing that the student learns."""


@hookspec
def xner_weightings() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield weightings: a `xner.base.Weighting` turns the teachers' signals into weights of the losses."""


@hookspec
def xner_methods() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield methods: a `xner.base.Method` is the script from a transfer task to a student."""


@hookspec
def xner_sections() -> Iterable[Offer]:  # type: ignore[empty-body]
    """Yield sections: a `xner.base.Section` shows something of a finished run on its page."""


KINDS = {
    "encoders": "Encoder",
    "corpora": "CorpusReader",
    "teachers": "Teacher",
    "refiners": "Refiner",
    "transformers": "Transformer",
    "resources": "Resource",
    "auxiliary_tasks": "AuxiliaryTask",
    "weightings": "Weighting",
    "methods": "Method",
    "sections": "Section",
}
"""The kinds of component (a hook is "xner_" + kind), and the class of `xner.base` that each subclasses."""
