from dataclasses import replace

import numpy as np
import pytest
import torch

from naive_adversary import naive_score
from xner.base import Corpus, Sentence
from xner.errors import DataError, UsageError
from xner.runs.config import build
from xner.testing import TeacherContract, tiny_corpus
from xner.testing.contract import create
from xner.testing.progresses import Heard, KilledAt, KilledError
from xner.testing.tiny import tiny_workbench as made_workbench
from xner.testing.two_processes import on_two_processes
from xner.training import loop as training
from xner.training.trackers import curves_of
from xner.training.workbench import Workbench
from xner_adversarial.adversarial import Adversarial
from xner_adversarial.token_adversarial import TokenAdversarial

SETTINGS = {"epochs": 2, "batch_size": 8, "learning_rate": 1e-3}
SOURCE, TARGET = tiny_corpus(size=24), tiny_corpus("xx", size=20).without_labels()
FAR = tiny_corpus("zz", size=20).without_labels()
"""Written in capitals, so that even an encoder that knows nothing shows it."""
KINDS = pytest.mark.parametrize("kind", [Adversarial, TokenAdversarial])


class TestAdversarial(TeacherContract):
    component = "adversarial"

    @pytest.fixture
    def settings(self):
        return {"epochs": 1, "hidden": 5}


class TestAdversarialByReversal(TeacherContract):
    component = "adversarial"

    @pytest.fixture
    def settings(self):
        return {"epochs": 1, "update": "reversal", "level": "token"}


def fit(workbench, kind=Adversarial, target=TARGET, source=SOURCE, **settings):
    teacher = kind(kind.Config(**(SETTINGS | settings)))
    workbench.folder.mkdir(parents=True, exist_ok=True)
    teacher.fit(source, replace(workbench, target=target))
    return teacher


