"""The contract of transformers."""

from collections.abc import Mapping
from pathlib import Path

from transformers import set_seed

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import to_iob2
from xner.corpora.transformer import Transformer
from xner.testing.contract import Contract
from xner.testing.tiny import tiny_corpus


class TransformerContract(Contract):
    """What every transformer must do."""

    kind = "transformers"

    def transformed(self, settings: Mapping[str, object], corpus: Corpus, seed: int = 0) -> list[Sentence]:
        """Transform a corpus beside another of another language."""
        transformer: Transformer = self.make(settings)
        beside = [tiny_corpus("zz" if corpus.labelled else "en", size=20)]
        return list(transformer.transform(corpus, beside, seed))

    def test_there_are_sentences_of_words(self, settings: Mapping[str, object]) -> None:
        for corpus in (_source(), _target()):
            sentences = self.transformed(settings, corpus)
            assert sentences, f"it leaves no sentence of {corpus}"
            for number, (tokens, _) in enumerate(sentences):
                assert tokens and all(token and not token.isspace() for token in tokens), f"sentence {number} is empty"

    def test_a_source_keeps_tags_in_iob2(self, settings: Mapping[str, object]) -> None:
        for number, (tokens, tags) in enumerate(self.transformed(settings, _source())):
            assert tags is not None and len(tags) == len(tokens), f"sentence {number} has no tag for each word"
            assert to_iob2(tags) == tags, f"the tags of sentence {number} are not IOB2: {' '.join(tags)}"
            odd = {tag[2:] for tag in tags if tag != "O"} - set(_source().entities)
            assert not odd, f"sentence {number} has entities of the type {min(odd, default='')}, unknown to the source"

    def test_a_target_gets_no_tags(self, settings: Mapping[str, object]) -> None:
        tagged = [s for s in self.transformed(settings, _target()) if s.tags is not None]
        assert not tagged, "it gives tags to the target's raw text"

    def test_the_same_seed_gives_the_same_sentences(self, settings: Mapping[str, object]) -> None:
        found = []
        for before in (0, 1):
            set_seed(before)
            found.append(self.transformed(settings, _source()))
        assert found[0] == found[1], "its sentences depend on what was drawn at random before, not on the seed alone"

    def test_what_it_is_given_stays_as_it_is(self, settings: Mapping[str, object]) -> None:
        corpus = _source()
        self.transformed(settings, corpus)
        assert [*corpus] == [*_source()], "it changes the corpus that it is given"

    def test_its_identity_is_its_own(self, settings: Mapping[str, object], tmp_path: Path) -> None:
        one, other = (self.make(settings).identity() for _ in range(2))
        assert isinstance(one, str), "its identity is no text, so stages cannot be keyed by it"
        assert one == other, "its identity differs from one time to the next, so no stage would be found again"


def _source() -> Corpus:
    return tiny_corpus("en", size=24)


def _target() -> Corpus:
    return tiny_corpus("xx", size=24).without_labels()
