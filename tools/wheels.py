"""Tests on the built wheels: `python tools/wheels.py DIST [pytest's arguments]`; `make test-wheels` builds them first.

A fresh venv gets the wheels in DIST and sees the third-party packages of the running environment, but not its xner. The
tests run in a copy of the checkout without the sources, so what is missing from a wheel is missing from the tests.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
_LEFT_OUT = {ROOT / "xner", *ROOT.glob("plugins/*/src"), *(ROOT / name for name in ("build", "dist", "runs", "site"))}
_PACKAGES = (
    "xner",
    "xner_adversarial",
    "xner_baselines",
    "xner_consensus",
    "xner_demo",
    "xner_gazetteers",
    "xner_iterative",
    "xner_mtmt",
    "xner_neighbours",
    "xner_projection",
    "xner_resources",
    "xner_tof",
    "xner_translation",
)
_PLACES = f"import {', '.join(_PACKAGES)}; print(*({', '.join(f'{name}.__file__' for name in _PACKAGES)},), sep='\\n')"


def install(wheels: Path, folder: Path) -> Path:
    """Make a venv with all wheels of a folder.

    Args:
        wheels: the folder.
        folder: where the venv will be.

    Returns:
        its Python.
    """
    venv.create(folder)
    scripts, packages = (
        Path(sysconfig.get_path(name, "venv", {"base": str(folder)})) for name in ("scripts", "purelib")
    )
    python = scripts / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, *map(str, wheels.glob("*.whl"))], check=True)
    # folders that a .pth file names come last, and the .pth files inside them, those of editable installs, are not read
    others = [place for place in sys.path if Path(place).name in ("site-packages", "dist-packages")]
    (packages / "third-party.pth").write_text("\n".join(others), encoding="utf-8")
    return python


def run(python: Path, folder: Path, arguments: Sequence[str]) -> int:
    """Run the tests in a copy of the checkout without the sources.

    Args:
        python: of a venv with the wheels.
        folder: where the copy will be.
        arguments: pytest's.

    Returns:
        pytest's exit code.
    """
    shutil.copytree(ROOT, folder, ignore=_without_sources)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    places = subprocess.run([python, "-c", _PLACES], cwd=folder, env=environment, stdout=subprocess.PIPE, text=True)
    if strays := [place for place in places.stdout.split() if not Path(place).is_relative_to(python.parent.parent)]:
        sys.exit(f"not from the wheels: {', '.join(strays)}")
    pytest = [str(python), "-m", "pytest", "-m", "not sources", *arguments]
    return subprocess.run(pytest, cwd=folder, env=environment).returncode


def _without_sources(folder: str, names: Sequence[str]) -> set[str]:
    return {name for name in names if Path(folder, name) in _LEFT_OUT or name.startswith((".", "__pycache__"))}


def main() -> None:
    """Install the wheels, run the tests on them, and check the types of code that uses them."""
    wheels, arguments = Path(sys.argv[1]).absolute(), sys.argv[2:]
    with tempfile.TemporaryDirectory() as folder:
        python = install(wheels, Path(folder, "venv"))
        code = run(python, Path(folder, "checkout"), arguments)
        checkout = Path(folder, "checkout")
        outside = [checkout / "tests" / "typing", *checkout.glob("examples/*/src")]
        mypy = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--python-executable", str(python)]
        sys.exit(code or subprocess.run([*mypy, *map(str, outside)], cwd=folder).returncode)


if __name__ == "__main__":
    main()
