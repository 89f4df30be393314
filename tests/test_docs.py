"""What README and docs say is there, and the code in them runs.

Every fenced block is run, or has a line `<!-- not run: REASON -->` before it and is only checked for names: commands,
options, settings. `xner train` and `xner compare` are planned, not trained, `xner serve` answers nobody; tiny models
stand in for the demo's.
"""

import json
import re
import shlex
import shutil
import tomllib
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
import typer
import yaml

from tests.installing import OURS, WRITTEN
from tests.pages import BLOCKS, COMMANDS, PAGES, ROOT, SHELL, Block
from tools import reference
from xner.cli import options
from xner.cli.main import app
from xner.comparing import comparison
from xner.hookspecs import KINDS
from xner.plugin.manager import Plugins
from xner.runs import run as runs
from xner.runs.config import build, parse_assignment, read_file
from xner.runs.mixing import configure, mixed
from xner.runs.options import COMPARE, TRAIN
from xner.runs.prepared import prepare
from xner.runs.settings import RunConfig
from xner.tagging.hubmodel import load_pretrained
from xner.testing import tiny_folder
from xner.using import serving
from xner_demo.corpus import Demo
from xner_demo.encoder import E5Small

METHODS = sorted({o.component.name for o in Plugins.load().offers["methods"] if o.plugin in OURS})
LANGUAGES = ("en", "de", "es", "nl", "pt", "tl", "ar", "qaf")
"""Languages of the folders that the pages call mydata and FOLDER."""
SHORT = {"train": ["--dry-run"], "serve": ["--port", "0"]}
"""What is added to commands that would take long, or a port that may be taken."""


@pytest.mark.sources
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_names_of_our_code_exist(page):
    for name in re.findall(r"`(xner(?:_(?:baselines|mtmt|demo))?(?:\.\w+)+)`", page.read_text(encoding="utf-8")):
        parts = name.split(".")
        for size in range(len(parts), 0, -1):
            try:
                found = import_module(".".join(parts[:size]))
            except ModuleNotFoundError:
                continue
            for part in parts[size:]:
                assert hasattr(found, part), name
                found = getattr(found, part)
            break


@pytest.mark.sources
def test_the_architecture_has_every_package_and_names_files_that_exist():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    packages = {file.parent.name for file in (ROOT / "xner").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE)) == packages
    files = re.findall(r"`(\w+(?:/\w+)+\.py)`", text)
    for file in files:
        assert (ROOT / "xner" / file).exists() or list(ROOT.glob(f"plugins/*/src/{file}")), file
    assert len(files) > 20


@pytest.mark.parametrize("method", METHODS)
def test_every_method_has_a_page_of_its_name(method):
    assert (ROOT / f"docs/methods/{method}.md").read_text(encoding="utf-8").startswith(f"# {method}\n")


