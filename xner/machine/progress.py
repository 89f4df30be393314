"""The progress of a long computation: a live line on a terminal, plain lines on a pipe; always on stderr."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

_PLAIN_SECONDS = 20


class Progress:
    """Shows the current stage with its loss, words per second and time left.

    Args:
        console: where to print; by default stderr.
        quiet: print nothing.

    Attributes:
        title: the title of the current stage.
    """

    def __init__(self, console: Console | None = None, quiet: bool = False) -> None:
        self.console = console or Console(stderr=True, quiet=quiet, highlight=False)
        self._bar: Bar | None = None
        self._task = TaskID(0)
        self.title, self._loss = "", ""
        self._started = self._spoke = 0.0
        self._before = 0.0, 0
        self._said = set[str]()

    def say(self, line: str) -> None:
        """Print one line."""
        self.console.print(line, soft_wrap=True, markup=False, emoji=False)

    def say_once(self, line: str) -> None:
        """Print one line, unless it has been printed like this before."""
        if line not in self._said:
            self._said.add(line)
            self.say(line)

    @contextmanager
    def stage(self, title: str) -> Iterator[None]:
        """Show a stage from its start to its end."""
        self.title, self._loss, self._before = title, "", (0.0, 0)
        self._started = self._spoke = time.monotonic()
        if self.console.is_terminal:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[note]}"),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=self.console, transient=True)
            self._task = self._bar.add_task(title, total=1.0, note="")
            self._bar.start()
        else:
            self.say(f"{title} ...")
        try:
            yield
        finally:
            if self._bar:
                self._bar.stop()
                self._bar = None
        self.say(f"{title}: done in {time.monotonic() - self._started:.0f} s{self._loss}")

    def go_on(self, share: float, words: int) -> None:
        """Note how much of the current stage an earlier start has done; it takes no time now."""
        self._before = share, words

    def loss(self, value: float) -> None:
        """Note the training loss."""
        self._loss = f", loss {value:.4f}"

    def advance(self, share: float, words: int) -> None:
        """Report the progress of the stage.

        Args:
            share: from 0 at its start to 1 at its end.
            words: how many words it has processed.
        """
        now, (share_before, words_before) = time.monotonic(), self._before
        speed = (words - words_before) / max(now - self._started, 1e-9)
        if self._bar:
            self._bar.update(self._task, completed=share, note=f"{speed:,.0f} words/s{self._loss}")
        elif now - self._spoke > _PLAIN_SECONDS:
            self._spoke = now
            left = (now - self._started) * (1 - share) / max(share - share_before, 1e-9)
            self.say(f"{self.title}: {share:.0%}, {speed:,.0f} words/s{self._loss}, {left:.0f} s left")
