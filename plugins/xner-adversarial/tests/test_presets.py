import pytest

from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.mixing import configure


def used(method, preset, *teachers):
    config = configure(Plugins.load(), {"method": method}, preset=preset)
    components = Components(Plugins.load(), config)
    return config, components.method(), [components.create("teachers", name).config for name in teachers]


@pytest.mark.parametrize(
    ("method", "preset", "teacher", "level", "hidden", "freeze"),
    [
        ("advce", "advpicker", "adversarial", "sentence", 0, "none"),
        ("advpicker", "authors", "token-adversarial", "token", 500, 3),
    ],
)
def test_the_teachers_are_the_published_ones(method, preset, teacher, level, hidden, freeze):
    config, _, (settings,) = used(method, preset, teacher)
    assert (settings.level, settings.hidden, settings.update, config.freeze) == (level, hidden, "flipped", freeze)
    rates = settings.learning_rate, settings.discriminator_rate, settings.generator_scale * settings.learning_rate
    assert rates == pytest.approx((6e-5, 5e-3, 6e-7))
    assert (settings.epochs, settings.batch_size, settings.warmup, settings.weight_decay) == (10, 32, 0.05, 0.01)
    assert settings.max_grad_norm == settings.subwords == 0
    assert settings.text_batch == 32


def test_the_student_is_the_published_one():
    config, method, _ = used("advpicker", "authors")
    student = config.student
    assert (method.config.teachers, config.decoding.rule) == (5, "legal")
    assert (student.start, student.tag_loss, student.learning_rate, student.epochs) == ("encoder", "mse_prob", 6e-5, 10)
    assert config.component("refiners", "language-picking") == {"keep": 0.8}
