"""What README and docs say is there."""

import re
import shlex
from pathlib import Path

import pytest
import torch
import typer

from xner.base import Pairs, SignalBatch
from xner.cli import app
from xner.config import build, read_file
from xner.plugins import Plugins

ROOT = Path(__file__).parent.parent
PLACES = ("README.md", "docs/**/*.md", "plugins/*/README.md", "examples/*/README.md")
PAGES = [page for place in PLACES for page in sorted(ROOT.glob(place))]
COMMANDS = sorted(
    {
        line.partition("#")[0].strip()
        for page in PAGES
        for block in re.findall(r"```\n(.*?)```", page.read_text(encoding="utf-8").replace("\\\n", ""), re.DOTALL)
        for line in block.splitlines()
        if line.startswith("xner ")
    }
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("method", Plugins.load().names("methods"))
def test_every_method_has_a_page_of_its_name(method):
    assert (ROOT / f"docs/methods/{method}.md").read_text(encoding="utf-8").startswith(f"# {method}\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_exist_with_their_options(command):
    words = shlex.split(command)[1:]
    parser = typer.main.get_command(app)
    while hasattr(parser, "commands") and words:
        assert words[0] in parser.commands, words[0]
        parser = parser.commands[words.pop(0)]
    known = {option for parameter in parser.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


def test_the_commands_are_found():
    assert len(COMMANDS) > 15 and "xner train --method mtmt --src en --tgt de" in COMMANDS


def test_the_plugin_of_the_readme_works():
    code = re.search(r"```python\n(from xner.base.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    exec(code[1], names)
    component = next(iter(names["xner_weightings"]()))
    weighting = names[component.target.partition(":")[2]]()
    pairs = Pairs(torch.arange(2), torch.ones(2, 2, dtype=torch.bool))
    signals = SignalBatch({"probabilities": torch.tensor([[1.0, 0.0], [0.5, 0.5]])}, torch.arange(2), pairs)
    weights = weighting.weigh(signals)
    assert torch.allclose(weights.words, torch.tensor([1.0, 0.5])) and weights.pairs.shape == (2, 2)


@pytest.mark.parametrize("file", sorted(ROOT.glob("examples/*.toml")), ids=lambda file: file.name)
def test_the_examples_are_valid_settings(file):
    assert build(read_file(file)).labels.map["*"] == "O"
