"""The corpora of a run: loaded by name, in the run's label set, the target's without labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from xner.corpora.corpus import Corpus
from xner.corpora.labels import LabelMap, LabelSet
from xner.corpora.source import CorpusReader
from xner.errors import DataError, XnerError
from xner.plugin.component import place_of
from xner.runs.components import Components, Side
from xner.runs.settings import RunConfig, SourceSettings, TargetSettings
from xner.training.checkpoints import Dev


@dataclass(frozen=True)
class RunCorpora:
    """The corpora of a run, in the run's label set; the target's training sentences have no labels.

    Args:
        sources: the labelled corpora, one for each source language.
        labels: the label set.
        target: the unlabelled sentences.
        test: the labelled ones to score on, if there are any.
        dev: the labelled ones to choose checkpoints on; None where the last one is kept.
        notes: what was repaired or left out when they were read, once for each file; the target's show tags, so they
            are kept here alone.
        source_dev: the sources' labelled dev sentences that the method reads; none for most methods.
    """

    sources: tuple[Corpus, ...]
    labels: LabelSet
    target: Corpus
    test: Corpus | None
    dev: Dev | None = None
    notes: tuple[str, ...] = ()
    source_dev: tuple[Corpus, ...] = ()

    @property
    def corpora(self) -> tuple[Corpus, ...]:
        """All corpora; the test split, if there is one, comes last."""
        dev = {corpus.fingerprint: corpus for corpus in (*(self.dev.corpora if self.dev else ()), *self.source_dev)}
        return (*self.sources, *dev.values(), self.target, *([self.test] if self.test else []))


@dataclass
class Library:
    """Corpora as they were read, so that all runs of a comparison read each once.

    Args:
        read: by the reader's class and settings, the language and the split.
    """

    read: dict[tuple[str, str, str, str], Corpus] = field(default_factory=dict)

    def load(self, reader: CorpusReader, language: str, split: str) -> Corpus:
        """Return a corpus, read now or before.

        Raises:
            XnerError: it cannot be read, or the reader returns something else.
        """
        key = place_of(reader), reader.config.model_dump_json(), language, split
        if key not in self.read:
            self.read[key] = _load(reader, language, split)
        return self.read[key]


def load_corpora(
    config: RunConfig, components: Components, library: Library | None = None, reads_dev: bool = False
) -> RunCorpora:
    """Load a run's corpora, settle its label set and strip the target's labels.

    Args:
        config: the run's settings.
        components: makes the corpora.
        library: corpora that were read before.
        reads_dev: the method reads the dev sentences of the sources, where there are some.

    Raises:
        XnerError: a corpus is missing, empty, unlabelled where it must not be, or its labels do not fit.
    """
    library, label_map = library or Library(), config.labels.to_map()
    sources = tuple(_source(config, language, components, library) for language in config.source.languages)
    had = sorted({kind for corpus in sources for kind in corpus.entities})
    sources = tuple(corpus.relabel(label_map) for corpus in sources)
    types = label_map.types or tuple(sorted({kind for corpus in sources for kind in corpus.entities}))
    if not had:
        raise DataError(f"{sources[0]}: has no entity to learn from; expected tags such as B-PER")
    if not any(corpus.entities for corpus in sources):
        raise DataError(
            f"{sources[0]}: none of its entities is left; it has {', '.join(had)}, and the run has "
            f"{', '.join(types) or 'none of them'}; correct --labels or --map"
        )
    label_map = replace(label_map, types=types)
    read = _target(config.target, components, library)
    target = read.without_labels().limit(config.target.limit, config.seed)
    test, dev = _test(config, components, library, label_map), _dev(config, components, library, label_map)
    judged = _source_dev(config, components, library, label_map) if reads_dev else ()
    told = (*sources, *(dev.corpora if dev else ()), *judged, read, *([test] if test else ()))
    notes = tuple(dict.fromkeys(note for corpus in told for note in corpus.notes))
    others = (*sources, *([test] if test else ()))
    _check_apart(judged, others, "source.dev_split")
    _check_apart(dev.corpora if dev else (), others, f"{config.checkpoint.removesuffix('-dev')}.dev_split")
    return RunCorpora(sources, LabelSet(types), target, test, dev, notes, judged)


def load_texts(config: RunConfig, components: Components) -> RunCorpora:
    """Load what a run learns from, and nothing that it is scored on.

    Args:
        config: the run's settings.
        components: makes the corpora.

    Raises:
        XnerError: a corpus is missing, empty, or unlabelled where it must not be.
    """
    library = Library()
    sources = tuple(_source(config, language, components, library) for language in config.source.languages)
    read = _target(config.target, components, library)
    types = tuple(sorted({kind for corpus in sources for kind in corpus.entities}))
    target = read.without_labels().limit(config.target.limit, config.seed)
    return RunCorpora(sources, LabelSet(types), target, None, None, (*read.notes,))


def _source(config: RunConfig, language: str, components: Components, library: Library) -> Corpus:
    corpus = library.load(components.corpus(config.source.dataset, "source"), language, config.source.split)
    if not corpus.labelled:
        raise DataError(f"{corpus}: has no labels, but a source must; expected one tag for each word")
    return corpus.limit(config.source.limit, config.seed)


def _target(settings: TargetSettings, components: Components, library: Library) -> Corpus:
    source = components.corpus(settings.dataset, "target")
    splits = _splits(source).get(settings.language, (settings.split,))
    if settings.split not in splits:
        raise DataError(
            f"{settings.dataset} {settings.language}: no split '{settings.split}' to take unlabelled sentences from; "
            f"it has {', '.join(splits)}: --set target.split={splits[0]}"
        )
    return library.load(source, settings.language, settings.split)


def _test(config: RunConfig, components: Components, library: Library, label_map: LabelMap) -> Corpus | None:
    """Return the labelled target sentences to score on, if there are any."""
    target = config.target
    source = components.corpus(target.test_dataset or target.dataset, "target")
    if not target.test_dataset and not _has(source, target.language, target.test_split):
        return None  # a user's raw text has no test split
    corpus = library.load(source, target.language, target.test_split)
    return corpus.relabel(label_map) if corpus.labelled else None


def _dev(config: RunConfig, components: Components, library: Library, label_map: LabelMap) -> Dev | None:
    """Return the labelled sentences to choose checkpoints on, unless the last one is kept."""
    if config.checkpoint in ("last", "average"):
        return None
    of_source = config.checkpoint == "source-dev"
    side: SourceSettings | TargetSettings = config.source if of_source else config.target
    languages = config.source.languages if of_source else (config.target.language,)
    name, found = side.dev_dataset or side.dataset, list[Corpus]()
    table: Side = "source" if of_source else "target"
    source = components.corpus(name, table)
    for language in languages:
        there = _has(source, language, side.dev_split)
        corpus = library.load(source, language, side.dev_split).relabel(label_map) if there else None
        if corpus is None or not corpus.entities:
            raise DataError(
                f"{name} {language}: no labelled split '{side.dev_split}' to choose checkpoints on; "
                f"name one with {table}.dev_split or {table}.dev_dataset, or keep the last with --checkpoint last"
            )
        found.append(corpus)
    return Dev(config.checkpoint, tuple(found))


def _source_dev(config: RunConfig, components: Components, library: Library, label_map: LabelMap) -> tuple[Corpus, ...]:
    """Return labelled dev sentences of the sources, for a method that reads them: of those that have some."""
    side, found = config.source, list[Corpus]()
    reader = components.corpus(side.dev_dataset or side.dataset, "source")
    for language in side.languages:
        if side.dev_split in _splits(reader).get(language, ()):
            found.append(library.load(reader, language, side.dev_split).relabel(label_map))
    return tuple(corpus for corpus in found if corpus.entities)


def _load(source: CorpusReader, language: str, split: str) -> Corpus:
    corpus = source.load(language, split)
    if not isinstance(corpus, Corpus):
        what = f"{type(corpus).__name__} for {language}/{split}"
        raise XnerError(f"the corpus {place_of(source)} returned {what}; expected a Corpus")
    # told now, since a run's predictions are a column file, in which it cannot stand
    if odd := next((sentence.tokens for sentence in corpus if not all(sentence.tokens)), None):
        raise DataError(f"{corpus}: a word is empty in {odd[:8]!r}; take it out")
    return corpus


def _splits(source: CorpusReader) -> Mapping[str, Sequence[str]]:
    found = source.splits()
    if not isinstance(found, Mapping) or not all(isinstance(splits, tuple | list) for splits in found.values()):
        raise XnerError(
            f"the corpus {place_of(source)} has the splits {found!r:.60}; expected a tuple for each language"
        )
    return found


def _has(source: CorpusReader, language: str, split: str) -> bool:
    """Whether there is such a split, as far as the source can tell."""
    known = _splits(source)
    return split in known.get(language, ()) or not known


def _check_apart(judges: Sequence[Corpus], others: Sequence[Corpus], setting: str) -> None:
    """Refuse a dev split that contains the test split or all that was learned from, as one file for all would."""
    for dev in judges:
        known = {tuple(sentence.tokens) for sentence in dev}
        for other in others:
            if all(tuple(sentence.tokens) in known for sentence in other):
                raise DataError(
                    f"{dev}: has every sentence of {other}, so it can judge nothing; set {setting} to another split"
                )
