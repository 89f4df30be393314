"""What the experiment has found out so far: small files, written one by one as they come, enough to write its page."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from xner.runs.settings import RunConfig
from xner.scoring.counts import COUNTS
from xner.store.files import writing

Record = TypeVar("Record", bound=BaseModel)

MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Store:
    """Records by kind and name, each in the file KIND/NAME.json, and what is kept of run folders in runs/NAME.

    Args:
        folder: where they are.
    """

    folder: Path

    def load(self, kind: type[Record], name: str) -> Record | None:
        """Return a record; None if there is none, or one that another version wrote."""
        try:
            return kind.model_validate_json(self._file(kind, name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def save(self, name: str, record: BaseModel) -> None:
        """Write a record; the file is never half-written."""
        file = self._file(type(record), name)
        file.parent.mkdir(parents=True, exist_ok=True)
        with writing(file) as handle:
            handle.write(record.model_dump_json(indent=2))

    def keep(self, name: str, run: Path) -> None:
        """Copy what the page needs of a run folder: its manifest and, for the intervals, its counts by sentence."""
        self.run(name).mkdir(parents=True, exist_ok=True)
        for file in (MANIFEST, COUNTS):
            shutil.copyfile(run / file, self.run(name) / file)

    def run(self, name: str) -> Path:
        """Return where that is."""
        return self.folder / "runs" / name

    def _file(self, kind: type[BaseModel], name: str) -> Path:
        return self.folder / kind.__name__.lower() / f"{name}.json"


def digest(config: RunConfig) -> str:
    """Return a short hash of settings, so that results of other settings have other names.

    What is empty is left out, so that a setting that is new, and empty by default, renames nothing; so are the decoding
    `argmax` and layers that are not compiled, which all had before there was a choice.
    """
    usual = {"decoding": config.decoding.rule == "argmax", "compile": not config.compile}
    settings = config.model_dump(mode="json", exclude={name for name, as_before in usual.items() if as_before})
    return sha256(json.dumps(_filled(settings), sort_keys=True).encode()).hexdigest()[:8]


def _filled(settings: Mapping[str, Any]) -> dict[str, Any]:
    nested = {name: _filled(value) if isinstance(value, Mapping) else value for name, value in settings.items()}
    return {name: value for name, value in nested.items() if value not in (None, "", [], {})}
