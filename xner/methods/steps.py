"""Steps: stages that are computed once and shared by all methods."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from transformers import set_seed

from xner.machine import processes
from xner.methods.engine import engine_code
from xner.methods.shares import Work
from xner.plugin.component import Component
from xner.store.stages import Stage, StageStore, key_of
from xner.students.vetting import vet
from xner.training.workbench import Workbench

Kind = TypeVar("Kind", bound=Component)


@dataclass(kw_only=True)
class Steps:
    """Makes stages and the components in them.

    Args:
        workbench: encoder, label set, seed, hardware.
        store: the finished stages.
        create: makes a component of a kind by name, with the run's settings for it.
        dry: only list the stages, compute nothing.
        only: compute the stage with this key alone; what it builds on must be done.
        stages: every stage asked for so far, in order.
    """

    workbench: Workbench
    store: StageStore
    create: Callable[[str, str], Component]
    dry: bool = False
    only: str | None = None
    stages: list[Stage] = field(default_factory=list)

    def stage(self, title: str, description: Mapping[str, object], work: Work, inputs: Sequence[Stage] = ()) -> Stage:
        """Do one step, unless it is done or this is a dry run; a method may have steps of its own.

        Args:
            title: what it does, for people.
            description: all that its result depends on, beside the engine's code.
            work: fills a folder with the result; the processes of a run do it together.
            inputs: the stages that it builds on.
        """
        whole = {**description, "engine": engine_code()}
        key = key_of(whole)
        stage = Stage(title, key, self.store.folder(key), tuple(inputs))
        self.stages.append(stage)
        if self.dry or self.only not in (None, key):
            return stage
        if processes.agreed(stage.done):
            self.workbench.progress.say(f"{title}: done before")
            return stage
        set_seed(self.workbench.seed)  # what a stage draws must not depend on which others this process did before
        with self.workbench.progress.stage(title):
            self.store.complete(stage, whole, work)
        return stage

    def made(self, base: type[Kind], name: str) -> Kind:
        """Make a component, and look at what it says of itself."""
        component = self.create(base.kind, name)
        assert isinstance(component, base)
        if hasattr(base, "needs"):
            vet(component)
        return component
