"""A gazetteer of a dump of Wikidata, line by line: labels and aliases of entities whose class says their type."""

import bz2
import gzip
import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from xner.errors import DataError
from xner.resources.gazetteer import Name

TYPES: Mapping[str, str] = {"Q5": "PER", "Q2221906": "LOC", "Q43229": "ORG"}
"""The classes whose instances, and those of their subclasses, have a type: human, geographic location, organization."""
_INSTANCE, _SUBCLASS = "P31", "P279"
_HALF = 10
"""Wikipedias with an article of an entity at which its prior is a half; ours."""
_OPENERS = {".gz": gzip.open, ".bz2": bz2.open}


@dataclass
class WikidataNames:
    """Reads a dump twice: first for which classes are below others, then for names.

    Args:
        dump: Wikidata's JSON dump, an entity a line; may be gzip or bzip2.
        languages: the codes of the languages whose names are taken.
        types: from classes to their types.
        least: entities in fewer Wikipedias and sister projects are left out.
        counts: of entities "read" and of those of each type.
    """

    dump: Path
    languages: Collection[str]
    types: Mapping[str, str] = field(default_factory=lambda: TYPES)
    least: int = 1
    counts: Counter[str] = field(default_factory=Counter)

    def names(self) -> Iterator[Name]:
        """Yield the names, each entity's once, in the dump's order.

        Raises:
            DataError: there is no such dump, or a line of it is not an entity.
        """
        below = self._classes()
        for entity in self._entities():
            self.counts["read"] += 1
            links = len(entity.get("sitelinks") or ())
            kinds = sorted({kind for of in _values(entity, _INSTANCE) for kind in below.get(of, ())})
            if links >= self.least and kinds:
                self.counts.update(kinds)
                for surface in dict.fromkeys(self._surfaces(entity)):
                    yield from (Name(surface, kind, (links or 1) / ((links or 1) + _HALF)) for kind in kinds)

    def _surfaces(self, entity: Mapping[str, Any]) -> Iterator[str]:
        labels, aliases = entity.get("labels") or {}, entity.get("aliases") or {}  # without any, these are lists
        for language in self.languages:
            several = [labels[language]] if language in labels else []
            for one in [*several, *(aliases.get(language, []))]:
                if surface := " ".join(one["value"].split()):
                    yield surface

    def _classes(self) -> dict[str, set[str]]:
        """Return the types of each class: its own, and those of all classes that it is below."""
        beneath = dict[str, list[str]]()
        for entity in self._entities():
            for above in _values(entity, _SUBCLASS):
                beneath.setdefault(above, []).append(entity["id"])
        found = dict[str, set[str]]()
        for root, kind in self.types.items():
            waiting = [root]
            while waiting:
                name = waiting.pop()
                if kind not in found.setdefault(name, set()):
                    found[name].add(kind)
                    waiting += beneath.get(name, [])
        return found

    def _entities(self) -> Iterator[dict[str, Any]]:
        if not self.dump.is_file():
            raise DataError(f"{self.dump}: no such file; Wikidata's JSON dumps are at dumps.wikimedia.org/wikidatawiki")
        with _opened(self.dump) as lines:
            for number, line in enumerate(self._whole(lines), 1):
                if (text := line.strip().rstrip(",")) not in ("", "[", "]"):
                    yield _entity(text, f"{self.dump}:{number}")

    def _whole(self, lines: TextIO) -> Iterator[str]:
        try:
            yield from lines
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise DataError(f"{self.dump}: cannot be read to its end ({error}); fetch it again") from error


def _opened(dump: Path) -> TextIO:
    stream: TextIO = _OPENERS.get(dump.suffix, open)(dump, "rt", encoding="utf-8")  # type: ignore[operator]
    return stream


def _entity(text: str, where: str) -> dict[str, Any]:
    try:
        entity = json.loads(text)
    except ValueError:
        entity = None
    if not isinstance(entity, dict) or "id" not in entity:
        raise DataError(f"{where}: expected an entity of Wikidata in JSON: {text[:60]!r}")
    return entity


def _values(entity: Mapping[str, Any], statement: str) -> Iterator[str]:
    """Yield the entities that a statement of an entity names; unknown values and deprecated ones are left out."""
    claims = entity.get("claims") or {}
    for claim in claims.get(statement, ()):
        value = claim["mainsnak"].get("datavalue")
        if value and claim.get("rank") != "deprecated":
            yield value["value"]["id"]
