"""Progress that a test looks at, or that ends a training as a kill does."""

from xner.machine.progress import Progress


class Heard(Progress):
    """Keeps what is said in `lines`, and prints nothing."""

    def __init__(self) -> None:
        super().__init__(quiet=True)
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        """Keep one line."""
        self.lines.append(line)


class KilledError(Exception):
    """What kills a training in a test."""


class KilledAt(Progress):
    """Ends a training after so many steps, as a kill does.

    Args:
        steps: how many.
    """

    def __init__(self, steps: int) -> None:
        super().__init__(quiet=True)
        self.left = steps

    def advance(self, share: float, words: int) -> None:
        """Count a step.

        Raises:
            KilledError: it was the last one.
        """
        self.left -= 1
        if self.left == 0:
            raise KilledError
