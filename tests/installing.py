"""Plugins as pip would leave them: on sys.path, with the metadata of their own pyproject.toml."""

import tomllib
from pathlib import Path

EXAMPLES = Path(__file__).parent.parent / "examples"
NAMES = ("xner-contrastive", "xner-entropy")
OURS = (
    "adversarial",
    "baselines",
    "consensus",
    "demo",
    "gazetteers",
    "iterative",
    "mtmt",
    "neighbours",
    "projection",
    "resources",
    "tof",
    "translation",
)
"""The plugins of this repository, by their entry points."""
WRITTEN = {
    "encoders": "bytes",
    "corpora": "bracketed",
    "teachers": "smoothed",
    "refiners": "cooled",
    "transformers": "deduplicated",
    "resources": "common-words",
    "auxiliary_tasks": "entity-or-not",
    "weightings": "sureness",
    "methods": "bagging",
    "sections": "entity-lengths",
}
"""The plugins that docs/plugins.md writes, one of each kind."""


def install(project, site):
    """Write the metadata of a project's folder; return the folder of its sources."""
    settings = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    about = settings["project"]
    metadata = site / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n")
    points = "".join(f"{name} = {module}\n" for name, module in about["entry-points"]["xner"].items())
    (metadata / "entry_points.txt").write_text(f"[xner]\n{points}")
    (package,) = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    return (project / package).parent


def install_all(site, monkeypatch):
    """Install all examples until the test ends; no others are seen, which may have the same names."""
    site.mkdir()
    for folder in (site, *(install(EXAMPLES / name, site) for name in NAMES)):
        monkeypatch.syspath_prepend(folder)
    examples = (name.removeprefix("xner-") for name in NAMES)
    monkeypatch.setenv("XNER_PLUGINS", ",".join((*OURS, *examples)))
