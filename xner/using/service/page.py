"""The page of a service: a text goes in, and each run's entities are shown in it, side by side."""

import base64
import hashlib
from collections.abc import Mapping, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined


def page(runs: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """Return the page and its Content-Security-Policy: its own script runs, and may ask this service alone.

    Args:
        runs: from the name of each run to the types that it finds.
    """
    types = sorted({kind for found in runs.values() for kind in found})
    environment = Environment(
        loader=PackageLoader("xner"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    made = environment.get_template("service.html").render(runs=tuple(runs), types=types)
    script = made.partition("<script>")[2].partition("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return made, (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
