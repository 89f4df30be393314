"""The contract of corpora."""

from collections.abc import Mapping
from typing import ClassVar

import pytest
from transformers import set_seed

from xner.corpora.corpus import Corpus
from xner.corpora.labels import to_iob2
from xner.corpora.source import CorpusReader
from xner.errors import DataError
from xner.testing.contract import Contract


class CorpusReaderContract(Contract):
    """What every source of corpora must do."""

    kind = "corpora"
    language: ClassVar[str] = ""
    """The language that is loaded; empty: the first of `splits()`."""
    split: ClassVar[str] = "train"
    """The split that is loaded."""

    def load(self, settings: Mapping[str, object]) -> Corpus:
        """Load the sentences that the tests are about."""
        source: CorpusReader = self.make(settings)
        language = self.language or next(iter(source.splits()), "")
        if not language:
            pytest.fail("it does not say which languages it has; say which to load: language = ...")
        return source.load(language, self.split)

    def test_it_says_which_splits_it_has(self, settings: Mapping[str, object]) -> None:
        splits, corpus = self.make(settings).splits(), self.load(settings)
        assert all(isinstance(names, tuple) and names for names in splits.values()), "a language has no tuple of splits"
        if splits:
            assert corpus.split in splits.get(corpus.language, ()), "it loads a split that is not in its `splits()`"

    def test_it_loads_what_is_asked_for(self, settings: Mapping[str, object]) -> None:
        corpus = self.load(settings)
        assert corpus.split == self.split, f"it is asked for {self.split} and gives {corpus.split}"
        assert corpus.language == self.language or not self.language, f"it gives the language {corpus.language}"

    def test_sentences_are_words_with_iob2_tags(self, settings: Mapping[str, object]) -> None:
        for number, (tokens, tags) in enumerate(self.load(settings)):
            assert all(token and not token.isspace() for token in tokens), f"sentence {number} has an empty word"
            if tags is not None:
                assert to_iob2(tags) == tags, f"the tags of sentence {number} are not IOB2: {' '.join(tags)}"

    def test_the_sentences_are_the_same_every_time(self, settings: Mapping[str, object]) -> None:
        prints = []
        for seed in (0, 1):
            set_seed(seed)
            prints.append(self.load(settings).fingerprint)
        assert len(set(prints)) == 1, "its sentences depend on what was drawn at random before"

    def test_what_it_does_not_have_is_an_error_of_one_line(self, settings: Mapping[str, object]) -> None:
        source, corpus = self.make(settings), self.load(settings)
        for language, split in (("no-such-language", corpus.split), (corpus.language, "no-such-split")):
            with pytest.raises(DataError) as error:
                source.load(language, split)
            assert "\n" not in str(error.value), "its error is more than one line"
