"""The contract of methods."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from xner.hookspecs import KINDS
from xner.methods.context import Context
from xner.methods.method import Method, TransferTask
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.config import build
from xner.runs.mixing import preset_of
from xner.store.stages import TAGGER, Stage, StageStore
from xner.tagging.tagger import Tagger
from xner.testing.contract import Contract, create, quick
from xner.testing.tiny import tiny_corpus, tiny_workbench
from xner.testing.two_processes import on_two_processes

MakeContext = Callable[..., Context]


class MethodContract(Contract):
    """What every method must do."""

    kind = "methods"

    @pytest.fixture
    def run_settings(self) -> Mapping[str, object]:
        """The run's settings for these tests, by default one epoch for the student and all teachers."""
        teachers = Plugins.load().names("teachers")
        epochs = {f"teachers.{name}.{key}": value for name in teachers for key, value in quick(name).items()}
        return {"student.epochs": 1, **epochs}

    @pytest.fixture
    def context(
        self,
        make_context: MakeContext,
        run_settings: Mapping[str, object],
        tmp_path_factory: pytest.TempPathFactory,
    ) -> Context:
        """A context whose stages are done once for all tests of the session."""
        store = StageStore(tmp_path_factory.getbasetemp() / "xner-stages")
        return replace(make_context(run_settings), store=store)

    def run(self, settings: Mapping[str, object], context: Context, *sources: str) -> Stage:
        """Run the method from the tiny corpora of some languages, by default "en", to "xx"."""
        return _run(self.make(settings), context, *sources)

    def test_a_dry_run_names_all_stages_and_does_none(
        self,
        settings: Mapping[str, object],
        run_settings: Mapping[str, object],
        make_context: MakeContext,
        context: Context,
    ) -> None:
        dry = make_context(run_settings, dry=True)
        planned = self.run(settings, dry)
        assert not any(stage.folder.exists() for stage in dry.stages), "a dry run did something"
        assert planned.key == dry.stages[-1].key, "the stage that it returns is not the last one that it asks for"
        self.run(settings, context)
        keys = [[stage.key for stage in run.stages] for run in (dry, context)]
        assert keys[0] == keys[1], "it asks for other stages in a dry run than in a real one"

    def test_its_last_stage_is_a_tagger(self, settings: Mapping[str, object], context: Context) -> None:
        stage = self.run(settings, context)
        tagger = Tagger.load(stage.folder / TAGGER, context.workbench.hardware)
        target = tiny_corpus("xx", size=4)
        assert tagger.labels == context.workbench.labels, "its student has other tags than the run"
        assert [len(said.best) for said in tagger.tag(target)] == [len(s.tokens) for s in target]

    def test_what_is_done_is_not_done_again(self, settings: Mapping[str, object], context: Context) -> None:
        self.run(settings, context)
        keys = [stage.key for stage in context.stages]
        again = replace(context, stages=[], dry=True)
        self.run(settings, again)
        assert [stage.key for stage in again.stages] == keys, "it asks for other stages the next time"
        assert all(stage.done for stage in again.stages), "some of its stages would be done a second time"

    def test_the_same_seed_gives_the_same_student(
        self, settings: Mapping[str, object], context: Context, tmp_path: Path
    ) -> None:
        other = replace(context, store=StageStore(tmp_path / "other"), stages=[])
        stages = [self.run(settings, run) for run in (context, other)]
        first, again = (load_file(stage.folder / TAGGER / "model.safetensors") for stage in stages)
        assert all(torch.equal(first[name], again[name]) for name in first), "its student is another one the next time"

    def test_it_takes_several_sources(
        self, settings: Mapping[str, object], run_settings: Mapping[str, object], make_context: MakeContext
    ) -> None:
        one, several = (make_context(run_settings, dry=True) for _ in range(2))
        self.run(settings, one)
        self.run(settings, several, "en", "zz")
        assert several.stages[-1].key != one.stages[-1].key, "it learns from the first source language alone"

    def test_its_presets_are_settings_that_exist(self) -> None:
        plugins = Plugins.load()
        kind = plugins.get("methods", self.component)
        assert issubclass(kind, Method)
        for layer in (kind.defaults, *(preset_of(plugins, self.component, name) for name in kind.presets)):
            components = Components(plugins, build({"method": self.component}, layer))
            components.method()
            for part in KINDS:
                for component in components.config.components(part):
                    components.create(part, component)

    def test_it_runs_on_two_processes(
        self,
        settings: Mapping[str, object],
        run_settings: Mapping[str, object],
        sure_encoder_folder: Path,
        tmp_path: Path,
    ) -> None:
        arguments = (self.component, dict(settings), dict(run_settings), sure_encoder_folder, tmp_path / "store")
        one, other = on_two_processes(_student, arguments, tmp_path / "said")
        assert one == other, "two processes of one run end with two students"


def _run(method: Method, context: Context, *sources: str) -> Stage:
    corpora = tuple(tiny_corpus(language, size=24) for language in sources or ("en",))
    return method.run(TransferTask(corpora, tiny_corpus("xx", size=24).without_labels()), context)


def _student(
    name: str, settings: Mapping[str, object], run_settings: Mapping[str, object], encoder: Path, store: Path
) -> tuple[str, list[list[str]]]:
    """Run a method, and return the key of its student and how it tags; run by two processes at once."""
    config = build(run_settings)
    create_part = Components(Plugins.load(), config).create
    workbench = tiny_workbench(encoder, store)
    context = Context(
        workbench=workbench,
        store=StageStore(store),
        create=create_part,
        student=config.student,
        combination=config.combination,
        roles=config.resources.roles,
    )
    stage = _run(create("methods", name, settings), context)
    tagger = Tagger.load(stage.folder / TAGGER, workbench.hardware)
    return stage.key, [said.best for said in tagger.tag(tiny_corpus("xx", size=8))]
