"""A cache with stages in it that nobody computed."""

import json
import os

from xner.store.shared import SharedFiles
from xner.store.stages import Stage, StageStore

KEYS = [f"{number:020x}" for number in range(10)]


def add_stage(root, number, size=10, shares=(), age=None, title="a stage"):
    """Put a stage with one of these keys into a cache: a file of its own of some bytes, and links to others."""

    def work(folder):
        (folder / "inner").mkdir()
        (folder / "inner" / "own").write_bytes(b"x" * size)
        for content in shares:
            SharedFiles.around(folder).share(folder / "inner", [memoryview(content)])

    store = StageStore(root)
    stage = Stage(title, KEYS[number], store.folder(KEYS[number]))
    store.complete(stage, {}, work)
    used = 1000 + number if age is None else age
    os.utime(stage.folder / "stage.json", (used, used))
    return stage


def run_in(folder, *numbers):
    """Write what is left of a run of these stages."""
    folder.mkdir(parents=True)
    stages = [{"title": "a stage", "key": KEYS[number]} for number in numbers]
    (folder / "manifest.json").write_text(json.dumps({"stages": stages}))
    return folder
