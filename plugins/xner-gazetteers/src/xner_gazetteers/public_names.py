"""The gazetteer `public-names`: several gazetteers as one."""

from collections.abc import Iterator
from itertools import chain

from pydantic import Field

from xner.base import Gazetteer, Name, Settings, Sides
from xner.errors import DataError, UsageError
from xner_gazetteers.faker_names import FakerNames
from xner_gazetteers.gazetteer_file import GazetteerFile, GazetteerFileSettings
from xner_gazetteers.geonames import GeoNames, GeoNamesSettings
from xner_gazetteers.iso_codes import ISOCodes, ISOCodesSettings


class PublicNamesSettings(Settings):
    """Which, each with the settings that it has alone."""

    places: bool = Field(True, description="The places of geonames.")
    countries: bool = Field(True, description="Those of iso-codes.")
    persons: bool = Field(True, description="Those of faker-names, if it has any for these languages.")
    geonames: GeoNamesSettings = Field(GeoNamesSettings(), description="Settings of geonames.")
    iso_codes: ISOCodesSettings = Field(ISOCodesSettings(), description="Settings of iso-codes.")
    file: str = Field("", description="A file in the form of gazetteer-file, which is added; its path.")


class PublicNames(Gazetteer):
    """Places, countries, persons' names and a file of yours; of organisations it has none but those of the file."""

    Config = PublicNamesSettings
    config: PublicNamesSettings

    def identity(self, sides: Sides) -> str:
        """Return what all of its parts depend on.

        Raises:
            DataError: one of them is not installed.
        """
        return "+".join(f"{type(part).__name__}:{part.identity(sides)}" for part in self._parts(sides))

    def names(self, sides: Sides) -> Iterator[Name]:
        """Yield the names of its parts, one after the other.

        Raises:
            DataError: one of them is not installed.
        """
        return chain.from_iterable(part.names(sides) for part in self._parts(sides))

    def _parts(self, sides: Sides) -> list[Gazetteer]:
        config = self.config
        parts: list[Gazetteer] = []
        if config.places:
            parts.append(GeoNames(config.geonames))
        if config.countries:
            parts.append(ISOCodes(config.iso_codes))
        if config.persons and _has_persons(sides):
            parts.append(FakerNames())
        if config.file:
            parts.append(GazetteerFile(GazetteerFileSettings(path=config.file)))
        if not parts:
            raise UsageError("resources.public-names: no part is left; set places, countries, persons or file")
        return parts


def _has_persons(sides: Sides) -> bool:
    try:
        FakerNames().identity(sides)
    except DataError:
        return False
    return True