def saved(teacher, folder):
    folder.mkdir()
    teacher.save(folder)
    return {file.relative_to(folder): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@KINDS
def test_p_of_the_source_is_what_a_naive_reading_gives(tiny_workbench, kind):
    teacher = fit(tiny_workbench, kind)
    long = [word for sentence in tiny_corpus("xx", size=8) for word in sentence.tokens]
    corpus = Corpus.from_sentences("x", "xx", "train", [*list(TARGET)[:3], Sentence(long)])
    tagger, said = teacher._tagger, list(teacher.label(corpus))
    probabilities = list(tagger.probabilities(corpus))
    for number, sentence in enumerate(corpus):
        states = []
        for window in tagger.windower.windows(corpus.part(number, number + 1)):
            with torch.no_grad():
                ids = torch.tensor(window.input_ids[None].astype(int))
                states += tagger.model(ids, output_hidden_states=True).hidden_states[-1][0].tolist()
        if kind is Adversarial:
            judged = [[sum(column) / len(states) for column in zip(*states, strict=True)]]
        else:
            judged = states
        p = [1 / (1 + np.exp(-naive_score(teacher._discriminator, state))) for state in judged]
        column = said[number]["source_probability"]
        assert column.shape == (len(sentence.tokens), 1) and column.dtype == np.float32
        assert np.allclose(column, np.mean(p), atol=2e-3)
        assert np.array_equal(said[number]["probabilities"], probabilities[number])


@KINDS
def test_the_texts_have_batches_of_their_own_size(tiny_workbench, monkeypatch, kind):
    sizes, text_batches = [], Workbench.text_batches

    def counted(self, tagger, corpus, batch_size, name):
        sizes.append((name, batch_size))
        return text_batches(self, tagger, corpus, batch_size, name)

    monkeypatch.setattr(Workbench, "text_batches", counted)
    fit(tiny_workbench, kind, epochs=1, text_batch=3)
    assert sizes == [("source", 3), ("target", 3)]


@KINDS
def test_the_discriminator_learns_the_languages_unless_the_encoder_is_against_it(tiny_workbench, tmp_path, kind):
    accuracies = []
    for scale in (0, 1):
        workbench = replace(tiny_workbench, folder=tmp_path / str(scale))
        fit(workbench, kind, FAR, epochs=12, generator_scale=scale, discriminator_rate=0.02, warmup=0)
        last = curves_of(workbench.folder)[-1]
        accuracies.append((last["discriminator_accuracy_source"] + last["discriminator_accuracy_target"]) / 2)
    assert accuracies[0] > 0.7 and accuracies[1] < accuracies[0] - 0.05


def test_accuracies_are_told_and_kept_each_epoch(tiny_workbench):
    heard = Heard()
    fit(replace(tiny_workbench, progress=heard))
    epochs = curves_of(tiny_workbench.folder)
    assert [(epoch["epoch"], epoch["step"]) for epoch in epochs] == [(1, 3), (2, 6)]
    for number, epoch in enumerate(epochs, 1):
        source, target = (epoch[f"discriminator_accuracy_{side}"] for side in ("source", "target"))
        expected = (
            f"epoch {number}: discriminator accuracy source {source:.3g}, discriminator accuracy target {target:.3g}"
        )
        assert expected in heard.lines


@KINDS
@pytest.mark.parametrize("update", ["flipped", "reversal"])
@pytest.mark.parametrize("killed_at", [3, 5])
def test_killed_and_gone_on_it_ends_with_the_same_bytes(tiny_workbench, tmp_path, monkeypatch, kind, update, killed_at):
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    right = saved(fit(replace(tiny_workbench, folder=tmp_path / "whole"), kind, update=update), tmp_path / "right")
    with pytest.raises(KilledError):
        fit(replace(tiny_workbench, progress=KilledAt(killed_at)), kind, update=update)
    torch.rand(3)
    again = saved(fit(tiny_workbench, kind, update=update), tmp_path / "again")
    assert again == right
    one, other = ((folder / "curves.json").read_bytes() for folder in (tmp_path / "whole", tiny_workbench.folder))
    assert one == other


def said(encoder, folder, update):
    """Train, and return what the teacher says; alone, or in each of two processes."""
    settings = SETTINGS | {"epochs": 1, "update": update, "generator_scale": 0.5, "batch_size": 6}
    teacher = create("teachers", "token-adversarial", settings)
    teacher.fit(SOURCE, replace(made_workbench(encoder, folder), target=TARGET))
    return [dict(row) for row in teacher.label(TARGET)]


@pytest.mark.parametrize("update", ["flipped", "reversal"])
def test_two_processes_learn_what_one_learns(sure_encoder_folder, tmp_path, update):
    alone = said(sure_encoder_folder, tmp_path / "alone", update)
    one, other = on_two_processes(said, (sure_encoder_folder, tmp_path / "two", update), tmp_path / "said")
    for row, first, second in zip(alone, one, other, strict=True):
        for name, values in row.items():
            assert np.array_equal(first[name], second[name])
            assert np.allclose(values, first[name], atol=2e-3)


def test_tags_of_the_target_are_never_read(tiny_workbench, tmp_path):
    bare = saved(fit(tiny_workbench), tmp_path / "bare")
    labelled = tiny_corpus("xx", size=20)
    assert labelled.labelled
    assert saved(fit(replace(tiny_workbench, folder=tmp_path / "l"), target=labelled), tmp_path / "labelled") == bare


def test_what_it_learns_depends_on_the_targets_text(tiny_workbench, tmp_path):
    one = saved(fit(tiny_workbench), tmp_path / "one")
    other = fit(replace(tiny_workbench, folder=tmp_path / "o"), target=FAR)
    assert saved(other, tmp_path / "other") != one


def test_sentences_without_labels(tiny_workbench):
    with pytest.raises(DataError, match="has no labels, so no tagger can learn from it"):
        fit(tiny_workbench, source=TARGET)


def test_an_encoder_that_is_frozen(tiny_workbench):
    with pytest.raises(UsageError, match=r"^all weights of the update 'generator' are frozen; freeze fewer layers"):
        fit(replace(tiny_workbench, freeze=2))
    assert fit(replace(tiny_workbench, freeze=2), generator_scale=0)  # where there is no such update


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("level", "word", "input should be 'sentence' or 'token'"),
        ("update", "both", "input should be 'flipped' or 'reversal'"),
        ("hidden", -1, "greater than or equal to 0"),
        ("generator_scale", -0.1, "greater than or equal to 0"),
        ("discriminator_rate", 0, "greater than 0"),
    ],
)
def test_settings_that_do_not_fit(name, value, message):
    config = build({f"teachers.adversarial.{name}": value})
    with pytest.raises(UsageError, match=rf"^teachers\.adversarial\.{name} = .*{message}"):
        create("teachers", "adversarial", config.component("teachers", "adversarial"))
