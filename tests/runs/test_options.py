"""One table of options: what it shows as defaults are those of the settings, and what is given reaches them."""

import pytest

from xner.runs.config import build
from xner.runs.options import COMPARE, COMPARED, EVALUATE, TRAIN, names, settings_of
from xner.runs.settings import RunConfig

SHOWN = [option for option in TRAIN if not option.shown.startswith(("the ", "those "))]


def default_of(setting):
    found = RunConfig()
    for part in setting.split("."):
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("option", SHOWN, ids=lambda option: option.name)
def test_the_default_that_help_shows_is_the_settings(option):
    if option.name in ("src_dataset", "tgt_dataset"):  # --dataset shows it
        assert not option.shown
        return
    for setting in option.settings:
        default = default_of(setting)
        assert option.shown == (",".join(default) if option.several else "" if default is None else str(default))


@pytest.mark.parametrize(
    "option", dict.fromkeys([*TRAIN, *EVALUATE]), ids=lambda option: f"{option.name}-{option.settings[0]}"
)
def test_every_option_has_settings_that_exist_and_take_its_kind_of_value(option):
    one = {"decoding": "legal", "scoring": "strict", "checkpoint": "source-dev", "precision": "bf16"}.get(
        option.name, "x"
    )
    value = option.least + 1 if option.least is not None else "x,y" if option.several else one
    assert build(settings_of([option], {option.name: value})) != RunConfig()


def test_what_is_not_given_has_no_setting():
    assert settings_of(TRAIN, dict.fromkeys(option.name for option in TRAIN)) == {}
    assert settings_of(TRAIN, {"src": (), "aux": []}) == {}
    assert settings_of(TRAIN, {"seed": 0}) == {"seed": 0}


def test_a_dataset_is_for_both_sides_unless_one_has_its_own():
    both = {"source.dataset": "a", "target.dataset": "a"}
    assert settings_of(COMPARE, {"dataset": "a"}) == both
    assert settings_of(COMPARE, {"tgt_dataset": "b", "dataset": "a"}) == both | {"target.dataset": "b"}
    assert settings_of(COMPARE, {"src_dataset": "b", "dataset": "a"}) == both | {"source.dataset": "b"}


@pytest.mark.parametrize("value", ["a,b", ["a", "b"], ("a,b",)])
def test_several_names_come_with_commas_or_in_a_sequence(value):
    assert names(value) == ["a", "b"]
    assert settings_of(TRAIN, {"src": value}) == {"source.languages": ["a", "b"]}


def test_a_comparison_leaves_out_what_differs_between_its_cells():
    assert {option.name for option in TRAIN} - {option.name for option in COMPARE} == {"method", "tgt", "seed"}
    assert len(set(COMPARED)) == len(COMPARED) > 1
