"""What pytest gets from xner, through the entry point `pytest11`: fixtures, and how tests of a contract are skipped.

pytest imports this module at every start, so nothing heavy is imported at module level.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from xner.methods.context import Context
    from xner.runs.run import Run
    from xner.training.workbench import Workbench

_SKIPPED = "xner contract"


@pytest.fixture(scope="module")
def _frozen() -> None:
    gc.freeze()  # every Trainer collects garbage; what pytest, the libraries and other modules hold is none


@pytest.fixture
def xner_isolation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _frozen: None) -> None:
    """An empty cache, no network, all installed plugins, one thread: what a test needs that trains something.

    Nothing waits until it is on the disk: no test outlives the machine.
    """
    import torch

    monkeypatch.setattr(os, "fsync", lambda handle: None)

    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)  # which was read when it was imported
    monkeypatch.delenv("XNER_PLUGINS", raising=False)
    monkeypatch.delenv("XNER_DEBUG", raising=False)
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Hugging Face folder with an encoder of 2 layers of width 32; read it, never write to it."""
    from xner.testing.tiny import tiny_encoder

    return tiny_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="session")
def sure_encoder_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same encoder without dropout, so that the number of processes changes nothing but the order of sums."""
    from xner.testing.tiny import tiny_encoder

    return tiny_encoder(tmp_path_factory.mktemp("encoder"), dropout=0.0)


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus folder with train, dev and test in "en", "xx" and "zz"; read it, never write to it."""
    from xner.testing.tiny import tiny_folder

    return tiny_folder(tmp_path_factory.mktemp("data"))


@pytest.fixture
def tiny_workbench(encoder_folder: Path, tmp_path: Path) -> "Workbench":
    """A workbench over the tiny encoder, fp32 on the CPU, with checkpoints in tmp_path / "stage"."""
    from xner.testing import tiny

    return tiny.tiny_workbench(encoder_folder, tmp_path / "stage")


@pytest.fixture
def make_context(tiny_workbench: "Workbench", tmp_path: Path) -> "Callable[..., Context]":
    """Makes a context of settings such as {"student.epochs": 1}; all contexts of a test share one store."""
    from xner.methods.context import Context
    from xner.plugin.manager import Plugins
    from xner.runs.components import Components
    from xner.runs.config import build
    from xner.store.stages import StageStore

    plugins = Plugins.load()

    def make(
        values: Mapping[str, object] | None = None, dry: bool = False, workbench: "Workbench" = tiny_workbench
    ) -> Context:
        config = build(values or {})
        create = Components(plugins, config).create
        store = StageStore(tmp_path / "cache")
        return Context(
            workbench=workbench,
            store=store,
            create=create,
            student=config.student,
            combination=config.combination,
            roles=config.resources.roles,
            dry=dry,
        )

    return make


@pytest.fixture
def train(encoder_folder: Path, data_folder: Path, tmp_path: Path) -> "Callable[..., Run]":
    """Trains a method on the tiny corpora, all parts with the same settings, and returns the run."""
    import xner

    def run(
        method: str,
        parts: Sequence[str] = ("teachers.recognizer", "student"),
        more: Mapping[str, object] | None = None,
        **each: object,
    ) -> "Run":
        values = {f"{part}.{name}": value for part in parts for name, value in ({"epochs": 1} | each).items()}
        values |= {"precision": "fp32", "freeze": "none", **(more or {})}
        data, encoder = str(data_folder), str(encoder_folder)
        out = tmp_path / f"run{len(list(tmp_path.glob('run*')))}"
        return xner.train(method, "en", "xx", dataset=data, encoder=encoder, settings=values, out=out, quiet=True)

    return run


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Skip what a contract's `skip` names; no test of a contract is skipped without a reason."""
    for item, skip in _of_contracts(items):
        for mark in item.iter_markers():
            if mark.name in ("skip", "xfail") and not (mark.args or mark.kwargs.get("reason")):
                raise pytest.UsageError(f"{item.nodeid}: a contract is not left without a reason: reason='...'")
        if reason := skip.get(getattr(item, "originalname", "")):
            item.user_properties.append((_SKIPPED, reason))
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter") -> None:
    """Say which tests of contracts were skipped and why, whatever pytest's options are."""
    lines = [
        f"{report.nodeid}: {reason}"
        for report in terminalreporter.getreports("skipped")
        for name, reason in report.user_properties
        if name == _SKIPPED
    ]
    if lines:
        terminalreporter.section("left out of xner's contracts")
        for line in lines:
            terminalreporter.write_line(line)


def _of_contracts(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, Mapping[str, str]]]:
    """Yield the tests of contracts, each with the `skip` of its class; if there are any, their module is loaded."""
    if not (module := sys.modules.get("xner.testing.contract")):
        return
    for item in items:
        kind = getattr(item, "cls", None)
        if kind and issubclass(kind, module.Contract):
            yield item, kind.skip
