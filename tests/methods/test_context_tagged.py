"""What a method makes of its own: sentences with a tagger's tags, and signals of a stage of its own."""

from dataclasses import replace

import numpy as np
import pytest

from tests.stand_ins import FAST, SOURCE, TARGET, student_of, with_part
from xner.corpora.corpus import Corpus, Sentence
from xner.decoding.decoder import DecodingSettings
from xner.errors import XnerError
from xner.store.stages import TAGGER
from xner.teachers.refiner import Refiner
from xner.testing import tiny_corpus


@pytest.fixture
def context(make_context):
    return make_context(FAST)


def test_sentences_get_the_tags_that_a_tagger_chooses(context):
    student = student_of(context)
    tagged = context.tagged(tiny_corpus("xx", size=len(TARGET)), student)  # labelled: its own tags are not looked at
    tagger = context.workbench.load_tagger(student.folder / TAGGER)
    expected = [Sentence(s.tokens, tags) for s, tags in zip(TARGET, tagger.tags(TARGET), strict=True)]
    assert [*tagged] == expected
    assert (tagged.labelled, tagged.language, tagged.name) == (True, "xx", "tiny (tags of student)")
    assert context.stages[-1].title == "tags of student on xx" and context.stages[-1].inputs == (student,)


def test_what_they_depend_on_is_known_before(context, make_context):
    student = student_of(context)
    dry = make_context(FAST, dry=True)
    planned = dry.tagged(TARGET, student)
    assert planned.labelled and not dry.stages[-1].done
    assert dry.fit("recognizer", Corpus.concatenate([SOURCE, planned]), start=student).stage.title.endswith(
        "on en+xx, going on"
    )
    with pytest.raises(XnerError, match="'tags of student on xx' is not done"):
        len(planned)
    made = context.tagged(TARGET, student)
    assert made.fingerprint == planned.fingerprint
    fewer = context.tagged(TARGET.part(0, 5), student)
    other = replace(context, workbench=replace(context.workbench, decoding=DecodingSettings(rule="argmax")))
    assert len({made.fingerprint, fewer.fingerprint, other.tagged(TARGET, student).fingerprint}) == 3
    assert (
        TARGET.fingerprint
        != context.tagged(SOURCE, student).fingerprint
        == (context.tagged(SOURCE.without_labels(), student).fingerprint)
    )


def test_a_teacher_goes_on_with_them(context):
    student = student_of(context)
    teacher = context.fit("recognizer", context.tagged(TARGET, student), start=student)
    again = context.distill(context.label(TARGET, teacher))
    assert again.key != student.key and all(stage.done for stage in context.stages)


def test_signals_of_a_stage_of_its_own_stand_beside_the_teachers(context):
    labelled = context.label(TARGET, context.fit("recognizer", SOURCE))

    def work(folder):
        rows = lambda block, numbers: (  # noqa: E731
            {"weight": np.full((len(s.tokens), 1), number % 2, np.float32)}
            for s, number in zip(block, numbers, strict=True)
        )
        context.record(folder, TARGET, ("weight",), rows, "the mask")

    stage = context.stage("mask", {"stage": "mask", **labelled.identity()}, work, labelled.inputs)
    masked = labelled.with_refined("mask", stage, ("weight",))
    assert masked.columns == ("probabilities", "weight")
    assert [masked.signals().row(number)["weight"].max() for number in range(3)] == [0, 1, 0]
    context.distill(masked)
    assert stage in context.stages[-1].inputs


def test_signals_that_do_not_fit_name_who_made_them(context):
    def work(folder):
        context.record(folder, TARGET, ("weight",), lambda *_: [], "the mask")

    with pytest.raises(XnerError, match=r"^the mask gives 0 rows for \d+ sentences"):
        context.stage("mask", {"stage": "mask"}, work)


class Asking(Refiner):
    """Writes down the seed that it is told, of all teachers and of each alone."""

    def prepare(self, target, signals):
        self.told = [each.seed for each in (signals, signals.of("recognizer"), *signals.apart)]

    def refine(self, sentence, signals):
        return {"probabilities": signals.row(sentence)["probabilities"]}


def test_a_refiner_is_told_the_runs_seed(make_context, tiny_workbench):
    asking = Asking()
    context = make_context(FAST, workbench=replace(tiny_workbench, seed=7))
    context = with_part(context, "refiners", "asking", asking)
    context.refine(context.label(TARGET, context.fit("recognizer", SOURCE)), "asking")
    assert asking.told == [7, 7, 7]
