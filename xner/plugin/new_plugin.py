"""What `xner new-plugin` writes: a distribution with one working component and its test, to start from."""

import keyword
import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from xner.errors import DataError, UsageError
from xner.filenames import unfit
from xner.hookspecs import KINDS
from xner.plugin.manager import Plugins, kind_of, speak

_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_FILES = {
    "pyproject.toml": "pyproject.toml",
    "README.md": "README.md",
    ".gitignore": "gitignore",
    ".github/workflows/test.yml": "test.yml",
    "src/{package}/__init__.py": "init.py",
    "src/{package}/plugin.py": "plugin.py",
    "src/{package}/py.typed": "py.typed",
    "src/{package}/{module}.py": "{kind}.py",
    "tests/test_{module}.py": "test.py",
}
"""From the files of a distribution to their templates."""
_SAMPLE = {
    f"src/{{package}}/sample/{file}": f"sample/{file}" for file in ("de/train.txt", "en/test.txt", "en/train.txt")
}


@dataclass(frozen=True)
class Example:
    """The component that is written for a kind: what it is, and how it is used."""

    summary: str
    use: str
    role: str = ""
    """The class of the role that it subclasses, of a kind that has roles."""


EXAMPLES = {
    "encoders": Example(
        "A small transformer over bytes, learned from scratch",
        "xner train --method direct --encoder {name} --set freeze=none --set max_length=512",
    ),
    "corpora": Example(
        "Text with its entities in brackets, such as [PER Ada Lovelace]",
        "xner train --method direct --dataset {name} --src en --tgt de",
    ),
    "teachers": Example(
        "A tagger that learns to be less sure of itself",
        'xner train --method mtmt --set \'methods.mtmt.teachers=["{name}", "similarity"]\'',
    ),
    "refiners": Example(
        "Teachers that are surer than they should be are cooled down",
        "xner compare --methods tsl,tsl+{name}",
    ),
    "transformers": Example(
        "Sentences that are there twice are left out",
        "xner train --method tsl --set source.transformers={name} --set target.transformers={name}",
    ),
    "resources": Example(
        "A dictionary of the words that both texts have in common",
        "xner resource show dictionary {name}",
        role="Dictionary",
    ),
    "auxiliary_tasks": Example(
        "Is this word part of an entity? As the teacher sees it",
        "xner compare --methods tsl,tsl+{name}",
    ),
    "weightings": Example(
        "Words count by how sure the teacher is",
        "xner compare --methods tsl,tsl+{name}",
    ),
    "methods": Example(
        "Several teachers, each of its share of the source, and one student",
        "xner compare --methods direct,tsl,{name}",
    ),
    "sections": Example(
        "How long entities are, in the gold and as they are predicted",
        "xner train --method direct --set sections.{name}.longest=3",
    ),
}


@dataclass(frozen=True)
class NewPlugin:
    """A plugin with one component, under the one name that everything in it goes by.

    Args:
        name: of the component, such as "word-shape".
        kind: one of `xner.hookspecs.KINDS`.
    """

    name: str
    kind: str

    @property
    def distribution(self) -> str:
        """What pip installs."""
        return f"xner-{self.name}"

    @property
    def module(self) -> str:
        """The module of the component."""
        return self.name.replace("-", "_")

    @property
    def package(self) -> str:
        """What Python imports."""
        return f"xner_{self.module}"

    @property
    def class_name(self) -> str:
        """The class of the component, which ends like the base class of its kind."""
        return "".join(part.capitalize() for part in self.name.split("-")) + KINDS[self.kind]

    def files(self) -> dict[str, str]:
        """Return the text of every file by its place in the distribution."""
        environment = Environment(  # nosec B701 # Python and TOML
            loader=PackageLoader("xner", "templates/plugin"),
            undefined=StrictUndefined,
            keep_trailing_newline=True,
            trim_blocks=True,
        )
        major, minor = version("xner").split(".")[:2]
        example = EXAMPLES[self.kind]
        names = {
            "plugin": self,
            "base": example.role or KINDS[self.kind],
            "spoken": speak(self.kind),
            "singular": "corpus" if self.kind == "corpora" else speak(self.kind).removesuffix("s"),
            "summary": example.summary,
            "use": example.use.format(name=self.name),
            "requirement": f"xner>={major}.{minor},<{major}.{int(minor) + 1}",
        }
        own = {"package": self.package, "module": self.module, "kind": self.kind}
        wanted = _FILES | (_SAMPLE if self.kind == "corpora" else {})
        return {
            place.format(**own): environment.get_template(f"{template.format(**own)}.jinja").render(names)
            for place, template in wanted.items()
        }


def plan(name: str, kind: str, plugins: Plugins) -> NewPlugin:
    """Return the plugin that a name and a kind mean.

    Args:
        name: the component's, with or without "xner-" before it.
        kind: a kind, such as "auxiliary-task".
        plugins: those that are installed.

    Raises:
        UsageError: there is no such kind, the name cannot be one, or it is taken.
    """
    plugin = NewPlugin(name.removeprefix("xner-"), kind_of(kind))
    kept = keyword.iskeyword(plugin.module) or plugin.module == "plugin" or unfit(plugin.module)
    if kept or not _NAME.fullmatch(plugin.name):
        raise UsageError(
            f"'{name}' cannot be the name of a package: expected small letters and digits, joined by '-', such as "
            "word-shape, and no word that Python, xner or Windows needs for itself"
        )
    taken = {info.name for info in plugins.infos}
    if plugin.name in taken or plugins.has(plugin.kind, plugin.name):
        what = "plugins" if plugin.name in taken else speak(plugin.kind)
        raise UsageError(f"the name '{plugin.name}' is taken among the {what} installed here; choose another")
    return plugin


def write(plugin: NewPlugin, folder: Path) -> None:
    """Write a plugin's distribution.

    Args:
        plugin: which.
        folder: where; it must not be there yet.

    Raises:
        DataError: the folder is there, or cannot be written.
    """
    if folder.exists():
        raise DataError(f"{folder}: is there already, and nothing in it was changed; name another place with --out")
    try:
        for place, text in plugin.files().items():
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_text(text, encoding="utf-8")
    except OSError as error:
        raise DataError(f"{folder}: cannot write here: {error.strerror}; name another place with --out") from error
