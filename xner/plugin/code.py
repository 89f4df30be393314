"""The code behind a result, as hashes of named files, so that changed code never meets results of the old."""

import hashlib
import inspect
from collections.abc import Iterable
from pathlib import Path

from xner.plugin.component import Component, place_of

ENGINE = Path(__file__).parents[1]
"""The folder of the engine's code."""


def digests(files: Iterable[Path], root: Path) -> dict[str, str]:
    """Return a hash of each file by its place in a folder.

    Args:
        files: source files.
        root: the folder that they are in.
    """
    return {
        file.relative_to(root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()[:16] for file in sorted(files)
    }


LOOKING = "sections"
"""The subpackage of a plugin that has its sections: they only look at what came out, and shape nothing."""


def code_of(component: Component) -> dict[str, str]:
    """Return a hash of each file of a component's package, but for its sections; of one module, of that alone."""
    kind, file = type(component), Path(inspect.getfile(type(component)))
    alone = "." not in kind.__module__ or kind.__module__.startswith("xner.")  # what lies around it is not its package
    if alone:
        return digests([file], file.parent)
    return digests(
        (f for f in file.parent.rglob("*.py") if f.relative_to(file.parent).parts[0] != LOOKING), file.parent
    )


def described(component: Component) -> dict[str, object]:
    """Return what a component's results depend on: its class, its settings and its code."""
    return {
        "component": place_of(component),
        "settings": component.config.model_dump(),
        "code": code_of(component),
    }
