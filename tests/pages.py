"""README, docs and the other pages, and the fenced blocks in them."""

import re
import shlex
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    *(page for folder in ("docs", "plugins", "examples") for page in sorted(ROOT.glob(f"{folder}/**/*.md"))),
]
SHELL = ("", "bash", "sh", "shell", "console")
FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>[^\n]+?) -->\n)?"
    r"(?P<indent> *)```(?P<language>\w*)[^\n]*\n(?P<code>.*?)^(?P=indent)```$",
    re.DOTALL | re.MULTILINE,
)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its code, and why it is not run, if it is not."""

    language: str
    code: str
    reason: str | None

    @property
    def lines(self):
        """Its commands as words, without comments and continued lines in one piece."""
        lines = (shlex.split(line, comments=True) for line in self.code.replace("\\\n", " ").splitlines())
        return [words for words in lines if words]

    @property
    def commands(self):
        """The words behind each `xner` in it, also behind `python -m` and its like."""
        for words in self.lines:
            for place, word in enumerate(words):
                if word == "xner" and (place == 0 or words[place - 1] in ("-m", "&&") or "=" in words[place - 1]):
                    rest = words[place + 1 :]
                    yield rest[: rest.index("&&")] if "&&" in rest else rest


def blocks(text):
    found = [Block(m["language"], textwrap.dedent(m["code"]), m["reason"]) for m in FENCE.finditer(text)]
    assert len(found) * 2 == len(re.findall(r"^ *```", text, re.MULTILINE)), "a fence is not closed"
    return found


BLOCKS = {str(page.relative_to(ROOT)): found for page in PAGES if (found := blocks(page.read_text(encoding="utf-8")))}
SHELL_BLOCKS = [block for found in BLOCKS.values() for block in found if block.language in SHELL]
COMMANDS = sorted({tuple(words) for block in SHELL_BLOCKS for words in block.commands})
