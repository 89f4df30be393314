"""Apertium itself where it is installed, and programs in its place for what it does not do."""

import os
import subprocess
from shutil import which

import pytest

from xner.base import Translation
from xner.errors import DataError
from xner.testing import TranslatorContract
from xner_resources.translators.apertium import Apertium
from xner_resources.translators.apertium_process import through

MISSING = (
    not which("apertium") or "eng-spa" not in subprocess.run(["apertium", "-l"], capture_output=True).stdout.decode()
)
needs_apertium = pytest.mark.skipif(MISSING, reason="needs apt-get install apertium apertium-eng-spa")


@needs_apertium
class TestApertium(TranslatorContract):
    component = "apertium"
    languages = "en", "es"


@needs_apertium
def test_sentences_and_what_it_does_not_know(between):
    texts = ["Angela Merkel visited Paris on Monday .", "The Zorblatt house", "the sea", "the sea"]
    made = list(Apertium().translate(texts, between("en", "es")))
    assert made[0] == Translation("Angela Merkel visitó París el lunes .", 0)
    assert made[1].unknown == 1 and "Zorblatt" in made[1].text and "*" not in made[1].text
    assert made[2] == made[3] == Translation("El mar", 0)


@needs_apertium
def test_its_own_signs_in_a_text_do_not_end_the_stream(between):
    texts = ["a [x] ^b$ <c> d\\e {f/g} @user #metoo", "the sea", "[[", "the  sea ]"]
    made = [one.text for one in Apertium().translate(texts, between("en", "es"))]
    for sign in ("[", "]", "^", "$", "<", ">", "\\", "{", "}", "@", "#metoo"):
        assert sign in made[0], f"{sign} is lost in {made[0]!r}"
    assert made[1:] == ["El mar", "[[", "El mar ]"]


@needs_apertium
def test_signs_that_the_deformatter_takes_for_format_stay_with_their_texts(between):
    made = [
        one.text for one in Apertium().translate(["the sea ~", "~ the sea", "~", "~ ~", "the sea"], between("en", "es"))
    ]
    assert made == ["El mar ~", "~ El mar", "~", "~ ~", "El mar"]


@needs_apertium
def test_many_texts_take_one_process(between, monkeypatch):
    started = []

    class Counted(subprocess.Popen):
        def __init__(self, command, *rest, **more):
            started.append(command)
            super().__init__(command, *rest, **more)

    monkeypatch.setattr(subprocess, "Popen", Counted)
    made = list(through(["eng-spa"], ["the sea"] * 500))
    assert made == [("El mar", 0)] * 500
    assert sum(command[:2] == ["apertium", "-z"] for command in started) == 1


@needs_apertium
def test_by_way_of_another_language():
    ((made, _),) = through(["eng-spa", "spa-eng"], ["The house is big ."])
    assert made == "The house is big ."


@needs_apertium
def test_what_neither_of_two_directions_knows_is_one_unknown_word_without_marks():
    ((made, unknown),) = through(["eng-spa", "spa-eng"], ["The Zorblatt house"])
    assert "Zorblatt" in made and "*" not in made and unknown == 1


@needs_apertium
def test_marks_within_words_are_none_of_the_text(between):
    (made,) = Apertium().translate(["In the 90s 2 / 3s of them liked it ."], between("en", "es"))
    assert "90s" in made.text and "3s" in made.text and made.unknown == 2


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Programs in Apertium's place: what it lists, and what it does with texts."""

    def programs(listed="eng-spa", translate="cat"):
        (tmp_path / "apertium").write_text(
            f'#!/bin/sh\ncase "$1" in\n-l) printf "{listed}";;\n-V) echo 1;;\n*) {translate};;\nesac\n'
        )
        (tmp_path / "apertium-destxt").write_text("#!/bin/sh\nexec sed -e 's/^$/[/' | tr '\\n' '\\n'\n")
        for name in ("apertium", "apertium-destxt"):
            (tmp_path / name).chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return programs


def test_its_directions_are_found_by_codes_of_two_and_three_letters(programs, between):
    programs("  eng-spa\\n  spa-por\\n  en-eo\\n")
    assert Apertium()._directions(between("en", "es")) == ["eng-spa"]
    assert Apertium()._directions(between("en", "eo")) == ["en-eo"]
    assert Apertium()._directions(between("en", "pt")) == ["eng-spa", "spa-por"]
    programs("es-pt\\n  eng-spa\\n  xx-yy_zz!\\n  spa-eng_US")
    assert Apertium()._directions(between("en", "pt")) == ["eng-spa", "es-pt"]  # es is spa
    programs("  eng-spa\\n  spa-por\\n  en-eo\\n")
    given = Apertium(Apertium.Config(directions="spa-por, en-eo"))
    assert given._directions(between("en", "pt")) == ["spa-por", "en-eo"]
    with pytest.raises(DataError, match=r"^apertium: has no way from en to hr; .*apertium-eng-hrv\. Here are: eng-spa"):
        Apertium().identity(between("en", "hr"))
    with pytest.raises(DataError, match=r"^apertium: has no direction eng-xyz \(resources\.apertium\.directions\)"):
        Apertium(Apertium.Config(directions="eng-xyz")).identity(between("en", "pt"))


def test_what_is_not_installed_is_one_line_that_says_what_to_do(between, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match=r"^apertium: it is not installed; on Debian and Ubuntu: apt-get install ap"):
        Apertium().identity(between("en", "es"))


def test_one_that_ends_early_is_told_with_the_text(programs):
    programs(translate="echo broken >&2; exit 1")
    with pytest.raises(DataError, match=r"^apertium eng-spa: ended after 0 of 1 texts, at 'the sea': broken"):
        list(through(["eng-spa"], ["the sea"]))
