import pytest

from xner.errors import XnerError
from xner.resources.translations import Translations, write_translations
from xner.resources.translator import Translation, Translator

TEXTS = ["the sea", "Rome", "a b c"]


class Counting(Translator):
    """Translates, and is ended where it is told."""

    def __init__(self, stop=None, extra=0):
        super().__init__()
        self.seen, self.stop, self.extra = [], stop, extra

    def identity(self, sides):
        return "1"

    def translate(self, texts, sides):
        for text in texts:
            if text == self.stop:
                raise KeyboardInterrupt
            self.seen.append(text)
            yield Translation(text if text == "Rome" else text.upper(), len(text.split()) - 1)
        yield from [Translation("more")] * self.extra


def write(file, translator, told=None):
    write_translations(file, TEXTS, translator, None, (told if told is not None else []).append)


def test_they_are_kept_and_read(tmp_path):
    told = []
    write(tmp_path / "made.jsonl", Counting(), told)
    made = Translations.read(tmp_path / "made.jsonl")
    assert {text: one.text for text, one in made.made.items()} == {
        "the sea": "THE SEA",
        "Rome": "Rome",
        "a b c": "A B C",
    }
    assert told == [1, 2, 3] and made.same == pytest.approx(1 / 3) and made.unknown == pytest.approx(3 / 6)
    assert str(made) == "3 texts, 33.3% the same in both, 50.0% of the words are unknown to it"


def test_a_killed_translation_goes_on_behind_its_last_whole_line(tmp_path):
    file, told = tmp_path / "made.jsonl", []
    with pytest.raises(KeyboardInterrupt):
        write(file, Counting(stop="a b c"))
    whole = file.read_bytes()
    file.write_bytes(whole + b'["a b')  # half a line
    again = Counting()
    write(file, again, told)
    assert again.seen == ["a b c"] and told == [3]
    assert file.read_bytes().startswith(whole) and len(Translations.read(file).made) == 3
    write(file, third := Counting())
    assert third.seen == []


def test_what_does_not_say_what_it_knows(tmp_path):
    (tmp_path / "made.jsonl").write_text('["a", "b", null]\n')
    made = Translations.read(tmp_path / "made.jsonl")
    assert made.unknown is None and str(made) == "1 texts, 0.0% the same in both"


def test_too_many_or_too_few_are_told(tmp_path):
    with pytest.raises(XnerError, match=r"^the translator Counting gave more than 3 translations of 3 texts"):
        write(tmp_path / "made.jsonl", Counting(extra=1))

    class Short(Counting):
        def translate(self, texts, sides):
            return iter([Translation("one")])

    with pytest.raises(XnerError, match=r"gave 1 translations of 3 texts"):
        write(tmp_path / "other.jsonl", Short())
