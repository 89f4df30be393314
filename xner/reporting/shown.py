"""The sections of a run's page as they were made, and the file in its folder that keeps them."""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from xner.errors import DataError, named
from xner.reporting.parts import Part
from xner.reporting.section import Section
from xner.reporting.view import RunView

FILE = "sections.json"
"""The file, in a run folder, with the sections of its page as data."""


class Shown(BaseModel):
    """A section as it was made.

    Args:
        name: of the component.
        title: what stands above it.
        labels: whether it has looked at labels of the target.
        parts: what is to be seen.
        problem: why it could not be made; "" if it was.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    labels: bool = False
    parts: tuple[Part, ...] = ()
    problem: str = ""


class Page(BaseModel):
    """All sections of a run's page.

    Args:
        sections: those that have something to show, in the order of the page.
        left: the titles of those that take long and are still to be made.
    """

    model_config = ConfigDict(frozen=True)

    sections: tuple[Shown, ...] = ()
    left: tuple[str, ...] = ()


def look(view: RunView, sections: Mapping[str, Section], costly: bool) -> Page:
    """Look at a run; a section that fails does not lose the others.

    Args:
        view: the run.
        sections: by name, in the order of the page.
        costly: make also those that take long.
    """
    fitting = {name: section for name, section in sections.items() if _fits(section, view)}
    left = tuple(section.title for section in fitting.values() if section.costly and not costly)
    made = (_made(name, section, view) for name, section in fitting.items() if costly or not section.costly)
    return Page(sections=tuple(shown for shown in made if shown.parts or shown.problem), left=left)


def _fits(section: Section, view: RunView) -> bool:
    scored = view.test is not None and view.tags is not None
    return set(section.needs) <= view.columns and (scored or not section.labels)


def _made(name: str, section: Section, view: RunView) -> Shown:
    about = {"name": name, "title": section.title, "labels": section.labels}
    try:
        return Shown.model_validate({**about, "parts": tuple(section.look(view))})
    except Exception as error:  # a plugin may raise anything, and the run is done
        if os.environ.get("XNER_DEBUG"):
            raise
        return Shown.model_validate({**about, "problem": named(error)})


def read(folder: Path) -> Page:
    """Return what a run folder has of its page; nothing if it is of before there were sections.

    Raises:
        DataError: the file is damaged.
    """
    file = folder / FILE
    if not file.is_file():
        return Page()
    try:
        return Page.model_validate_json(file.read_bytes())
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise DataError(f"{file}: not as xner writes it: {first['msg']}; `xner report` makes it anew") from None


def merged(old: Page, new: Page, order: Iterable[str]) -> Page:
    """Return a page with sections of an older one where the newer has none; these are still to be made, or are lost.

    Args:
        old: of an earlier look.
        new: of this one.
        order: the names of all sections, in the order of the page.
    """
    found = {shown.name: shown for shown in old.sections}
    found |= {shown.name: shown for shown in new.sections if not (shown.problem and shown.name in found)}
    places = {name: place for place, name in enumerate(order)}
    kept: Sequence[Shown] = sorted(found.values(), key=lambda shown: places.get(shown.name, len(places)))
    titles = {shown.title for shown in kept}
    return Page(sections=tuple(kept), left=tuple(title for title in new.left if title not in titles))
