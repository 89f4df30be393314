"""The contracts of resources: what holds for all, and for each role."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import pytest

from xner.errors import DataError
from xner.resources.aligner import Pair
from xner.resources.resource import Role, Shown, Sides
from xner.resources.translator import Translation
from xner.testing.contract import Contract
from xner.testing.tiny import tiny_corpus
from xner.training.workbench import Workbench


class ResourceContract(Contract):
    """What every resource must do."""

    kind = "resources"
    languages: ClassVar[tuple[str, str]] = ("en", "xx")
    """From which language to which it is asked for."""

    @pytest.fixture
    def sides(self, tiny_workbench: Workbench) -> Sides:
        """What it is asked between: tiny corpora that go by its languages."""
        return _between(self.languages, tiny_workbench)

    def test_its_identity_is_its_own(self, settings: Mapping[str, object], sides: Sides) -> None:
        one, other = (self.make(settings).identity(sides) for _ in range(2))
        assert isinstance(one, str), "its identity is no text, so stages cannot be keyed by it"
        assert one == other, "its identity differs from one time to the next, so no stage would be found again"

    def test_what_it_does_not_have_is_an_error_of_one_line(
        self, settings: Mapping[str, object], tiny_workbench: Workbench
    ) -> None:
        try:
            self.make(settings).identity(_between(("qaa", "qab"), tiny_workbench))
        except DataError as error:
            assert str(error).strip() and "\n" not in str(error), "its error is not one line"

    def test_it_can_be_looked_at(self, settings: Mapping[str, object], sides: Sides) -> None:
        shown = self.make(settings).shown(sides)
        assert isinstance(shown, Shown) and shown.facts, "it shows nothing of itself"
        assert all(isinstance(value, int | float | str) for value in shown.facts.values())
        assert {len(row) for row in shown.samples} <= {len(shown.heads)}, "its samples do not fit their heads"


class DictionaryContract(ResourceContract):
    """What every dictionary must do."""

    def test_pairs_are_two_words_of_text(self, settings: Mapping[str, object], sides: Sides) -> None:
        pairs = list(self.make(settings).pairs(sides))
        assert pairs, "it has no pair"
        for pair in pairs:
            assert len(pair) == 2 and all(isinstance(word, str) and word.strip() for word in pair), f"{pair!r} is none"

    def test_the_pairs_are_the_same_every_time(self, settings: Mapping[str, object], sides: Sides) -> None:
        one, other = (list(self.make(settings).pairs(sides)) for _ in range(2))
        assert one == other, "its pairs, or their order, differ from one time to the next"


class TranslatorContract(ResourceContract):
    """What every translator must do."""

    @pytest.fixture
    def texts(self, sides: Sides) -> list[str]:
        """What it is given to translate: a few texts that it can translate, each another."""
        return list(dict.fromkeys(" ".join(sentence.tokens) for sentence in sides.source.part(0, 6)))

    def test_every_text_has_a_translation(self, settings: Mapping[str, object], sides: Sides, texts: list[str]) -> None:
        made = list(self.make(settings).translate(texts, sides))
        assert len(made) == len(texts), f"it made {len(made)} translations of {len(texts)} texts"
        for text, one in zip(texts, made, strict=True):
            assert isinstance(one, Translation) and isinstance(one.text, str), f"{one!r} is no translation"
            assert one.text.strip(), f"{text!r} becomes nothing"
            assert one.unknown is None or 0 <= one.unknown <= len(text.split()), f"{one!r} does not know too many"

    def test_a_translation_depends_on_its_text_alone(
        self, settings: Mapping[str, object], sides: Sides, texts: list[str]
    ) -> None:
        together = list(self.make(settings).translate(texts, sides))
        alone = [one for text in reversed(texts) for one in self.make(settings).translate([text], sides)]
        assert together == alone[::-1], "it translates a text otherwise if there are others"


class AlignerContract(ResourceContract):
    """What every aligner must do."""

    @pytest.fixture
    def pairs(self, sides: Sides) -> list[Pair]:
        """What it is given to align: sentences of the source, each with one of the target of another length."""
        texts = zip(sides.source, sides.target, strict=True)
        return [Pair(tuple(source.tokens), tuple(target.tokens[:-1])) for source, target in texts]

    def test_links_are_of_words_that_there_are(
        self, settings: Mapping[str, object], sides: Sides, pairs: list[Pair]
    ) -> None:
        made = list(self.make(settings).align(pairs, sides))
        assert len(made) == len(pairs), f"it aligned {len(made)} of {len(pairs)} pairs"
        for pair, links in zip(pairs, made, strict=True):
            assert list(links) == sorted(set(links)), f"{links!r} are not in order, or not each once"
            for one, other in links:
                there = 0 <= one < len(pair.source) and 0 <= other < len(pair.target)
                assert there, f"it links the words {one} and {other}, which are not both there"

    def test_the_links_are_the_same_every_time(
        self, settings: Mapping[str, object], sides: Sides, pairs: list[Pair]
    ) -> None:
        one, other = (list(self.make(settings).align(pairs, sides)) for _ in range(2))
        assert one == other, "its links differ from one time to the next"


class GazetteerContract(ResourceContract):
    """What every gazetteer must do."""

    def test_names_are_text_of_a_type_with_a_prior(self, settings: Mapping[str, object], sides: Sides) -> None:
        names = list(self.make(settings).names(sides))
        assert names, "it has no name"
        for surface, kind, prior in names:
            assert surface.strip() and kind.strip() and prior > 0, f"{(surface, kind, prior)!r} is none"

    def test_the_names_are_the_same_every_time(self, settings: Mapping[str, object], sides: Sides) -> None:
        one, other = (list(self.make(settings).names(sides)) for _ in range(2))
        assert one == other, "its names, or their order, differ from one time to the next"


def _between(languages: tuple[str, str], workbench: Workbench) -> Sides:
    source, target = (
        replace(tiny_corpus(known, size=24).without_labels(), language=code)
        for known, code in zip(("en", "xx"), languages, strict=True)
    )

    def nothing(role: type[Role]) -> Role:
        raise DataError(f"there is no {role.role} in this test")

    return Sides(source, target, workbench, nothing)
