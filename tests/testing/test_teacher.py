import pytest

from xner.testing import TeacherContract

SOURCE = """
from itertools import count
from pathlib import Path

import numpy as np

from xner.machine import processes
from xner.base import Teacher

COUNTER = count(1)


class Sound(Teacher):
    provides = ("probabilities",)

    def fit(self, source, workbench):
        self.scale = source.words / 100

    def label(self, target):
        return map(self.say, target)

    def say(self, sentence):
        lengths = np.array([len(token) for token in sentence.tokens])
        odds = np.exp(np.abs(lengths[:, None] - np.arange(7)) * self.scale / 10)
        return {"probabilities": odds / odds.sum(-1, keepdims=True)}

    def save(self, folder):
        (folder / "scale").write_text(str(self.scale))

    def restore(self, folder, workbench):
        self.scale = float((folder / "scale").read_text())


class Reader(Sound):
    reads_target = True

    def fit(self, source, workbench):
        assert not workbench.target.labelled
        self.scale = workbench.target.words / 100


class Mute(Sound):
    provides = ()

    def say(self, sentence):
        return {}


class OtherEmbeddings(Sound):
    embeddings = ("vectors",)


class Flat(Sound):
    def say(self, sentence):
        return {"probabilities": super().say(sentence)["probabilities"].max(-1)}


class NotFinite(Sound):
    provides = ("lengths",)

    def say(self, sentence):
        return {"lengths": np.full((len(sentence.tokens), 1), np.nan)}


class Sorted(Sound):
    def label(self, target):
        return map(self.say, sorted(target))


class ByPlace(Sound):
    provides = ("places",)

    def label(self, target):
        for number, sentence in enumerate(target):
            yield {"places": np.full((len(sentence.tokens), 1), number)}


class Lazy(Sound):
    def label(self, target):
        return list(super().label(target))[1:]


class OtherNames(Sound):
    provides = ("odds",)


class ByBatch(Sound):
    provides = ("centred",)

    def label(self, target):
        rows = [row["probabilities"] for row in super().label(target)]
        mean = np.concatenate(rows).mean(0)
        return [{"centred": row - mean} for row in rows]


class Twice(Sound):
    def say(self, sentence):
        return {"probabilities": 2 * super().say(sentence)["probabilities"]}


class TooFew(Sound):
    def say(self, sentence):
        odds = super().say(sentence)["probabilities"][:, :5]
        return {"probabilities": odds / odds.sum(-1, keepdims=True)}


class Peeks(Sound):
    def say(self, sentence):
        sure = [int(tag != "O") for tag in sentence.tags or []]
        return {"probabilities": np.eye(7)[sure] if sure else super().say(sentence)["probabilities"]}


class Forgets(Sound):
    def restore(self, folder, workbench):
        self.scale = 1.0


class KnowsThePlace(Sound):
    def save(self, folder):
        super().save(folder)
        (folder / "where").write_text(str(folder))

    def restore(self, folder, workbench):
        super().restore(Path((folder / "where").read_text()), workbench)


class Unsteady(Sound):
    def fit(self, source, workbench):
        self.scale = next(COUNTER)


class OfItsOwnProcess(Sound):
    def fit(self, source, workbench):
        self.scale = 1 + processes.state().process_index
"""
ALIGNED, BATCH = "test_signals_are_aligned_row_by_row", "test_signals_are_the_same_in_any_batch"
RESTORED = "test_saved_and_restored_it_says_the_same"
ALL = {name for name in vars(TeacherContract) if name.startswith("test_")}
ALONE = ALL - {"test_two_processes_teach_the_same"}
BROKEN = {
    "Sound": {},
    "Reader": {},  # it is given the target's text
    "Mute": {ALIGNED: "its `provides` names no signal"},
    "OtherEmbeddings": {ALIGNED: "its `embeddings` are not among what it `provides`"},
    "Flat": {ALIGNED: "'probabilities' is not (words, width)", "test_probabilities_are_of_the_tags": "tuple index"},
    "NotFinite": {
        ALIGNED: "'lengths' is not finite everywhere",
        **dict.fromkeys(ALONE - {ALIGNED, "test_probabilities_are_of_the_tags"}, ""),  # nan is not nan
    },
    "Sorted": {ALIGNED: "'probabilities' has no row for each word", BATCH: "depends on which others are in its batch"},
    "ByPlace": {
        ALIGNED: "'places' of a sentence depends on where the sentence stands",
        BATCH: "'places' of a sentence",
    },
    "Lazy": dict.fromkeys(ALONE, "it labels 24 sentences where there are 25")
    | {BATCH: "it labels 0 sentences where there are 1"},
    "OtherNames": dict.fromkeys(ALONE, "it gives the signals ['probabilities'], but `provides` has ['odds']"),
    "ByBatch": {BATCH: "'centred' of a sentence depends on which others are in its batch"},
    "Twice": {"test_probabilities_are_of_the_tags": "`probabilities` do not add up to one"},
    "TooFew": {"test_probabilities_are_of_the_tags": "`probabilities` are not one for each tag"},
    "Peeks": {"test_labels_of_the_target_are_not_looked_at": "is another one where the target has labels"},
    "Forgets": {RESTORED: "'probabilities' is another one after `save` and `restore`"},
    "KnowsThePlace": {RESTORED: "FileNotFoundError"},
    "Unsteady": {"test_the_same_seed_teaches_the_same": "'probabilities' differs from one time to the next"},
    "OfItsOwnProcess": {"test_two_processes_teach_the_same": "two processes of one run say different things"},
}


@pytest.fixture(scope="module")
def failed(failures):
    return failures("teachers", "TeacherContract", SOURCE, BROKEN, ("Sound", "OfItsOwnProcess"))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_one_fails_where_it_is_broken(failed, name):
    assert failed[name].keys() == BROKEN[name].keys()
    for test, message in BROKEN[name].items():
        assert message in failed[name][test]


def test_every_test_of_the_contract_can_fail():
    assert {test for tests in BROKEN.values() for test in tests} == ALL
