import os
import subprocess
import sys

import pytest

HEAVY = (
    "torch",
    "transformers",
    "datasets",
    "pyarrow",
    "seqeval",
    "sklearn",
    "scipy",
    "ray",
    "onnx",
    "onnxruntime",
    "altair",
    "vl_convert",
    "fastapi",
)
SCRIPT = f"""
import sys
from xner.cli.main import main
sys.argv = ["xner", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted(set({HEAVY}) & set(sys.modules)), sep=",", file=sys.stderr)
"""


def run(*arguments, script=SCRIPT):
    environment = os.environ | {"COLUMNS": "200"}
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, env=environment, check=False
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--help"], "predict"),
        (["train", "--help"], "--dry-run"),
        (["compare", "--help"], "--jobs"),
        (["export", "--help"], "--int8"),
        (["report", "--help"], "--out"),
        (["new-plugin", "--help"], "--kind"),
        (["list", "methods"], "mtmt"),
        (["list", "encoders", "--json"], "e5-small"),
        (["plugins"], "baselines"),
        (["plugins", "--json"], "offers"),
        (["cache", "list"], "stages"),
        (["cache", "prune", "--keep", "1GB"], "removed"),
        (["cache", "verify"], "damaged"),
    ],
)
def test_listing_and_help_import_nothing_heavy(arguments, shown):
    code, out, err = run(*arguments)
    assert (code, shown in out, err.strip()) == (0, True, "")


def test_import_xner_imports_nothing():
    script = f"import sys, xner; from xner import XnerError; print(sorted(set({HEAVY}) & set(sys.modules)))"
    assert run(script=script) == (0, "[]\n", "")


def test_what_pytest_loads_at_its_start_imports_nothing_heavy():
    script = f"import sys, xner.testing.fixtures; print(sorted(set({HEAVY}) & set(sys.modules)))"
    assert run(script=script) == (0, "[]\n", "")


def test_xner_needs_no_pytest():
    blocked = SCRIPT.replace("import sys\n", "import sys\nsys.modules['pytest'] = sys.modules['_pytest'] = None\n")
    assert run("list", "weightings", script=blocked)[0] == 0
    script = (
        "import sys; sys.modules['pytest'] = sys.modules['_pytest'] = None\n"
        "import xner; from xner.testing import tiny_corpus\n"
        "xner.train, xner.compare, xner.load; print(len(tiny_corpus()))"
    )
    assert run(script=script) == (0, "60\n", "")


def test_python_m_xner_is_the_same_command():
    done = subprocess.run(
        [sys.executable, "-m", "xner", "list", "weightings", "--json"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert '"uniform"' in done.stdout
