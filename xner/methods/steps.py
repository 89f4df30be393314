"""Steps: stages that are computed once and shared by all methods."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import TypeVar

from accelerate.utils.memory import clear_device_cache
from transformers import set_seed

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.transformer import transformed, write_tagged, write_transformed
from xner.errors import UsageError, XnerError
from xner.machine import processes
from xner.machine.memory import give_back
from xner.methods.checks import check_provides
from xner.methods.engine import engine_code
from xner.methods.sentence_translation import Translated, translating
from xner.methods.shares import Work
from xner.plugin.component import Component
from xner.resources.resource import Role, Sides
from xner.resources.translator import Translator
from xner.store.stages import NOTES, TAGGER, Stage, StageStore, key_of
from xner.students.vetting import vet
from xner.tagging.tagger import Tagger
from xner.teachers.fitting import MisfitError
from xner.teachers.labelled import SIGNALS
from xner.teachers.signals import Speak, record
from xner.training.resilience.halving import SmallerBatchError
from xner.training.workbench import Workbench

Kind = TypeVar("Kind", bound=Component)
Rewrite = Callable[[Callable[[str], None]], Iterable[Sentence]]
"""Yields the sentences of a new corpus; it may hand on what must stand beside every score that builds on them."""


@dataclass(kw_only=True)
class Steps:
    """Makes stages and the components in them.

    Args:
        workbench: encoder, label set, seed, hardware.
        store: the finished stages.
        create: makes a component of a kind by name, with the run's settings for it.
        roles: from a role to the name of the run's resource for it, "" if it has none.
        dry: only list the stages, compute nothing.
        only: compute the stage with this key alone; what it builds on must be done.
        stages: every stage asked for so far, in order.
        notes: what a method says of itself, which stands beside every score of the run.
    """

    workbench: Workbench
    store: StageStore
    create: Callable[[str, str], Component]
    roles: Mapping[str, str] = field(default_factory=dict)
    dry: bool = False
    only: str | None = None
    stages: list[Stage] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def stage(
        self,
        title: str,
        description: Mapping[str, object],
        work: Work,
        inputs: Sequence[Stage] = (),
        makes_corpus: bool = False,
    ) -> Stage:
        """Do one step, unless it is done or this is a dry run; a method may have steps of its own.

        Args:
            title: what it does, for people.
            description: all that its result depends on, beside the engine's code.
            work: fills a folder with the result; the processes of a run do it together.
            inputs: the stages that it builds on, beside those that have made a corpus, which any may read.
            makes_corpus: it makes a corpus.
        """
        whole = {**description, "engine": engine_code()}
        key = key_of(whole)
        earlier = takewhile(lambda each: each.key != key, self.stages)  # than when it was first asked for
        before = {each.key: each for each in (*inputs, *(each for each in earlier if each.makes_corpus))}
        stage = Stage(title, key, self.store.folder(key), tuple(before.values()), makes_corpus)
        self.stages.append(stage)
        if self.dry or self.only not in (None, key):
            return stage
        if self.store.ready(stage):
            self.workbench.progress.say(f"{title}: done before")
            return stage
        set_seed(self.workbench.seed)  # what a stage draws must not depend on which others this process did before
        with self.workbench.progress.stage(title):
            self.store.complete(stage, whole, lambda folder: self._done(title, work, folder))
        clear_device_cache(garbage_collection=True)  # models hold themselves in circles
        give_back()
        return stage

    def _done(self, title: str, work: Work, folder: Path) -> None:
        """Do a stage's work, if need be with smaller batches, for which it begins anew."""
        while True:
            try:
                return work(folder)
            except SmallerBatchError as error:
                self.workbench.progress.say(f"{title}: {error}; it begins anew with half as many")
            clear_device_cache(garbage_collection=True)  # by now nothing holds the model of before
            set_seed(self.workbench.seed)

    def tagged(self, corpus: Corpus, tagger: Stage, name: str = "student") -> Corpus:
        """Give sentences the tags that a tagger chooses for them, decoded as a whole: pseudo labels, to learn from.

        Args:
            corpus: the sentences; tags of theirs are not looked at.
            tagger: a stage that holds a tagger, such as a student.
            name: what it is called.

        Returns:
            the same sentences with these tags; they are read when they are first looked at.
        """
        bare = corpus.without_labels()
        decoding = str(self.workbench.decoding)
        description = {"stage": "tag", "tagger": tagger.key, "corpus": bare.fingerprint, "decoding": decoding}

        def work(folder: Path) -> None:
            tags = self.workbench.load_tagger(tagger.folder / TAGGER).tags(bare)
            if processes.first():
                made = write_tagged(folder, bare, tags)
                self.workbench.progress.say(f"tags of {name}: {made.counts}")

        stage = self.stage(f"tags of {name} on {corpus.language}", description, work, [tagger], True)
        return transformed(bare, stage, f"tags of {name}", labelled=True)

    def rewritten(
        self,
        corpus: Corpus,
        title: str,
        description: Mapping[str, object],
        rewrite: Rewrite,
        made_by: str,
        maker: str = "the method",
        inputs: Sequence[Stage] = (),
    ) -> Corpus:
        """Make another corpus of a corpus; its sentences are read when they are first looked at.

        Args:
            corpus: the sentences.
            title: what is done to them, for people.
            description: all that the new ones depend on beside the engine's code.
            rewrite: yields them; gets a function to which it hands lines that must stand beside every score.
            made_by: the name of what makes them, which stands behind the corpus's.
            maker: what that is, for messages.
            inputs: the stages that it builds on.

        Returns:
            a corpus of the same language, labelled if the first one is.
        """

        def work(folder: Path) -> None:
            if processes.first():
                notes = list[str]()
                write_transformed(folder, corpus, rewrite(notes.append), f"{maker} '{made_by}'")
                if notes:
                    (folder / NOTES).write_text("\n".join(notes), encoding="utf-8")

        return transformed(corpus, self.stage(title, description, work, inputs, True), made_by, corpus.labelled)

    def resource(self, role: type[Role]) -> Role:
        """Make the resource that the run names for a role, as `context.resource(Dictionary)`.

        Raises:
            UsageError: it names none, or one of another role.
        """
        name = self.roles.get(role.role)
        if not name:
            raise UsageError(
                f"this needs a {role.role}, and the run names none: --set resources.{role.role}=NAME "
                "(see `xner list resources`)"
            )
        made = self.create("resources", name)
        if not isinstance(made, role):
            given = getattr(made, "role", type(made).__name__)
            raise UsageError(f"resources.{role.role} = '{name}': this is a resource of the role '{given}'")
        return made

    def translated(self, source: Corpus, target: Corpus, phrases: bool = False) -> Translated:
        """Translate sentences by the run's translator; what a kill leaves of it is not translated again.

        Args:
            source: the sentences; their tags say only where entities are.
            target: raw text of the language into which.
            phrases: each entity is translated alone, too.

        Raises:
            UsageError: the run names no translator.
            DataError: the translator has nothing for these languages.
        """
        translator, name = self.resource(Translator), self.roles[Translator.role]
        return translating(self.stage, translator, name, source, self.sides(source, target), phrases)

    def sides(self, source: Corpus, target: Corpus) -> Sides:
        """Return what a resource is asked between.

        Args:
            source: sentences of the language from which; their tags are left out.
            target: raw text of the language to which.
        """
        return Sides(source.without_labels(), target.without_labels(), self.workbench, self.resource)

    def record(self, folder: Path, target: Corpus, columns: Collection[str], speak: Speak, who: str) -> None:
        """Write the signals that a stage makes of sentences; `Labelled.with_refined` adds a stage to those before.

        Args:
            folder: the stage's.
            target: the sentences.
            columns: the names of the signals.
            speak: gets a part of the sentences and the range of their numbers in the whole, and yields for each, in
                order, each column as (words, width); the processes of a run share the parts.
            who: makes them, for messages.

        Raises:
            XnerError: the signals are not of these sentences.
        """
        try:
            advance, tags = self.workbench.progress.advance, len(self.workbench.labels.tags)
            record(folder / SIGNALS, target, columns, speak, advance, tags)
        except MisfitError as error:
            raise XnerError(f"{who} {error}") from error

    def keep_tagger(self, tagger: Tagger, folder: Path) -> None:
        """Write the tagger that a stage trained; the first of several processes does it.

        Args:
            tagger: what learned.
            folder: the stage's.
        """
        if processes.first():
            tagger.save(folder / TAGGER)

    def made(self, base: type[Kind], name: str) -> Kind:
        """Make a component, and look at what it says of itself."""
        component = self.create(base.kind, name)
        assert isinstance(component, base)
        check_provides(component)
        if hasattr(base, "needs"):
            vet(component)
        return component
