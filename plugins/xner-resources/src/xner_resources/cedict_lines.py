"""Lines of CC-CEDICT: traditional and simplified characters, pinyin, English glosses."""

import re
from collections.abc import Iterator
from typing import Literal

from xner_resources.glosses import translations

Script = Literal["simplified", "traditional"]
_LINE = re.compile(r"(\S+) (\S+) \[[^\]]*\] /(.+)/\s*")
_REMARK = re.compile(r"CL:|.*\bvariant of\b|see (also )?\S*[\u3400-\u9fff]|abbr\. for|used in")
_LITTLE = re.compile(r"(to be|to|a|an|the|surname)\s+(?=\S)")
"""What stands before a word in a gloss and belongs to no dictionary of words."""


def is_cedict(line: str) -> bool:
    """Return whether a line is one of CC-CEDICT."""
    return _LINE.fullmatch(line) is not None


def line_pairs(line: str, script: Script) -> Iterator[tuple[str, str]]:
    """Yield the Chinese word with each English translation in its glosses.

    Args:
        line: such as "北京 北京 [Bei3 jing1] /Beijing, capital of China/".
        script: of the Chinese word.
    """
    if found := _LINE.fullmatch(line):
        chinese = found[1 if script == "traditional" else 2]
        for gloss in found[3].split("/"):
            if not _REMARK.match(gloss):
                yield from ((chinese, _LITTLE.sub("", word, count=1)) for word in translations(gloss))
