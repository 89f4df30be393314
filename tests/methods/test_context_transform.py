import pytest

from tests.stand_ins import FAST, SOURCE, TARGET, keys, student_of, with_part
from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.transformer import Transformer
from xner.errors import XnerError
from xner.testing import tiny_corpus

FEW = tiny_corpus("xx", size=8).without_labels()


class Louder(Transformer):
    """Writes all words in capitals."""

    resource = "1"

    def transform(self, corpus, beside, seed):
        for tokens, tags in corpus:
            yield Sentence([token.upper() for token in tokens], tags)

    def identity(self):
        return self.resource


@pytest.fixture
def loud(make_context):
    return with_part(make_context(FAST), "transformers", "louder", Louder())


def test_a_corpus_becomes_another_one(loud):
    made = loud.transform(SOURCE, "louder")
    assert [*made] == [Sentence([t.upper() for t in tokens], tags) for tokens, tags in SOURCE]
    assert (made.language, made.split, made.name) == ("en", "train", "tiny (louder)")
    assert made.entities == SOURCE.entities and loud.stages[-1].title == "louder of train en"
    raw = loud.transform(TARGET, "louder")
    assert not raw.labelled and {sentence.tags for sentence in raw} == {None}


def test_it_is_made_once(loud, monkeypatch):
    first = loud.transform(SOURCE, "louder")
    monkeypatch.setattr(Louder, "transform", None)
    again = loud.transform(SOURCE, "louder")
    assert [*again] == [*first] and again.fingerprint == first.fingerprint


def test_its_fingerprint_depends_on_all_that_it_is_made_of(loud, monkeypatch):
    found = [loud.transform(corpus, "louder").fingerprint for corpus in (SOURCE, tiny_corpus(size=21))]
    found.append(loud.transform(SOURCE, "louder", [FEW]).fingerprint)
    monkeypatch.setattr(Louder, "resource", "2")
    found.append(loud.transform(SOURCE, "louder").fingerprint)
    assert len({*found, SOURCE.fingerprint}) == 5


def student(context):
    """Distils from a sample of the source to one of the target, after changes that need no sentence."""
    source = context.transform(SOURCE, "sample", [FEW])
    target = context.transform(TARGET, "sample", [SOURCE])
    assert source.labelled and not target.labelled
    parts = [source.share(0, 2), source.part(0, 3).limit(2, seed=1), source.with_entities()]
    teacher = context.fit("recognizer", Corpus.concatenate(parts))
    return context.distill(context.label(target, teacher))


def test_a_dry_run_names_all_that_is_made_of_it(make_context, tmp_path):
    dry, wet = make_context(FAST, dry=True), make_context(FAST)
    student(dry)
    assert not (tmp_path / "cache").exists()
    made = student(wet)
    assert keys(dry) == keys(wet) and made.done
    again = make_context(FAST, dry=True)
    student(again)
    assert keys(again) == keys(wet) and all(stage.done for stage in again.stages)


def test_a_dry_run_that_looks_at_its_sentences_is_told(make_context):
    made = make_context(FAST, dry=True).transform(SOURCE, "sample")
    with pytest.raises(XnerError, match=r"^the stage 'sample of train en' is not done, so its sentences cannot be loo"):
        len(made)


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        ([], "made of tiny en/train: the corpus is empty"),
        ([Sentence(["Ada"])], "took the tags of tiny en/train; it must not"),
        ([Sentence(["Ada"], ["B-MISC"])], "made entities of the type MISC, which tiny en/train does not have"),
        ([Sentence(["Ada"], ["X"])], "made of tiny en/train: 'X' is not a tag"),
    ],
)
def test_sentences_that_cannot_be(loud, monkeypatch, sentences, message):
    monkeypatch.setattr(Louder, "transform", lambda *_: iter(sentences))
    with pytest.raises(XnerError, match=f"^the transformer 'louder' {message}"):
        loud.transform(SOURCE, "louder")


def test_a_target_stays_without_tags(loud, monkeypatch):
    monkeypatch.setattr(Louder, "transform", lambda *_: iter([Sentence(["Ada"], ["B-PER"])]))
    with pytest.raises(XnerError, match="the transformer 'louder' gave tags to tiny xx/train; it must not"):
        loud.transform(TARGET, "louder")


def test_without_it_nothing_changes(make_context):
    one, other = make_context(FAST, dry=True), make_context(FAST, dry=True)
    student_of(one)
    other.transform(SOURCE, "sample")
    student_of(other)
    assert keys(one) == keys(other)[1:]
