from importlib.util import find_spec
from types import SimpleNamespace

import pytest

from xner.errors import DataError
from xner_projection import sounds
from xner_projection.sounds import sound_of


def test_none():
    assert sound_of("none", "es") is None


def test_latin_letters_lose_their_marks_without_any_library(monkeypatch):
    monkeypatch.setattr(sounds, "import_module", None)
    assert [sound_of("romanize", "es")(word) for word in ("parís", "šibenik", "12-a")] == ["paris", "sibenik", "12-a"]


def test_other_scripts_are_written_by_uroman(monkeypatch):
    uroman = SimpleNamespace(Uroman=lambda: SimpleNamespace(romanize_string={"москва": "Moskva"}.get))
    monkeypatch.setattr(sounds, "import_module", {"uroman": uroman}.get)
    assert sound_of("romanize", "ru")("москва") == "moskva"


def test_ipa_is_epitrans_for_the_language_in_its_script(monkeypatch):
    asked = []

    def made(code):
        asked.append(code)
        if code.startswith("zho"):
            raise AttributeError("no such mapping")
        return SimpleNamespace(transliterate=str.upper)

    monkeypatch.setattr(sounds, "import_module", {"epitran": SimpleNamespace(Epitran=made)}.get)
    assert sound_of("ipa", "es")("mar") == "MAR" and sound_of("ipa", "hi")("x") == "X"
    assert asked == ["spa-Latn", "hin-Deva"]
    with pytest.raises(DataError, match=r"epitran has nothing for zho-Hans \(AttributeError no such mapping\)"):
        sound_of("ipa", "zh")


def test_what_is_not_installed_is_told(monkeypatch):
    def missing(name):
        raise ImportError(name)

    monkeypatch.setattr(sounds, "import_module", missing)
    with pytest.raises(DataError, match=r'it needs epitran: pip install "xner-projection\[ipa\]"'):
        sound_of("ipa", "es")
    with pytest.raises(DataError, match=r'it needs uroman: pip install "xner-projection\[romanize\]"'):
        sound_of("romanize", "ru")("москва")


@pytest.mark.skipif(find_spec("epitran") is None, reason="needs xner-projection[ipa]")
def test_epitran():
    assert sound_of("ipa", "es")("queso") == "keso"
