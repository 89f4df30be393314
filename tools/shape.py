"""The shape of the engine and its plugins in numbers: `python tools/shape.py` fails where one is over its limit.

The layers that imports must follow are those of import-linter, in pyproject.toml.
"""

import ast
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import grimp
import numpy as np

ROOT = Path(__file__).parent.parent
_NAMED = 5
"""How many of those over a limit are named."""


@dataclass(frozen=True)
class Measure:
    """A number and the highest that it may be.

    Args:
        name: what is measured.
        value: the number.
        limit: the highest that is allowed.
        sizes: what the number comes from, and how large each is.
    """

    name: str
    value: float
    limit: int
    sizes: Mapping[str, float]

    @property
    def over(self) -> list[str]:
        """What is over the limit, the largest first, if the number is."""
        if self.value <= self.limit:
            return []
        return [f"{name} ({size})" for name, size in Counter(self.sizes).most_common() if size > self.limit]


def measured(folders: Sequence[Path], layers: Sequence[str]) -> list[Measure]:
    """Measure top-level packages.

    Args:
        folders: where they are, of which the first has the layers; Python must find them there.
        layers: the layers from the top down; packages of the same one have "|" between them.
    """
    graph = grimp.build_graph(*(folder.name for folder in folders), cache_dir=None)
    around = {", ".join(sorted(circle)): len(circle) for circle in circles(graph)}
    against = dict.fromkeys(upwards(graph, folders[0].name, layers), 1)
    texts = {file: file.read_text(encoding="utf-8") for folder in folders for file in sorted(folder.rglob("*.py"))}
    lines = {str(file): len(text.splitlines()) for file, text in texts.items()}
    trees = {file: ast.parse(text) for file, text in texts.items()}
    packages = Counter(str(file.parent) for file, tree in trees.items() if not _is_bare(file, tree))
    functions = {f"{file}:{name}": size for file, tree in trees.items() for name, size in functions_of(tree)}
    return [
        Measure("circles of files", len(around), 0, around),
        Measure("imports upwards or aside between packages", len(against), 0, against),
        Measure("files of the largest package", max(packages.values()), 10, packages),
        Measure("lines of a file, 90th percentile", _p90(lines), 250, lines),
        Measure("lines of a function, 90th percentile", _p90(functions), 25, functions),
        Measure("lines of the longest function", max(functions.values()), 40, functions),
    ]


def circles(graph: grimp.ImportGraph) -> set[frozenset[str]]:
    """Return the sets of files that import each other, directly or through others."""
    both = {name: graph.find_downstream_modules(name) & graph.find_upstream_modules(name) for name in graph.modules}
    return {frozenset(others | {name}) for name, others in both.items() if others}


def upwards(graph: grimp.ImportGraph, root: str, layers: Sequence[str]) -> Iterator[str]:
    """Yield the imports from a package to one of a higher layer, or to another of its own.

    Args:
        graph: all imports.
        root: the package that has the layers.
        layers: from the top down; packages of the same one have "|" between them.
    """
    heights = {f"{root}.{name.strip()}": -place for place, row in enumerate(layers) for name in row.split("|")}
    for importer in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(importer)):
            low, high = (".".join(module.split(".")[:2]) for module in (importer, imported))
            if {low, high} <= heights.keys() and low != high and heights[high] >= heights[low]:
                yield f"{importer} -> {imported}"


def functions_of(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield where each function begins, with its name, and its lines from "def" on, docstring included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield f"{node.lineno} {node.name}", node.end_lineno - node.lineno + 1


def _is_bare(file: Path, tree: ast.Module) -> bool:
    """Whether a file only says what its package is."""
    return file.name == "__init__.py" and len(tree.body) - (ast.get_docstring(tree) is not None) == 0


def _p90(sizes: Mapping[str, int]) -> float:
    return float(np.percentile(list(sizes.values()), 90))


def main() -> None:
    """Print all measures, and exit with 1 if one is over its limit."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    (layers,) = (contract["layers"] for contract in settings["contracts"] if contract["type"] == "layers")
    found = measured([ROOT / "xner", *sorted(ROOT.glob("plugins/*/src/xner_*/"))], layers)
    for measure in found:
        sys.stdout.write(f"{measure.name:<45} {measure.value:>5g}  (at most {measure.limit})\n")
        for line in measure.over[:_NAMED]:
            sys.stdout.write(f"    {line.removeprefix(f'{ROOT}/')}\n")
    sys.exit(any(measure.value > measure.limit for measure in found))


if __name__ == "__main__":
    main()