def test_the_reference_is_what_the_code_says():
    pages = reference.pages()
    assert {file.name for file in reference.FOLDER.iterdir()} == set(pages)
    for name, text in pages.items():
        assert (reference.FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run make reference"


# commands and settings: all of them, also in blocks that are not run


def parse(words):
    """Parse a command as the shell's would be; return its name and parameters."""
    parser, names = typer.main.get_command(app), []
    words = list(words)
    while hasattr(parser, "commands") and words:
        names.append(words.pop(0))
        assert names[-1] in parser.commands, names
        parser = parser.commands[names[-1]]
    context = parser.make_context(" ".join(names), words)
    return " ".join(names), context.params


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_commands_are_understood(command):
    name, given = parse(command)
    if name not in ("train", "compare"):
        return
    plugins = Plugins.load()
    config = given["config"] if given["config"] and given["config"].is_file() else None
    settings = configure(plugins, options.given(TRAIN if name == "train" else COMPARE, given), config)
    for method in given["methods"].split(",") if name == "compare" else [settings.method]:
        plain = method.partition("+")[0]
        assert plugins.has("methods", plain) or plain == WRITTEN["methods"]
    check_components(settings, plugins)


def check_components(settings, plugins):
    """See that the settings of components exist, as far as the components are installed."""
    for kind in KINDS:
        for component, values in settings.components(kind).items():
            if plugins.has(kind, component):
                assert set(values) <= set(plugins.get(kind, component).Config.model_fields), (kind, component)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_settings_named_in_the_text_exist(page):
    for setting in re.findall(r"--set '?([a-z][^`'\s=]*=[^`'\s]+)", page.read_text(encoding="utf-8")):
        name, value = parse_assignment(setting)
        check_components(build({name: value}), Plugins.load())


def test_the_commands_are_found():
    assert len(COMMANDS) > 40 and ("train", "--method", "mtmt", "--src", "en", "--tgt", "de") in COMMANDS
    torchrun = Block("", "OMP_NUM_THREADS=1 torchrun --nproc-per-node 2 -m xner train \\\n  --tgt de # all\n", "x")
    assert list(torchrun.commands) == [["train", "--tgt", "de"]]
    assert list(Block("", "xner export A && xner predict A\n", None).commands) == [["export", "A"], ["predict", "A"]]


@pytest.mark.parametrize("command", ["train --metod x", "trian", "train --set studnt.epochs=2", "train --tgt"])
def test_a_wrong_command_would_be_seen(command):
    with pytest.raises(BaseException) as error:
        test_commands_are_understood(tuple(command.split()))
    assert not isinstance(error.value, pytest.fail.Exception)


# running


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """A folder with corpora of the names that the pages use, and a cache that all pages share."""
    folder = tmp_path_factory.mktemp("workshop")
    tiny_folder(folder / "mydata", ["en", "xx"])
    for language in LANGUAGES[1:]:
        shutil.copytree(folder / "mydata" / "xx", folder / "mydata" / language)
    (folder / "mydata/qaf/train.conll").unlink()
    (folder / "mydata/qaf/train.txt").write_text("ya3tik saha khouya\nrani f Oran m3a Karim\n" * 4, encoding="utf-8")
    (folder / "FOLDER").symlink_to("mydata")
    (folder / "RUN").symlink_to("runs/mtmt-en-de-s0")
    (folder / "news.txt").write_text("Angela Merkel besuchte Paris.\n", encoding="utf-8")
    (folder / "texts.jsonl").write_text('{"text": "Angela Merkel besuchte Paris."}\n', encoding="utf-8")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


@pytest.fixture(scope="module")
def done():
    """The commands that were run; several pages have the same."""
    return []


@pytest.fixture
def inside(workshop, encoder_folder, monkeypatch, write_comparison, quick_export):
    """Stands in the workshop, with tiny models behind the demo's names and finished runs."""
    monkeypatch.chdir(workshop)
    monkeypatch.setenv("XNER_CACHE", str(workshop / "cache"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(E5Small, "load", lambda self, labels: load_pretrained(str(encoder_folder), labels))
    monkeypatch.setattr(E5Small, "identity", lambda self: "tiny")
    monkeypatch.setattr(Demo, "load", cache(_few(Demo.load)))
    monkeypatch.setattr(comparison, "compare", _plan_comparison)
    monkeypatch.setattr(serving, "run", lambda application, listener: None)
    if not Path("runs").exists():
        three = build({"labels.types": ["LOC", "ORG", "PER"], "labels.map.MISC": "O"})  # those of the quick export
        run = runs.train(three, Plugins.load(), None, comparison.Progress(quiet=True))
        for name in ("mtmt-en-qaf-s0", "direct-en-de-s0"):
            shutil.copytree(run.folder, f"runs/{name}")
        write_comparison(Path("runs/compare-direct+tsl+mtmt-en-de+nl"), run.metrics, run.folder)
    return workshop


def _few(load):
    """Let the generated corpus be a small one."""
    few = Demo(Demo.Config(train_sentences=40, dev_sentences=20, test_sentences=20))
    return lambda self, language, split: load(few, language, split)


def _plan_comparison(config, methods, targets, seeds, plugins, out, progress, jobs):
    """Plan a run of each method for each target."""
    assert seeds and jobs
    for target in targets:
        for method in methods:
            asked = build(config.model_dump(), {"target.language": target, "method": method})
            _ = prepare(mixed(plugins, asked), plugins, progress).plan
    raise typer.Exit


def run_shell(block, xner, done):
    for words in block.lines:
        if words in done and words[1] != "export":  # a later run replaces its folder, and what was exported into it
            continue
        done.append(words)
        assert words[0] == "xner", f"{' '.join(words)}: mark the block: <!-- not run: REASON -->, or ```text"
        code, _, err = xner(*words[1:], *(SHORT.get(words[1], []) if "--dry-run" not in words else []))
        if code == 1 and "apt-get install" in err:
            pytest.skip(f"{shlex.join(words)}: {err}")
        assert code == 0, f"{shlex.join(words)}: {err}"


def check(language, code):
    """Read a block that is data; return whether it was one."""
    if language == "toml":
        values = tomllib.loads(code)
        if set(values) <= set(RunConfig.model_fields):
            build(values)
    elif language in ("json", "yaml"):
        (json.loads if language == "json" else yaml.safe_load)(code)
    elif language == "text":
        assert not re.search(r"^(xner |\$ |pip |make )", code, re.MULTILINE), "a command in a block of text"
    else:
        return False
    return True


@pytest.mark.parametrize("page", BLOCKS)
def test_the_code_runs(page, inside, xner, done):
    for number, block in enumerate(BLOCKS[page]):
        if check(block.language, block.code):
            continue
        if block.language == "python":
            code = compile(block.code, f"{page}, block {number + 1}", "exec")
            if block.reason is None:
                exec(code, {"__name__": "__main__"})
        elif block.reason is None:
            assert block.language in SHELL, f"{block.language}: mark the block: <!-- not run: REASON -->"
            run_shell(block, xner, done)


@pytest.mark.parametrize("file", sorted(ROOT.glob("examples/*.toml")), ids=lambda file: file.name)
def test_the_examples_are_valid_settings(file):
    assert build(read_file(file)).labels.map["*"] == "O"
