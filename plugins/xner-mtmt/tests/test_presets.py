import pytest

from xner.errors import UsageError
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.mixing import configure, preset_of

RECOGNIZER, SIMILARITY, JOINT = (("teachers", name) for name in ("recognizer", "similarity", "joint"))
TASK, RELIABILITY = ("auxiliary_tasks", "similarity"), ("weightings", "reliability")
PARTS = {
    "mtmt": [RECOGNIZER, SIMILARITY, TASK, RELIABILITY],
    "mtmt-progressive": [RECOGNIZER, SIMILARITY, TASK, RELIABILITY],
    "mtmt-no-weighting": [RECOGNIZER, SIMILARITY, TASK],
    "mtmt-no-similarity": [RECOGNIZER],
    "mtmt-joint": [RECOGNIZER, JOINT, TASK, RELIABILITY],
    "mtst": [JOINT, TASK, RELIABILITY],
}
TRAINED = {"recognizer": 1e-5, "similarity": 5e-6, "joint": 1e-5}


@pytest.fixture(scope="module")
def plugins():
    return Plugins.load()


def made(plugins, name, method="mtmt", **settings):
    config = configure(plugins, {"method": method, **settings}, preset=name)
    components = Components(plugins, config)
    return config, {part: components.create(*part).config for part in PARTS[method]}


@pytest.mark.parametrize("name", ["paper", "authors"])
@pytest.mark.parametrize("method", PARTS)
def test_what_both_share(plugins, name, method):
    config, parts = made(plugins, name, method)
    assert Components(plugins, config).method()  # every setting is one of a component that exists
    assert config.encoder == "google-bert/bert-base-multilingual-cased"
    assert (config.max_length, config.freeze) == (128, "none")
    assert (config.student.start, config.student.pairing) == ("encoder", "uniform")
    assert config.student.learning_rate == 1e-6
    assert SIMILARITY not in parts or parts[SIMILARITY].sentences == "all"
    assert TASK not in parts or parts[TASK].scale == 1
    trained = {part: settings for (kind, part), settings in parts.items() if kind == "teachers"}
    assert all(settings.learning_rate == TRAINED[part] for part, settings in trained.items())
    given = {(kind, part) for kind in ("teachers", "auxiliary_tasks", "weightings") for part in config.components(kind)}
    assert given == set(parts)
    for settings in (config.student, *trained.values()):
        assert (settings.batch_size, settings.head_dropout) == (32, 0.2)
        assert (settings.schedule, settings.warmup, settings.weight_decay) == ("constant", 0, 0)  # plain Adam
        assert settings.max_grad_norm == 0
    assert all(settings.head_rate == 1 for settings in trained.values())


@pytest.mark.parametrize("name", ["paper", "authors"])
@pytest.mark.parametrize("method", ["mtmt", "mtmt-progressive"])
def test_a_preset_takes_back_all_that_is_ours(plugins, method, name):
    ours, preset = plugins.get("methods", method).defaults, preset_of(plugins, method, name)
    assert len(ours) == 3 and all(preset[setting] != value for setting, value in ours.items())
    assert Components(plugins, made(plugins, None, method)[0]).method().config.weighting == "uniform"
    assert Components(plugins, made(plugins, name, method)[0]).method().config.weighting == "reliability"


def test_where_they_differ(plugins):
    one, parts = made(plugins, "paper")
    other, other_parts = made(plugins, "authors")
    assert (one.student.tag_loss, other.student.tag_loss) == ("soft_ce", "mse_prob")
    assert (one.student.tag_coefficient, other.student.tag_coefficient) == (1, 0.5)
    assert (one.student.head_rate, other.student.head_rate) == (1, 0.001)
    assert (parts[TASK].coefficient, other_parts[TASK].coefficient) == (1, 0.5)
    assert (parts[RELIABILITY].beta, other_parts[RELIABILITY].beta) == ("paper", "authors")
    # and nowhere else
    differing = {"tag_loss", "tag_coefficient", "head_rate"}
    assert one.student.model_dump(exclude=differing) == other.student.model_dump(exclude=differing)
    for part in (RECOGNIZER, SIMILARITY):
        assert parts[part] == other_parts[part]


def test_settings_go_before_the_preset(plugins):
    config, parts = made(plugins, "paper", encoder="e5-small", **{"teachers.similarity.learning_rate": 1.0})
    assert config.encoder == "e5-small"
    assert parts[SIMILARITY].learning_rate == 1.0
    assert config.student.tag_loss == "soft_ce"


def test_a_preset_handed_out_can_be_changed(plugins):
    preset_of(plugins, "mtmt", "paper")["encoder"] = "mine"
    assert preset_of(plugins, "mtmt", "paper")["encoder"] != "mine"


def test_there_are_no_others(plugins):
    with pytest.raises(UsageError, match="the method 'mtmt' has no preset 'code'; its presets: paper, authors"):
        preset_of(plugins, "mtmt", "code")
