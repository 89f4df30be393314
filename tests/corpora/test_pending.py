"""Corpora that are not there yet: what can be said of them, and that they then are what was said."""

import pytest

from xner.corpora.corpus import Corpus
from xner.corpora.pending import Pending, read_rows, write_rows
from xner.testing import tiny_corpus

READY = tiny_corpus("en", size=12)
CHANGES = {
    "a part": lambda corpus: corpus.part(2, 5),
    "another part": lambda corpus: corpus.part(2, 6),
    "a share": lambda corpus: corpus.share(1, 3),
    "another share": lambda corpus: corpus.share(2, 3),
    "some": lambda corpus: corpus.limit(4, seed=0),
    "others": lambda corpus: corpus.limit(4, seed=1),
    "entities": lambda corpus: corpus.with_entities(),
    "bare": lambda corpus: corpus.without_labels(),
    "both": lambda corpus: corpus.without_labels().part(0, 3),
    "twice": lambda corpus: Corpus.concatenate([corpus, corpus.part(0, 2)]),
    "twice in turn": lambda corpus: Corpus.concatenate([corpus.part(0, 2), corpus]),
}


def pending(read=lambda: READY.data):
    return Corpus("made", "en", "train", Pending("f00", READY.labelled, read))


def never():
    raise AssertionError("it was looked at")


def test_nothing_is_read_before_it_is_looked_at():
    for change in CHANGES.values():
        made = change(pending(never))
        assert made.fingerprint and made.labelled in (True, False)


def test_every_change_has_a_fingerprint_of_its_own_and_keeps_it():
    found = {name: change(pending(never)).fingerprint for name, change in CHANGES.items()}
    assert len({pending(never).fingerprint, *found.values()}) == 1 + len(CHANGES)
    for name, change in CHANGES.items():
        made = change(pending())
        assert len(made) and made.fingerprint == found[name]


@pytest.mark.parametrize("name", CHANGES)
def test_it_becomes_what_the_corpus_would_have_become(name):
    made, expected = CHANGES[name](pending()), CHANGES[name](READY)
    assert [*made] == [*expected] and made.labelled == expected.labelled


def test_it_is_read_once():
    read = []
    made = pending(lambda: read.append(1) or READY.data)
    assert len(made) == len([*made]) == 12 and made.words == READY.words and read == [1]


def test_shares_are_the_whole():
    assert [s for number in range(5) for s in READY.share(number, 5)] == [*READY]


def test_rows_go_there_and_back(tmp_path):
    write_rows(tmp_path / "rows.arrow", READY.rows)
    assert read_rows(tmp_path / "rows.arrow")[:] == READY.rows[:]
