"""Apertium's programs: started once, and fed as long as there are texts."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from tempfile import TemporaryFile
from threading import Thread
from typing import IO

from xner.errors import DataError

_BETWEEN = "\n\n"
"""What stands between texts for the deformatter, which puts it into a blank, with signs beside it such as ~."""
_NULL = b"\0"
"""After it Apertium gives out a text, and knows nothing of it when it reads the next one."""
_ESCAPED = re.compile(r"\\(.)|\[((?:\\.|[^\]\\])*)\]", re.DOTALL)
_MARKS = "*@#"
"""Marks of words that are not in a dictionary, have no translation, or cannot be written."""


def through(directions: Sequence[str], texts: Sequence[str]) -> Iterator[tuple[str, int]]:
    """Yield the translation of each text by Apertium, and how many words of it are marked as unknown.

    Args:
        directions: one after the other, such as eng-spa, spa-por.
        texts: without line ends.

    Raises:
        DataError: a program ends before all is translated.
    """
    if not texts:
        return
    units = _deformatted(texts)
    with ExitStack() as stack:
        errors = stack.enter_context(TemporaryFile())
        programs = list[subprocess.Popen[bytes]]()
        for direction in directions:
            command = ["apertium", "-z", "-f", "none", direction]
            into = programs[-1].stdout if programs else subprocess.PIPE
            programs.append(subprocess.Popen(command, stdin=into, stdout=subprocess.PIPE, stderr=errors))
            stack.callback(_ended, programs[-1])
        first, last = programs[0].stdin, programs[-1].stdout
        assert first and last
        Thread(target=_feed, args=(first, units), daemon=True).start()
        count = 0
        for text, made in zip(texts, _parts(last), strict=False):
            count += 1
            yield _reformatted(made.decode("utf-8", errors="replace"), text)
        if count < len(texts):
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise DataError(
                f"apertium {' '.join(directions)}: ended after {count:,} of {len(texts):,} texts, at "
                f"{texts[count][:60]!r}{': ' + said[-1] if said else ''}"
            )


def _deformatted(texts: Sequence[str]) -> list[str]:
    """Return the texts as Apertium's deformatter writes them: what is a sign of its own is escaped."""
    whole = _BETWEEN.join(texts)
    done = subprocess.run(["apertium-destxt"], input=whole.encode(), capture_output=True, check=False)
    blocks = done.stdout.decode("utf-8", errors="replace").replace(_BETWEEN, "]\0[").replace("[]\0", "\0")
    units = blocks.replace("\0[]", "\0").split("\0")
    if done.returncode or len(units) != len(texts):
        raise DataError(f"apertium-destxt: made {len(units):,} texts of {len(texts):,}; does one have a line end?")
    return units


def _feed(stream: IO[bytes], units: Sequence[str]) -> None:
    with suppress(BrokenPipeError), stream:  # who reads says what is wrong
        for unit in units:
            stream.write(unit.encode() + _NULL)


def _parts(stream: IO[bytes]) -> Iterator[bytes]:
    """Yield what ends with a null, as it comes."""
    rest = b""
    while block := stream.read1(1 << 16):  # type: ignore[attr-defined]  # a pipe is buffered
        *whole, rest = (rest + block).split(_NULL)
        yield from whole


def _reformatted(made: str, text: str) -> tuple[str, int]:
    """Take away what the deformatter wrote, and marks of unknown words, but for signs that stand in the text itself."""
    plain = _ESCAPED.sub(lambda found: found[1] or found[2] or "", made.replace(".[]", ""))
    marks = "".join(mark for mark in _MARKS if mark not in text)
    bare, unknown = re.subn(rf"[{marks}]+", "", plain) if marks else (plain, 0)
    return " ".join(bare.split()), unknown


def _ended(program: subprocess.Popen[bytes]) -> None:
    """End a program that may still be at work."""
    if program.poll() is None:
        program.terminate()
    program.wait()
    if program.stdout:
        program.stdout.close()
