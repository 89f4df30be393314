import pytest
import torch
from safetensors.torch import load_file

from xner.base import TAGGER, DecodingSettings, Tagger, TransferTask, Workbench
from xner.errors import UsageError
from xner.machine.hardware import Hardware
from xner.testing import MethodContract, tiny_corpus
from xner_mtmt.mtmt_progressive import MTMTProgressive

PARTS = ("teachers.recognizer", "teachers.similarity", "student")
QUICK = {f"{part}.epochs": 1 for part in PARTS}


class TestMTMTProgressive(MethodContract):
    component = "mtmt-progressive"

    @pytest.fixture
    def run_settings(self):
        return QUICK


def rounds(number, **more):
    return {f"methods.mtmt-progressive.{name}": value for name, value in {"rounds": number, **more}.items()}


def titles(stages):
    return [stage.title for stage in stages]


FIRST = [
    "teacher recognizer on en",
    "teacher similarity on en",
    "signals of recognizer on xx",
    "signals of similarity on xx",
    "student 1 on xx (tags + similarity, uniform)",
]
NEXT = [
    "tags of student 1 on xx",
    "teacher recognizer on xx (tags of student 1), going on",
    "signals of recognizer on xx",
    "signals of similarity on xx",
    "student 2 on xx (tags + similarity, uniform)",
]


@pytest.fixture
def run(train):
    return train("mtmt-progressive", PARTS, batch_size=16, learning_rate=5e-3)


def weights(stage):
    return load_file(stage.folder / TAGGER / "model.safetensors")


def test_the_student_teaches_the_recognizer_who_teaches_the_next(run):
    assert titles(run.stages) == [*FIRST, *NEXT]
    recognizer, similarity, said, vectors, student, tags, taught, said_next, vectors_next, last = run.stages
    assert tags.inputs == (student,) and taught.inputs == (recognizer, tags)  # from its own weights
    assert said_next.inputs == (taught, tags) and vectors_next.key == vectors.key and similarity in vectors.inputs
    assert taught in last.inputs and said not in last.inputs and last.key != student.key
    before, after = weights(recognizer), weights(taught)
    assert any(not torch.equal(before[name], after[name]) for name in before)
    assert run.metrics is not None and run.metrics.sentences == 60


def test_one_round_is_mtmt_and_each_adds_to_the_one_before(train):
    plain, one, two = (
        train(method, PARTS, more=more)
        for method, more in (("mtmt", {}), ("mtmt-progressive", rounds(1)), ("mtmt-progressive", rounds(2)))
    )
    keys = [[stage.key for stage in run.stages] for run in (plain, one, two)]
    assert keys[0] == keys[1] == keys[2][: len(FIRST)] and len(keys[2]) == len(FIRST) + len(NEXT)
    assert plain.metrics == one.metrics


def script(make_context, sources=("en",), dry=True, **settings):
    context = make_context(QUICK, dry=dry)
    method = MTMTProgressive(MTMTProgressive.Config(**settings))
    method.run(TransferTask(tuple(map(tiny_corpus, sources)), tiny_corpus("xx").without_labels()), context)
    return context


def test_beside_the_source_it_learns_from_both(make_context):
    alone, both = script(make_context), script(make_context, beside=True)
    assert both.fitted[-1].source.language == "en+xx" and alone.fitted[-1].source.language == "xx"
    assert both.stages[-1].key != alone.stages[-1].key
    assert both.stages[len(FIRST) - 1].key == alone.stages[len(FIRST) - 1].key


def test_of_several_sources_every_recognizer_goes_on_and_counts_as_before(make_context):
    context = script(make_context, ("en", "zz"))
    taught = [stage for stage in context.stages if stage.title.endswith(", going on")]
    first = [context.stages[place] for place in (0, 1)]
    assert [stage.inputs[0] for stage in taught] == first
    assert "signals of recognizer (en) on xx" in titles(context.stages[-8:])  # each still stands for its language
    assert any(stage.title.startswith("language similarity of xx") for stage in context.stages[-1].inputs)


def test_it_learns_the_students_tags_and_none_of_the_targets(train, monkeypatch):
    learned, fit = [], Workbench.train

    def watched(self, tagger, objective, corpus, *rest, **more):
        learned.append((corpus.language, [sentence.tags for sentence in corpus]))
        fit(self, tagger, objective, corpus, *rest, **more)

    monkeypatch.setattr(Workbench, "train", watched)
    run = train("mtmt-progressive", PARTS, batch_size=16, learning_rate=5e-3)
    student = run.stages[len(FIRST) - 1]
    tagger = Tagger.load(student.folder / TAGGER, Hardware.choose("fp32"))
    tagger.decoding = DecodingSettings()  # the run's
    (tags,) = [tags for language, tags in learned if language == "xx" and tags[0] is not None]
    assert tags == tagger.tags(tiny_corpus("xx").without_labels())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rounds": 0}, "greater than or equal to 1"),
        ({"rounds": 11}, "less than or equal to 10"),
        ({"teachers": ["joint", "similarity"]}, "expected 1 without the teacher recognizer"),
    ],
)
def test_settings_that_cannot_be_are_told_before_anything_is_trained(train, settings, message):
    with pytest.raises(UsageError, match=message):
        train("mtmt-progressive", more={f"methods.mtmt-progressive.{name}": v for name, v in settings.items()})


def test_one_round_needs_no_recognizer():
    assert MTMTProgressive.Config(teachers=("joint",), rounds=1).rounds == 1
