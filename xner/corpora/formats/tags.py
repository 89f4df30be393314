"""The tags of a file, however they are written: numbers with names, without prefix, with the prefix behind, ..."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from xner.corpora.formats.notes import Notes
from xner.corpora.labels import OUTSIDE, TagError, to_iob2
from xner.errors import DataError

_LETTERS = "BSUIEML"
_USUAL = re.compile(rf"[{_LETTERS}]-.+")
_UNDERSCORE = re.compile(rf"([{_LETTERS}])_(.+)")
_LOWER = re.compile(rf"([{_LETTERS.lower()}])[-_](.+)")
_BEHIND = re.compile(rf"(.+)[-_]([{_LETTERS}])")
_LOWER_BEHIND = re.compile(rf"([^A-Z]+)[-_]([{_LETTERS.lower()}])")
_TWO = re.compile(
    rf"(?:O|[{_LETTERS}]-[^|]+)(?:\|(?:O|[{_LETTERS}]-[^|]+))+|(?:O|[{_LETTERS}]-[^ ]+)(?: +(?:O|[{_LETTERS}]-[^ ]+))+"
)
"""Tags with a bar or with blanks between; what is between can never be part of a type, or a long one takes for ever."""
_BARE = re.compile(r"(?!.[-_])[^\W\d_][\w.&/-]+")
_ZERO = "0"
_LEAST_OUTSIDE = 0.2
"""Among types without a prefix at least this share is O; parts of speech, which look alike, have hardly any."""


def written(tag: str) -> tuple[str, str]:
    """Return what a tag with a prefix, or O, is in the usual writing, and the kind of repair that this took, if any.

    Raises:
        ValueError: it has none, or it is two tags in one.
    """
    if tag == OUTSIDE:
        return tag, ""
    if _TWO.fullmatch(tag):
        raise ValueError(tag)
    if _USUAL.fullmatch(tag):
        return tag, ""
    if tag in (_ZERO, OUTSIDE.lower()):
        return OUTSIDE, f"{tag} for O"
    if match := _LOWER.fullmatch(tag):
        kind = match[2].upper() if match[2].islower() else match[2]
        return f"{match[1].upper()}-{kind}", "lower case"
    if match := _UNDERSCORE.fullmatch(tag):
        return f"{match[1]}-{match[2]}", "underscore"
    if match := _BEHIND.fullmatch(tag):
        return f"{match[2]}-{match[1]}", "prefix behind"
    if match := _LOWER_BEHIND.fullmatch(tag):
        return f"{match[2]}-{match[1]}".upper(), "prefix behind"
    raise ValueError(tag)


def is_tag(text: str) -> bool:
    """Return whether a text is O or a tag with a prefix, however it is written."""
    try:
        return bool(written(text))
    except ValueError:
        return bool(_TWO.fullmatch(text))  # it is told where it is read


def are_bare(values: Sequence[str]) -> bool:
    """Return whether texts are types without prefix and, for all other words, O."""
    outside = sum(value in (OUTSIDE, _ZERO) for value in values)
    others = {value for value in values if value not in (OUTSIDE, _ZERO)}
    return bool(others) and outside >= _LEAST_OUTSIDE * len(values) and all(map(_BARE.fullmatch, others))


class TagReader:
    """Brings the tags of one file to IOB2.

    Args:
        names: what numbers stand for; empty where tags are text.
        notes: what was read otherwise than it is written.
    """

    def __init__(self, names: Sequence[str], notes: Notes) -> None:
        self.names, self.notes = tuple(names), notes
        self._bare: bool | None = None
        """Whether types stand without a prefix; None as long as all tags are O."""
        self._known: dict[object, tuple[str, str]] = {}

    def learn(self, sample: Iterable[object]) -> None:
        """Look at the first tags of the file, which tell whether types stand without a prefix."""
        values = [str(self._named(tag)) for tag in sample]
        if any(is_tag(value) and value not in (OUTSIDE, OUTSIDE.lower(), _ZERO) for value in values):
            self._bare = False
        elif Counter(values).keys() - {OUTSIDE, OUTSIDE.lower(), _ZERO}:
            self._bare = are_bare(values)

    def read(self, tags: Sequence[object], where: Callable[[int], str], behind: str = "") -> list[str]:
        """Return one sentence's tags in IOB2.

        Args:
            tags: as they are written; numbers, if there are names for them.
            where: tells the file and line of one by its position.
            behind: what messages end with.

        Raises:
            DataError: one is no tag.
        """
        result = []
        for position, tag in enumerate(tags):
            new, repair = self._known.get(tag) or self._learned(tag, where(position), behind)
            if repair:
                self.notes.add(where(position), f"the tag {tag!r} is read as {new}", repair)
            result.append(new)
        try:
            return to_iob2(result)
        except TagError as error:
            raise DataError(f"{where(error.position)}: {error}{behind}") from None

    def _named(self, tag: object) -> object:
        number = int(tag) if isinstance(tag, str) and tag.isdecimal() and self.names else tag
        return self.names[number] if isinstance(number, int) and 0 <= number < len(self.names) else tag

    def _learned(self, tag: object, where: str, behind: str) -> tuple[str, str]:
        """Return what a tag that was not met before is read as, and the kind of repair."""
        text = self._named(tag)
        if not isinstance(text, str) or (text.isdecimal() and text != _ZERO):
            known = (
                f"names has {len(self.names)} of them"
                if self.names
                else 'expected tags such as B-PER, or names = ["O", ...]'
            )
            raise DataError(f"{where}: the tag {tag!r} has no name; {known}{behind}")
        if _TWO.fullmatch(text):
            raise DataError(f"{where}: {text!r} is two tags in one, and a word has one; keep one of them{behind}")
        try:
            found = written(text)
        except ValueError:
            found = self._without_prefix(text, where, behind)
        else:
            if found[0] != OUTSIDE and self._bare:
                raise DataError(
                    f"{where}: {text!r} has a prefix, and types before it have none; write all one way{behind}"
                )
            if found[0] != OUTSIDE:
                self._bare = False
        # a name may come by several numbers, and whether what is bare may stand is known from the first on
        self._known[tag] = found
        return found

    def _without_prefix(self, text: str, where: str, behind: str) -> tuple[str, str]:
        if self._bare is None:
            self._bare = bool(self._known) and bool(_BARE.fullmatch(text))
        if not self._bare or not _BARE.fullmatch(text):
            raise DataError(f"{where}: {TagError(text, 0)}{behind}")
        return f"I-{text}", "no prefix"
