"""How to read a file of sentences."""

from pydantic import Field, field_validator

from xner.plugin.component import Names, Settings

UNLABELLED = "none"
"""As `tag_column`: the file's labels are not read."""


class ReadOptions(Settings):
    """How to read a file of sentences; what is unset is recognised from its first lines."""

    token_column: int | str | None = Field(
        default=None,
        description="Column of the word, counted from 0, or from the end with -1, -2, ...; of JSON, CSV and Parquet "
        "the name of that of the words or text. Unset: recognised from the first lines.",
    )
    tag_column: int | str | None = Field(
        default=None,
        description="Column of the tag, or its name, as token_column; "
        f'"{UNLABELLED}": the file\'s labels are not read. Unset: recognised from the first lines.',
    )
    names: Names = Field(
        default=(), description='What tags that are numbers stand for, from 0 on: ["O", "B-PER", "I-PER"].'
    )
    encoding: str = Field(
        default="utf-8",
        description='Encoding of text files, such as "utf-8" or "latin-1"; a byte order mark of UTF-16 tells it, too.',
    )

    @field_validator("encoding")
    @classmethod
    def _known(cls, encoding: str) -> str:
        try:
            return "".encode(encoding).decode(encoding) or encoding
        except LookupError as error:
            raise ValueError(f"{error}; expected one that Python knows, such as utf-8 or latin-1") from None

    strip_prefix: bool | None = Field(
        default=None,
        description='Cut language prefixes such as WikiAnn\'s "de:" in "de:Haus" off the words. '
        "Unset: only if all words of the file, and more than one, have the same prefix.",
    )
