"""One measurement in a process of its own: python -m tests.benchmarks.child MODULE:FUNCTION ARGUMENTS RESULT."""

import json
import sys
from importlib import import_module
from pathlib import Path

if __name__ == "__main__":
    place, arguments, result = sys.argv[1:]
    module, _, function = place.partition(":")
    made = getattr(import_module(f"tests.benchmarks.{module}"), function)(**json.loads(arguments))
    Path(result).write_text(json.dumps(made), encoding="utf-8")
