import json

import pytest

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.inspection import CorpusReport, inspect
from xner.corpora.source import CorpusReader
from xner.errors import DataError

ANN = Sentence(["Ann", "Lee", "ran"], ["B-PER", "I-PER", "O"])
ROME = Sentence(["Rome"], ["B-LOC"])
IT = Sentence(["it", "is", "so", "."], ["O"] * 4)


class Source(CorpusReader):
    def __init__(self, known=True, **data):
        super().__init__()
        self.known, self.data = known, data

    def load(self, language, split):
        if language != "xx":
            raise DataError(f"no language '{language}'; it has xx")
        return Corpus.from_sentences("toy", language, split, self.data[split])

    def splits(self):
        return {"xx": tuple(self.data)} if self.known else {}


@pytest.fixture
def source():
    return Source(test=[IT, ROME, ANN, ROME], train=[ANN, IT, ANN, ANN], extra=[ROME], dev=[IT])


def test_counts_of_each_split(source):
    report = inspect(source, "xx")
    assert (report.name, report.language) == ("toy", "xx")
    assert list(report.splits) == ["train", "dev", "test", "extra"]
    train, test = report.splits["train"], report.splits["test"]
    assert (train.sentences, train.words, train.labelled, train.entities) == (4, 13, True, {"PER": 3})
    assert test.entities == {"LOC": 2, "PER": 1}
    assert train.lengths.model_dump() == {"min": 3, "median": 3.0, "p95": pytest.approx(3.85), "max": 4}
    assert report.splits["extra"].lengths.model_dump() == {"min": 1, "median": 1.0, "p95": 1.0, "max": 1}


def test_duplicates_within_and_between_splits(source):
    report = inspect(source, "xx")
    assert {name: split.duplicates for name, split in report.splits.items()} == {
        "train": 2,
        "dev": 0,
        "test": 1,
        "extra": 0,
    }
    assert report.shared == {
        "train/dev": 1,
        "train/test": 2,
        "train/extra": 0,
        "dev/test": 1,
        "dev/extra": 0,
        "test/extra": 1,
    }


def test_samples_have_entities_and_follow_the_seed():
    many = Source(train=[Sentence([f"w{number}"], ["B-PER" if number % 2 else "O"]) for number in range(60)])

    def drawn(seed, samples=5):
        return [sample.tokens[0] for sample in inspect(many, "xx", samples, seed).samples]

    assert len(drawn(0)) == 5
    assert all(int(token[1:]) % 2 for token in drawn(0))
    assert drawn(0) == drawn(0) != drawn(1)
    assert drawn(0) == sorted(drawn(0), key=lambda token: int(token[1:]))
    assert len(drawn(0, samples=99)) == 30
    assert inspect(many, "xx").samples[0].split == "train"


def test_sentences_without_entities_and_without_tags():
    report = inspect(Source(train=[IT, Sentence(["a"], ["O"])]), "xx")
    assert sorted(sample.tokens[0] for sample in report.samples) == ["a", "it"]
    assert report.splits["train"].labelled

    report = inspect(Source(train=[Sentence(["raw", "text"])]), "xx")
    assert not report.splits["train"].labelled
    assert report.samples[0].tags is None


def test_a_source_that_cannot_tell_its_splits():
    assert list(inspect(Source(known=False, train=[ANN], dev=[IT]), "xx").splits) == ["train"]


def test_an_unknown_language_is_the_sources_error(source):
    with pytest.raises(DataError, match="no language 'yy'; it has xx"):
        inspect(source, "yy")


def test_the_report_is_json(source):
    report = inspect(source, "xx")
    fields = json.loads(report.model_dump_json())
    assert fields["splits"]["train"]["entities"] == {"PER": 3}
    assert CorpusReport.model_validate(fields) == report
