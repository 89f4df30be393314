"""The stable interface: what is written on top of xner imports nothing else, and the page has all of it."""

import ast
import inspect
import re
from importlib import import_module

import pytest

from tests.pages import BLOCKS, ROOT, blocks
from tools.reference import FOLDER
from xner.hookspecs import KINDS

STABLE = ("xner", "xner.base", "xner.errors", "xner.hookspecs", "xner.testing")
SOURCES = [
    *ROOT.glob("plugins/*/src/**/*.py"),
    *ROOT.glob("examples/xner-*/src/**/*.py"),
    ROOT / "tests/typing/outside.py",
]
TEMPLATES = sorted(ROOT.glob("xner/templates/plugin/*.py.jinja"))


def public(module):
    """Return the names of a module that its page must have."""
    found = import_module(module)
    if listed := getattr(found, "__all__", None):
        return set(listed)
    own = {n for n, v in vars(found).items() if not inspect.ismodule(v) and getattr(v, "__module__", module) == module}
    return {name for name in own if not name.startswith("_")} | {"hookimpl"} & set(vars(found))


def imported(code):
    """Yield module and name of all that code imports from xner; the name is empty for `import module`."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names if alias.name.partition(".")[0] == "xner")
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module.partition(".")[0] == "xner":
            yield from ((node.module, alias.name) for alias in node.names)


def check(code):
    for module, name in imported(code):
        assert module in STABLE, module
        assert not name or name in public(module) or f"{module}.{name}" in STABLE, f"{module}.{name}"


@pytest.mark.sources
@pytest.mark.parametrize("file", SOURCES, ids=lambda file: str(file.relative_to(ROOT)))
def test_plugins_import_the_stable_interface_alone(file):
    check(file.read_text(encoding="utf-8"))


@pytest.mark.sources
@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.name)
def test_plugins_that_are_written_import_the_stable_interface_alone(file):
    lines = file.read_text(encoding="utf-8").splitlines()
    code = "\n".join(line for line in lines if re.match(r"(from|import) xner[.\s]", line))
    check(code.replace("{{ base }}", "Weighting"))


@pytest.mark.parametrize("page", BLOCKS)
def test_code_on_pages_imports_the_stable_interface_alone(page):
    for block in BLOCKS[page]:
        if block.language == "python":
            check(block.code)


def test_the_docstrings_of_the_interface_import_it_alone():
    for module in STABLE:
        for block in blocks(import_module(module).__doc__):
            check(block.code)


@pytest.mark.parametrize("code", ["import xner.api", "from xner.api import report", "from xner import api"])
def test_another_import_would_be_seen(code):
    with pytest.raises(AssertionError, match=r"xner\.api"):
        check(code)


@pytest.mark.parametrize("module", STABLE)
def test_the_page_has_every_name_with_its_signature(module):
    parts = re.split(r"^##+ ", (FOLDER / "interface.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    sections = {part.partition("\n")[0].strip("`"): part for part in parts}
    for name in public(module):
        section = sections[name if name.partition("_")[2] in KINDS else f"{module}.{name}"]
        found = getattr(import_module(module), name)
        if inspect.isfunction(found):
            assert all(
                re.search(rf"[(*]{given}:|, \**{given}:", section) for given in inspect.signature(found).parameters
            )
        for method in getattr(found, "__abstractmethods__", ()):
            if method not in vars(found):
                continue  # it stands with its base
            assert f"**`{method}(" in section
        for field in getattr(found, "model_fields", ()):
            assert f"`{field}`" in section or f"{field}:" in section
