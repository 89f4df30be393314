from xner.resources.aligner import Aligner, Pair
from xner.resources.resource import Sides
from xner.testing import tiny_corpus


class Next(Aligner):
    """Aligns each word with itself but for the first, which it aligns with the second."""

    def identity(self, sides):
        return "1"

    def align(self, pairs, sides):
        assert all(isinstance(pair, Pair) for pair in pairs)
        return (((0, 1), *((place, place) for place in range(1, len(pair.source)))) for pair in pairs)


def test_what_is_shown_are_the_first_sentences_with_themselves(tiny_workbench):
    source = tiny_corpus(size=20).without_labels()
    shown = Next().shown(Sides(source, tiny_corpus("xx").without_labels(), tiny_workbench, None))
    words = sum(len(source[number].tokens) for number in range(12))
    assert len(shown.samples) == 12 and shown.samples[0][0] == " ".join(source[0].tokens)
    assert shown.samples[0][1].startswith("0-1 1-1")
    assert shown.facts["of their words, aligned with themselves"] == (words - 12) / words
    assert shown.facts["links of a word with another one"] == 12
