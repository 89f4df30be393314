"""Signals that end a program: SIGTERM as orderly as SIGINT, and both held back where something is to be saved first."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM)


class TerminatedError(BaseException):
    """SIGTERM has come; like KeyboardInterrupt, it is nothing that a job or a plugin may take for a failure."""


@contextmanager
def terminable() -> Iterator[None]:
    """Let SIGTERM raise `TerminatedError` meanwhile, so that whatever is begun is ended in order."""
    if not _is_main():
        yield
        return
    former = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, former)


class Held:
    """Signals that have come while they were held back.

    Attributes:
        number: of the first one; 0: none has come.
    """

    def __init__(self) -> None:
        self.number = 0
        self._former = {number: signal.getsignal(number) for number in _ENDING} if _is_main() else {}
        for number, handler in self._former.items():
            if handler not in (signal.SIG_IGN, None):
                signal.signal(number, self._note)

    def act(self, number: int) -> None:
        """Let a signal do now what it would have done, had nobody held it back.

        Args:
            number: of the signal, which may have come to another process of the run.
        """
        self.number = 0
        self._restored()
        signal.raise_signal(signal.Signals(number))

    def _note(self, number: int, frame: FrameType | None) -> None:
        self.number = number
        self._restored()  # who asks a second time need not wait

    def _restored(self) -> None:
        for number, handler in self._former.items():
            if handler is not None:
                signal.signal(number, handler)

    def close(self) -> None:
        """Hold nothing back any more; a signal that has come acts now."""
        self._restored()
        if self.number:
            self.act(self.number)


@contextmanager
def held() -> Iterator[Held]:
    """Hold back SIGINT and SIGTERM; what they say is done when it is asked for, at the end, or when one comes again."""
    signals = Held()
    try:
        yield signals
    finally:
        signals.close()


def _terminate(number: int, frame: FrameType | None) -> None:
    raise TerminatedError


def _is_main() -> bool:
    """Whether this is the thread that signals come to; another one may not hold them back."""
    return threading.current_thread() is threading.main_thread()
