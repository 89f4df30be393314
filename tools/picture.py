"""The README's picture: `python tools/picture.py FILE COMMAND ...`; each command is run as it stands, in this folder.

What it prints is the picture; its progress, on stderr, is not. For docs/images/xner.svg the commands are
`xner compare --methods direct,tsl,mtmt-joint --src en --tgt de`, which goes on from what is finished, and
`xner predict runs/mtmt-joint-en-de-s0 "Angela Merkel besuchte Paris." "Der FC Augsburg verpflichtet Ngozi Mensah von
Dynamo Kiew."`.
"""

import io
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

_COLUMNS = 100


def picture(commands: Sequence[str]) -> str:
    """Run commands and return what a terminal shows of them, as SVG.

    Args:
        commands: as one writes them in a shell.

    Raises:
        CalledProcessError: one failed.
    """
    terminal = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True)
    environment = os.environ | {"COLUMNS": str(_COLUMNS), "FORCE_COLOR": "1"}
    for number, command in enumerate(commands):
        done = subprocess.run(shlex.split(command), env=environment, stdout=subprocess.PIPE, text=True, check=True)
        terminal.print(("\n" if number else "") + f"$ {command}", style="bold", markup=False, highlight=False)
        terminal.print(Text.from_ansi(done.stdout.rstrip()))
    return terminal.export_svg(title="xner")


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(picture(sys.argv[2:]), encoding="utf-8")
