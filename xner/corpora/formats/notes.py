"""What a reader says of a file beside its sentences: how it was laid out, and what was repaired or left out."""

from dataclasses import dataclass, field


@dataclass
class Notes:
    """What is said of one file; a reader adds to it as it goes, so it is complete when the last sentence is read.

    Args:
        layout: where words and labels were found, such as "columns: 2 words, 3 tags"; empty for the usual places.
    """

    layout: str = ""
    _first: dict[str, str] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def add(self, where: str, what: str, kind: str = "", count: int = 1) -> None:
        """Count something that the user should know; the first of each kind is what is shown.

        Args:
            where: the file and line.
            what: one clause, such as "the tag '0' is read as O".
            kind: what is counted together; empty: each `what` on its own.
            count: how often it is there.
        """
        kind = kind or what
        self._first.setdefault(kind, f"{where}: {what}")
        self._counts[kind] = self._counts.get(kind, 0) + count

    def lines(self) -> tuple[str, ...]:
        """Return one line for each kind, with how many there were."""
        counted = ((text, self._counts[kind]) for kind, text in self._first.items())
        return tuple(text if count == 1 else f"{text} ({count:,} of this kind)" for text, count in counted)
