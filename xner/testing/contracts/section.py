"""The contract of sections."""

import random
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from torch import Tensor
from transformers import set_seed

from xner.reporting.page import environment
from xner.reporting.parts import Part
from xner.reporting.section import Section
from xner.reporting.shown import Page, Shown, look
from xner.reporting.view import RunView
from xner.testing.contract import Contract
from xner.testing.viewing import random_column, tiny_view
from xner.training.workbench import Workbench


class SectionContract(Contract):
    """What every section must do."""

    kind = "sections"

    def column(self, name: str, words: int) -> Tensor:
        """Return a signal of words (words, width); override it where a section needs one of another form."""
        return random_column(name, words)

    @pytest.fixture
    def view(self, settings: Mapping[str, object], tiny_workbench: Workbench, tmp_path: Path) -> RunView:
        """A finished run, whose teacher gives what the section needs."""
        return tiny_view(tiny_workbench, tmp_path / "stages", self.make(settings).needs, self.column)

    def parts(self, settings: Mapping[str, object], view: RunView) -> tuple[Part, ...]:
        """Look at a run."""
        section: Section = self.make(settings)
        return tuple(section.look(view))

    def test_it_has_a_title(self, settings: Mapping[str, object]) -> None:
        title = getattr(self.make(settings), "title", "")
        assert title.strip() and "\n" not in title, "it needs a title of one line, which stands above it on the page"

    def test_it_shows_something_of_a_run(self, settings: Mapping[str, object], view: RunView) -> None:
        parts = self.parts(settings, view)
        assert parts, "it shows nothing of a run whose teacher gives what it needs"
        shown = Shown.model_validate({"name": "x", "title": "x", "parts": parts})
        assert Shown.model_validate_json(shown.model_dump_json()) == shown, "its parts are others once they are stored"

    def test_the_page_takes_it(self, settings: Mapping[str, object], view: RunView) -> None:
        page = environment().from_string('{% import "sections.html" as show with context %}{{ show.parts(parts) }}')
        assert page.render(parts=self.parts(settings, view)).strip(), "the page shows nothing of it"

    def test_it_shows_the_same_every_time(self, settings: Mapping[str, object], view: RunView) -> None:
        found = []
        for seed in (1, 2):
            set_seed(seed)
            random.seed(seed)
            found.append(self.parts(settings, view))
        assert found[0] == found[1], "what it shows depends on what was drawn at random before"

    def test_it_changes_nothing_of_the_run(self, settings: Mapping[str, object], view: RunView) -> None:
        before = _state(view)
        self.parts(settings, view)
        assert _state(view) == before, "it writes into the run's stages, or changes the tags or the corpora it is given"

    def test_it_says_if_it_needs_labels(self, settings: Mapping[str, object], view: RunView) -> None:
        section: Section = self.make(settings)
        bare = replace(view, test=None, tags=None)
        made = look(bare, {"it": section}, costly=True)
        problem = made.sections[0].problem if made.sections else ""
        assert not problem, f"without labels of the target it fails ({problem}): it must say `labels = True`"
        if section.labels:
            assert made == Page(), "it says that it needs labels of the target, and shows something without them"

    def test_it_is_left_out_where_teachers_do_not_give_what_it_needs(
        self, settings: Mapping[str, object], view: RunView
    ) -> None:
        section: Section = self.make(settings)
        if section.needs:
            assert look(replace(view, teachers=()), {"it": section}, costly=True) == Page()


def _state(view: RunView) -> object:
    files = [file for stage in view.stages for file in sorted(stage.folder.rglob("*")) if file.is_file()]
    corpora = [corpus.fingerprint for corpus in (view.tested, view.target, *view.sources)]
    return [(file, file.read_bytes()) for file in files], [*map(tuple, view.tags or [])], corpora
