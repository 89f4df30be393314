"""Rows of a corpus that are not in memory: those that a stage will make, and those that are kept on disk."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from xner.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa
    from datasets import Dataset


@dataclass(frozen=True)
class Pending:
    """A corpus's rows, read when they are first looked at; until then only what they will depend on is known.

    Args:
        fingerprint: a hash of all that they depend on.
        labelled: whether they will have tags.
        read: returns them, once the stage is done.
        made_by: what makes them, for people.
    """

    fingerprint: str
    labelled: bool
    read: "Callable[[], Dataset]"
    made_by: str = ""

    @cached_property
    def rows(self) -> "Dataset":
        """The rows themselves."""
        return self.read()

    def changed(self, what: str, change: "Callable[[Dataset], Dataset]", labelled: bool) -> "Pending":
        """Return what these rows will be after a change.

        Args:
            what: names the change and all that it depends on, such as "part 0 10".
            change: makes it.
            labelled: whether there are tags afterwards.
        """
        fingerprint = hashlib.sha256(f"{self.fingerprint} {what}".encode()).hexdigest()[:16]
        return Pending(fingerprint, labelled, lambda: change(self.rows), self.made_by)


def write_rows(file: Path, rows: "Dataset") -> None:
    """Write rows to an Arrow file."""
    import pyarrow as pa

    table = rows.data.table
    with pa.ipc.new_file(str(file), table.schema) as writer:
        writer.write_table(table)


def read_rows(file: Path) -> "Dataset":
    """Return the rows of an Arrow file, mapped into memory."""
    import pyarrow as pa
    from datasets import Dataset

    return Dataset(pa.ipc.open_file(pa.memory_map(str(file))).read_all())


def on_disk(first: "pa.Table", others: "Iterable[pa.Table]", mixed: str) -> "pa.Table":
    """Map tables into memory from a file that goes away with them, so that a large corpus takes no memory.

    Args:
        first: the first one.
        others: those behind it.
        mixed: the message where they have other columns.

    Raises:
        DataError: one has other columns than the first.
    """
    import pyarrow as pa

    # a mapped file may be removed at once; only Windows leaves it in the folder for temporary files
    with tempfile.TemporaryDirectory(prefix="xner-", ignore_cleanup_errors=True) as folder:
        path = str(Path(folder) / "corpus.arrow")
        with pa.ipc.new_file(path, first.schema) as writer:
            for table in chain([first], others):
                if table.schema != first.schema:
                    raise DataError(mixed)
                writer.write_table(table)
        return pa.ipc.open_file(pa.memory_map(path)).read_all()
