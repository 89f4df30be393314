"""Translations that are kept as they come: what a translator made of many texts, as far as it is."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from xner.errors import XnerError
from xner.resources.resource import Sides
from xner.resources.translator import Translation, Translator


@dataclass(frozen=True)
class Translations:
    """What a translator made of texts.

    Args:
        made: from each text to its translation.
    """

    made: Mapping[str, Translation]

    @classmethod
    def read(cls, file: Path) -> "Translations":
        """Read what `write_translations` wrote, as far as it is there."""
        return cls({text: translation for text, translation, _ in _lines(file)})

    @cached_property
    def same(self) -> float:
        """The share of texts that are the same in both languages, as names may be, or as what was not translated."""
        return sum(text == one.text for text, one in self.made.items()) / max(len(self.made), 1)

    @cached_property
    def unknown(self) -> float | None:
        """The share of the texts' words that the translator did not know; None: it does not say."""
        told = [(len(text.split()), one.unknown) for text, one in self.made.items() if one.unknown is not None]
        return sum(unknown for _, unknown in told) / max(sum(words for words, _ in told), 1) if told else None

    def __str__(self) -> str:
        unknown = f", {self.unknown:.1%} of the words are unknown to it" if self.unknown is not None else ""
        return f"{len(self.made):,} texts, {self.same:.1%} the same in both{unknown}"


def write_translations(
    file: Path, texts: Sequence[str], translator: Translator, sides: Sides, tell: Callable[[int], None]
) -> None:
    """Translate texts that are not in a file yet, and add each to it at once: a kill costs what was on its way.

    Args:
        file: where they are kept, a line each; a line that is half written is taken away.
        texts: each once.
        translator: who translates.
        sides: the languages.
        tell: is told how many texts are done.

    Raises:
        XnerError: the translator gives fewer or more translations than there are texts.
    """
    there, whole = set[str](), 0
    for text, _, end in _lines(file):
        there.add(text)
        whole = end
    left = [text for text in texts if text not in there]
    with file.open("ab") as stream:
        stream.truncate(whole)
        count = 0
        for translation in translator.translate(left, sides) if left else ():
            count += 1
            if count > len(left):
                break
            line = json.dumps([left[count - 1], *translation], ensure_ascii=False)
            stream.write(f"{line}\n".encode())
            stream.flush()
            tell(len(there) + count)
    if count != len(left):
        made = f"more than {len(left):,}" if count > len(left) else f"{count:,}"
        raise XnerError(f"the translator {type(translator).__name__} gave {made} translations of {len(left):,} texts")


def _lines(file: Path) -> Iterator[tuple[str, Translation, int]]:
    """Yield each text with its translation, and the place in the file where its line ends."""
    if not file.is_file():
        return
    end = 0
    with file.open("rb") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            text, *translation = json.loads(line)
            yield text, Translation(*translation), end
