"""The progress of a long computation: a live line on a terminal, plain lines on a pipe; always on stderr."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from xner.machine.outlook import Outlook, told_time

_PLAIN_SECONDS = 20


class Progress:
    """Shows the current stage with its loss, words per second and time left, and which of all stages it is.

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
        self._outlook: Outlook | None = None
        self._listed = False
        """Whether the current stage is one of those that were expected."""

    def expect(self, titles: Sequence[str]) -> None:
        """Note which stages come, unless those of a larger whole are expected already.

        Args:
            titles: of the stages that are not done yet.
        """
        if self._outlook is None or self._outlook.over:
            self._outlook = Outlook(titles)

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
        self._listed = self._outlook is not None and self._outlook.begin(title)
        if self.console.is_terminal:
            columns = (
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[note]}"),
                TimeRemainingColumn(),
            )
            self._bar = Bar(*columns, console=self.console, transient=True)
            self._task = self._bar.add_task(title, total=1.0, note=self._place())
            self._bar.start()
        else:
            self.say(f"{self._place()}{': ' * self._listed}{title} ...")
        try:
            yield
        finally:
            if self._bar:
                self._bar.stop()
                self._bar = None
        took = time.monotonic() - self._started
        if self._listed and self._outlook:
            self._outlook.end(title, took)
        self.say(f"{title}: done in {took:.0f} s{self._loss}")

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
        past = now - self._started
        speed = (words - words_before) / max(past, 1e-9)
        left = past * (1 - share) / max(share - share_before, 1e-9)
        place = f"; {self._place(past, left)}" if self._listed else ""
        if self._bar:
            self._bar.update(self._task, completed=share, note=f"{speed:,.0f} words/s{self._loss}{place}")
        elif now - self._spoke > _PLAIN_SECONDS:
            self._spoke = now
            self.say(f"{self.title}: {share:.0%}, {speed:,.0f} words/s{self._loss}, {left:.0f} s left{place}")

    def _place(self, past: float | None = None, to_come: float = 0.0) -> str:
        """Return which stage this is and how long all that are left may take; nothing if it was not expected.

        Args:
            past: how long the stage has run; None: it begins.
            to_come: how long it will still run.
        """
        if not self._listed or self._outlook is None:
            return ""
        title = self.title
        left = self._outlook.left_from(title) if past is None else self._outlook.left(title, past, to_come)
        about = "" if left is None else f", about {told_time(left)} left in all"
        return f"stage {self._outlook.number} of {self._outlook.stages}{about}"
