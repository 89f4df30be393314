"""What a process holds while it does the same thing again and again, and the rule by which that is flat.

The first quarter of the samples is a warm-up. The rest is cut in three. In the last third there are never more handles,
threads, child processes and temporary files than there were at most in the first third; and the median of the resident
memory is above that of the first third by at most `SHARE` of it.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import psutil

SHARE = 0.02
"""How much more memory is flat; allocators do not give all back at once."""
COUNTED = ("handles", "threads", "children", "files")


@dataclass(frozen=True)
class Sample:
    """What a process holds at a quiet moment.

    Args:
        memory: resident, in bytes.
        handles: open files, sockets and pipes.
        threads: of the process.
        children: processes that it began and that are there, also as zombies.
        files: in its folder for temporary files.
    """

    memory: int
    handles: int
    threads: int
    children: int
    files: int

    def __str__(self) -> str:
        counts = ", ".join(f"{value} {name}" for name, value in asdict(self).items() if name in COUNTED)
        return f"{self.memory / 2**20:.1f} MiB, {counts}"


def sample(process: psutil.Process, temporary: Path) -> Sample:
    """Return what a process holds now.

    Args:
        process: it.
        temporary: its folder for temporary files, which no other has.
    """
    held = process.memory_info().rss, process.num_fds(), process.num_threads(), len(process.children(recursive=True))
    return Sample(*held, len(list(temporary.rglob("*"))))


def growth(samples: Sequence[Sample], names: Sequence[str] = ("memory", *COUNTED)) -> list[str]:
    """Return what is not flat, each as a line.

    Args:
        samples: in their order; at least seven.
        names: what is looked at.
    """
    warm = samples[len(samples) // 4 :]
    third = len(warm) // 3
    assert third >= 2, f"{len(samples)} samples are too few"
    grown = []
    for name in names:
        before, after = ([getattr(one, name) for one in part] for part in (warm[:third], warm[-third:]))
        if name == "memory":
            flat, before, after = median(after) <= median(before) * (1 + SHARE), median(before), median(after)
        else:
            flat, before, after = max(after) <= max(before), max(before), max(after)
        if not flat:
            grown.append(f"{name}: {before:,.0f} became {after:,.0f}")
    return grown


def told(samples: Sequence[Sample]) -> str:
    """Return what there was after the warm-up, in the middle and at the end."""
    places = {"after the warm-up": len(samples) // 4, "in the middle": len(samples) // 2, "at the end": -1}
    return "\n".join(f"{name}: {samples[place]}" for name, place in places.items())
