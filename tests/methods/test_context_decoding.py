"""The rule of decoding and the sources' tag bigrams, from stage to stage."""

from dataclasses import replace

import pytest

from tests.stand_ins import FAST, SOURCE, TARGET, Mute, keys, student_of, with_part
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import ARGMAX, LEGAL, DecodingSettings
from xner.store.stages import TAGGER
from xner.students.hard import HARD
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus
from xner.training.checkpoints import Dev

CHAIN = DecodingSettings(rule="chain", strength=0.5)
OTHER = tiny_corpus("zz", size=20)
SOFT, HARD_LOSS = FAST | {"student.tag_loss": "mse_prob"}, FAST | {"student.tag_loss": "hard_ce"}


def counted(workbench, *corpora):
    return Bigrams.of([sentence.tags for corpus in corpora for sentence in corpus], workbench.labels)


def read(stage, workbench):
    return workbench.load_tagger(stage.folder / TAGGER)


@pytest.mark.parametrize("start", ["encoder", "teacher"])
def test_bigrams_travel_from_the_sources_to_the_student(make_context, tiny_workbench, start):
    context = make_context(FAST | {"student.start": start, "combination.weights": "uniform"})
    teachers = [context.fit("recognizer", source) for source in (SOURCE, OTHER)]
    student = context.distill(context.label(TARGET, *teachers))
    alone = [read(fitted.stage, tiny_workbench).bigrams for fitted in teachers]
    assert alone == [counted(tiny_workbench, SOURCE), counted(tiny_workbench, OTHER)]
    assert read(student, tiny_workbench).bigrams == counted(tiny_workbench, SOURCE, OTHER)


def test_of_a_teacher_that_is_no_tagger_they_are_not_known(make_context, tiny_workbench):
    context = with_part(make_context(FAST), "teachers", "mute", Mute())
    mute = context.fit("mute", SOURCE)
    assert read(context.distill(context.label(TARGET, mute)), tiny_workbench).bigrams is None
    both = context.label(TARGET, mute, context.fit("recognizer", OTHER))
    assert both.bigrams(tiny_workbench.labels) == counted(tiny_workbench, OTHER)


def test_a_stage_is_decoded_by_the_runs_rule(make_context, tiny_workbench):
    stage = make_context(FAST).fit("recognizer", SOURCE).stage
    assert Tagger.load(stage.folder / TAGGER, tiny_workbench.hardware).decoding == ARGMAX  # no rule is noted
    assert read(stage, replace(tiny_workbench, decoding=CHAIN)).decoding == CHAIN
    assert replace(tiny_workbench, decoding=CHAIN).new_tagger().decoding == CHAIN


def keys_by(make_context, workbench, values, rule):
    context = make_context(values, dry=True, workbench=replace(workbench, decoding=rule))
    student_of(context)
    return keys(context)


@pytest.mark.parametrize("rule", [ARGMAX, CHAIN])
def test_another_rule_trains_nothing_anew_where_no_stage_tags(make_context, tiny_workbench, rule):
    assert keys_by(make_context, tiny_workbench, SOFT, rule) == keys_by(make_context, tiny_workbench, SOFT, LEGAL)


@pytest.mark.parametrize("rule", [ARGMAX, CHAIN, CHAIN.model_copy(update={"strength": 0.25})])
def test_students_of_hard_labels_are_the_rules_own(make_context, tiny_workbench, rule):
    *others, one = keys_by(make_context, tiny_workbench, HARD_LOSS, rule)
    *same, legal = keys_by(make_context, tiny_workbench, HARD_LOSS, LEGAL)
    assert others == same and one != legal


def test_checkpoints_that_are_chosen_by_tags_are_the_rules_own(make_context, tiny_workbench):
    workbench = replace(tiny_workbench, dev=Dev("source-dev", (tiny_corpus(split="dev"),)))
    ours, legal = (keys_by(make_context, workbench, SOFT, rule) for rule in (ARGMAX, LEGAL))
    assert not set(ours) & set(legal)


@pytest.mark.parametrize("rule", [ARGMAX, LEGAL, CHAIN])
def test_hard_labels_are_the_teachers_tags(make_context, tiny_workbench, monkeypatch, rule):
    workbench = replace(tiny_workbench, decoding=rule)
    context, seen = make_context(HARD_LOSS, workbench=workbench), []
    fitted = context.fit("recognizer", SOURCE)
    labelled = context.label(TARGET, fitted)
    monkeypatch.setattr(type(workbench), "train", lambda *given: seen.append(given[-1]))
    context.distill(labelled)
    names = workbench.labels.tags
    hard = [[names[number] for number in seen[0].row(place)[HARD].argmax(-1)] for place in range(len(TARGET))]
    assert hard == read(fitted.stage, workbench).tags(TARGET)


def test_soft_labels_have_none_beside_them(make_context, monkeypatch):
    context, seen = make_context(SOFT), []
    labelled = context.label(TARGET, context.fit("recognizer", SOURCE))
    monkeypatch.setattr(type(context.workbench), "train", lambda *given: seen.append(given[-1]))
    context.distill(labelled)
    assert set(seen[0].row(0)) == {"probabilities"}
