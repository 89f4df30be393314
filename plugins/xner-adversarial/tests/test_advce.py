import pytest

from xner.base import TransferTask
from xner.testing import MethodContract, tiny_corpus
from xner_adversarial.advce import AdvCE


class TestAdvCE(MethodContract):
    component = "advce"

    @pytest.fixture
    def run_settings(self):
        return {"teachers.adversarial.epochs": 1}


def test_the_teacher_is_the_result(train):
    run = train("advce", ("teachers.adversarial",), batch_size=32, learning_rate=5e-3)
    (stage,) = run.stages
    assert stage.title == "teacher adversarial on en beside xx"
    assert run.metrics is not None and run.metrics.sentences == 60


def test_the_discriminators_curve_is_in_the_report(train):
    run = train("advce", ("teachers.adversarial",), epochs=2)
    page = (run.folder / "report.html").read_text()
    assert "discriminator accuracy source" in page and "teacher adversarial on en beside xx" in page


def test_several_sources_are_one_text(make_context):
    context = make_context({}, dry=True)
    sources = tiny_corpus(), tiny_corpus("zz")
    AdvCE().run(TransferTask(sources, tiny_corpus("xx").without_labels()), context)
    assert [stage.title for stage in context.stages] == ["teacher adversarial on en+zz beside xx"]
