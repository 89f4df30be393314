"""Finding what is damaged in a cache."""

from collections.abc import Iterator
from pathlib import Path

from xner.store.cache import Cache
from xner.store.integrity.digests import Damage, damages
from xner.store.integrity.stage import flaws
from xner.store.places import DAMAGED, SHARED


def cache_damages(root: Path) -> Iterator[Damage]:
    """Yield what is damaged in a cache: the file or folder, and what is wrong with it, each once.

    Args:
        root: the cache; all of its stages that are done and all of its shared files are read.
    """
    cache, told = Cache.read(root), set[Path]()
    named = {name: {"size": size, "sha256": Path(name).stem} for name, size in sorted(cache.shared.items())}
    whole = {name: each for name, each in named.items() if not name.endswith(DAMAGED)}
    for file, problem in damages(root / SHARED, whole, content=True):
        told.add(file.resolve())
        yield file, problem
    for entry in cache.entries:
        for path, problem in flaws(entry.folder, content=True) if entry.done else ():
            if path not in told:
                told.add(path)
                yield path, problem
