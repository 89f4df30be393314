import json

import pytest

from xner.errors import DataError, UsageError
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.resource import ROLES, look
from xner.runs.settings import ResourceSettings


@pytest.fixture
def given(tmp_path, data_folder, encoder_folder):
    (tmp_path / "words.txt").write_text("sees zed\nthe ko\nold ship zed\n".replace("old ship zed", "old\tta um"))
    return {
        "resources.dictionary": "dictionary-file",
        "resources.dictionary-file.path": str(tmp_path / "words.txt"),
        "source.dataset": str(data_folder),
        "target.dataset": str(data_folder),
        "target.language": "xx",
        "encoder": str(encoder_folder),
    }


def test_every_role_is_a_setting_and_has_its_class():
    assert ROLES.keys() == ResourceSettings.model_fields.keys()
    assert all(role == kind.role for role, kind in ROLES.items())


def test_a_resource_is_seen_as_the_run_would_use_it(given):
    seen = look(build(given), Plugins.load(), "dictionary")
    assert (seen.role, seen.name, seen.languages) == ("dictionary", "dictionary-file", (("en", "xx"),))
    assert seen.shown[0].facts["words"] == 2 and seen.shown[0].facts["pairs of several words, left out"] == 1


def test_each_source_is_asked_for(given):
    seen = look(build(given, {"source.languages": ["en", "zz"]}), Plugins.load(), "dictionary")
    assert seen.languages == (("en", "xx"), ("zz", "xx"))
    assert [each.facts["running words of the source that it has"] > 0 for each in seen.shown] == [True, False]


def test_what_is_not_there_is_told(given):
    with pytest.raises(UsageError, match=r"^there is no role 'dictonary' of resources; .* Did you mean 'dictionary'\?"):
        look(build(given), Plugins.load(), "dictonary")
    with pytest.raises(DataError, match=r"nothing\.txt: no such dictionary from en to xx"):
        look(build(given, {"resources.dictionary-file.path": "nothing.txt"}), Plugins.load(), "dictionary")


def test_the_command(xner, given):
    options = [part for name, value in given.items() for part in ("--set", f"{name}={value}")]
    code, out, err = xner("resource", "show", "dictionary", *options)
    assert (code, err) == (0, "")
    assert out.startswith("dictionary dictionary-file, en to xx\n         2  words\n")
    assert any(line.split() == ["sees", "zed", "zed"] for line in out.splitlines())
    (shown,) = json.loads(xner("resource", "show", "dictionary", "dictionary-file", *options[2:], "--json")[1])["shown"]
    assert shown["facts"]["translations"] == 2
    code, _, err = xner("resource", "show", "dictionary", *options[2:])
    assert code == 2 and err.startswith("xner: this needs a dictionary, and the run names none: --set resources.")


@pytest.mark.parametrize(("role", "name"), [("dictionary", "embedding"), ("aligner", "itermax")])
def test_what_is_made_of_the_encoder_is_seen(xner, given, role, name):
    options = [part for key, value in given.items() if "dictionary" not in key for part in ("--set", f"{key}={value}")]
    code, out, err = xner("resource", "show", role, name, *options, "--json")
    assert (code, err) == (0, "")
    facts = json.loads(out)["shown"][0]["facts"]
    assert max(value for name, value in facts.items() if "of the source that it has" in name or "selves" in name) >= 1
