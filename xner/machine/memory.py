"""The memory of this process: its peak, giving back what is free, and errors that say that there is too little."""

import ctypes
import re
import sys
from contextlib import suppress
from pathlib import Path

import psutil

_PROC = Path("/proc/self")
_ONNX = ("Failed to allocate memory", "bad allocation")
"""What ONNX Runtime says, whose errors have no class of their own for it."""


def out_of_memory(error: Exception) -> bool:
    """Return whether an error says that the memory, of whatever device, is too short for what was computed.

    Args:
        error: of Python, torch or ONNX Runtime.
    """
    from accelerate.utils.memory import should_reduce_batch_size  # it imports torch, which an export does not need

    told = isinstance(error, MemoryError) or should_reduce_batch_size(error)
    return told or any(words in str(error) for words in _ONNX)


def give_back() -> None:
    """Give memory that is free back to the system, where the C library can (glibc).

    It keeps pieces of odd sizes between those in use, so that a long stream of batches holds more and more.
    """
    with suppress(AttributeError, OSError, TypeError):  # TypeError: Windows has no library without a name
        ctypes.CDLL(None).malloc_trim(0)


def forget_peak() -> None:
    """Reset the peak to what the process holds now; if the system cannot do that, it stays."""
    with suppress(OSError):
        (_PROC / "clear_refs").write_text("5", encoding="ascii")


def peak_memory() -> int:
    """Return the process's peak memory in MiB, since its start or since `forget_peak`; GPU memory is not included."""
    with suppress(OSError):
        # getrusage would do, but that of a child may begin with its parent's peak
        if held := re.search(r"^VmHWM:\s+(\d+) kB", (_PROC / "status").read_text(encoding="utf-8"), re.MULTILINE):
            return round(int(held[1]) / 2**10)
    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):  # Windows
        return int(memory.peak_wset) >> 20
    import resource  # POSIX only

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10))
