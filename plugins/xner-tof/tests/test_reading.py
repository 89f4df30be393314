"""The stage of reading: what it learns from, what a kill leaves, and what it hands on."""

import json
from dataclasses import replace

import pytest
import torch

from xner.base import TAGGER, Corpus, Sentence
from xner.errors import DataError, UsageError
from xner.testing import tiny_corpus
from xner.testing.progresses import Heard, KilledAt, KilledError
from xner.training import loop as training
from xner_tof.reading import ReadingSettings, Sources, _read, check_definitions, read, renew_head
from xner_tof.tof import TOF

DEFINITIONS = {"LOC": "where", "ORG": "what", "PER": "who"}
SOURCE, FEW = tiny_corpus(size=12), ReadingSettings(reading_epochs=2, reading_batch=8)


def learned(workbench, sources=None, settings=FEW):
    tagger = _read([SOURCE], sources or Sources(DEFINITIONS, "", 9), settings, settings.learning(False), workbench)
    return {name: weight.detach().clone() for name, weight in tagger.model.named_parameters()}


def differing(one, other):
    return {name for name in one if not torch.equal(one[name], other[name])}


def test_the_encoder_learns_and_the_tag_head_does_not(tiny_workbench):
    before = dict(tiny_workbench.new_tagger().model.named_parameters())
    changed = differing(before, learned(tiny_workbench))
    assert "bert.encoder.layer.1.output.dense.weight" in changed
    assert not [name for name in changed if name.startswith("classifier")]


def test_it_learns_to_find_answers(tiny_workbench):
    settings = ReadingSettings(reading_epochs=20, reading_batch=8, reading_rate=3e-3)
    learned(tiny_workbench, settings=settings)
    first, *_, last = json.loads((tiny_workbench.folder / "curves.json").read_text())["steps"]
    assert last["loss"] < first["loss"] / 2


@pytest.mark.parametrize("killed_at", [2, 6])
def test_killed_and_resumed_it_ends_as_if_it_had_not_been(tiny_workbench, tmp_path, monkeypatch, killed_at):
    whole = learned(replace(tiny_workbench, folder=tmp_path / "whole"))
    monkeypatch.setattr(training, "_CHECKPOINT_SECONDS", 0)
    with pytest.raises(KilledError):
        learned(replace(tiny_workbench, progress=KilledAt(killed_at)))
    assert list(tiny_workbench.folder.rglob("checkpoint-*"))
    torch.rand(3)
    assert not differing(whole, learned(tiny_workbench))


def test_questions_of_a_file_are_a_sample_of_a_size(tmp_path):
    lines = [{"question": f"q{n}", "context": "a b", "answers": {"text": [], "answer_start": []}} for n in range(30)]
    (tmp_path / "qa.jsonl").write_text("\n".join(map(json.dumps, lines)))
    sources = Sources(DEFINITIONS, str(tmp_path / "qa.jsonl"), 5)
    one, again, other = ([*sources.questions([SOURCE], seed)][3 * len(SOURCE) :] for seed in (0, 0, 1))
    assert len(one) == 5 and one == again != other


def test_what_it_reads_is_told(tiny_workbench):
    told = Heard()
    sentence = Sentence(["Ada"], ["B-PER"])
    corpus = Corpus.from_sentences("c", "en", "train", [sentence] * 4)
    _read([corpus], Sources(DEFINITIONS, "", 9), FEW, FEW.learning(False), replace(tiny_workbench, progress=told))
    line = "12 questions, 4 with an answer; of 0 the text was cut to 64 sub-words, 0 did not fit and were left out"
    assert f"reading: {line}" in told.lines


def test_a_definition_that_is_too_long_is_told(tiny_workbench):
    tagger = tiny_workbench.new_tagger()
    check_definitions(DEFINITIONS, tagger)
    with pytest.raises(UsageError, match=r"^methods\.tof\.definitions\.PER has 42 sub-words, .* of 64 for a sentence"):
        check_definitions({"PER": "a" * 40}, tagger)


def test_a_head_is_renewed_and_the_encoder_is_not(tiny_workbench):
    tagger, fresh = (tiny_workbench.new_tagger() for _ in range(2))
    with torch.no_grad():
        for weight in tagger.model.parameters():
            weight.add_(1)
    renew_head(tagger, tiny_workbench)
    same = {n for n, w in tagger.model.named_parameters() if torch.equal(w, dict(fresh.model.named_parameters())[n])}
    assert same == {"classifier.weight", "classifier.bias"}


def test_a_second_reading_has_a_rate_of_its_own_and_hands_on_a_fresh_head(make_context):
    context, settings = make_context({}), settings_of(reading_rate_again=1e-3)
    sources, method = Sources(DEFINITIONS, "", 9), TOF()
    first = read([SOURCE], sources, settings, context, method)
    second = read([SOURCE], sources, settings, context, method, first)
    same = read([SOURCE], sources, settings_of(reading_rate_again=1e-4), make_context({}, dry=True), method)
    assert first.key == same.key != second.key and second.inputs == (first,)
    heads = [context.workbench.load_tagger(stage.folder / TAGGER).model.classifier.weight for stage in (first, second)]
    assert torch.equal(*heads)


def settings_of(**settings):
    return FEW.model_copy(update={"reading_epochs": 0.5, **settings})


def test_a_bad_file_is_told_in_a_dry_run(make_context, tmp_path):
    (tmp_path / "qa.json").write_text("{")
    with pytest.raises(DataError, match=r"qa\.json:1: is not JSON"):
        read([SOURCE], Sources(DEFINITIONS, str(tmp_path / "qa.json"), 9), FEW, make_context({}, dry=True), TOF())
