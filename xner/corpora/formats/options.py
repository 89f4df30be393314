"""How to read a file of sentences."""

import codecs

from pydantic import Field, field_validator

from xner.plugin.component import Settings


class ReadOptions(Settings):
    """How to read a file of sentences; all but `encoding` are for column files."""

    token_column: int = Field(
        default=0, description="Column of the word; counted from 0, or from the end with -1, -2, ..."
    )
    tag_column: int = Field(
        default=-1, description="Column of the tag; counted from 0, or from the end with -1, -2, ..."
    )
    encoding: str = Field(default="utf-8", description='Encoding of text files, such as "utf-8" or "latin-1".')

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str) -> str:
        try:
            return codecs.lookup(encoding) and encoding
        except LookupError as error:
            raise ValueError(f"{error}; expected one that Python knows, such as utf-8 or latin-1") from None

    strip_prefix: bool | None = Field(
        default=None,
        description='Cut language prefixes such as WikiAnn\'s "de:" in "de:Haus" off the words. '
        "Unset: only if all words of the file, and more than one, have the same prefix.",
    )
