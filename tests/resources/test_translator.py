import pytest

from xner.resources.resource import Sides
from xner.resources.translator import Translation, Translator, words_of
from xner.testing import tiny_corpus


class Louder(Translator):
    def identity(self, sides):
        return "1"

    def translate(self, texts, sides):
        return (Translation(text.upper(), 1) for text in texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Angela Merkel visitó París.", ["Angela", "Merkel", "visitó", "París", "."]),
        ('¿"Qué"? (No)...', ["¿", '"', "Qué", '"', "?", "(", "No", ")", ".", ".", "."]),
        ("Saint-Denis l'été 12.5 EE.UU. U.S.", ["Saint-Denis", "l'été", "12.5", "EE.UU.", "U.S."]),
        ("50% @user #x -", ["50%", "@user", "#x", "-"]),
        ("安娜在 Rom。", ["安", "娜", "在", "Rom", "。"]),
        (" ", []),
    ],
)
def test_the_words_of_a_translation(text, expected):
    assert words_of(text) == expected


def test_what_is_shown_are_the_first_sentences(tiny_workbench):
    source = tiny_corpus(size=20).without_labels()
    shown = Louder().shown(Sides(source, tiny_corpus("xx").without_labels(), tiny_workbench, None))
    assert len(shown.samples) == 12
    first = " ".join(source[0].tokens)
    assert shown.samples[0] == (first, first.upper())
    words = sum(len(source[number].tokens) for number in range(12))
    assert shown.facts["their running words that it does not know"] == pytest.approx(12 / words)
