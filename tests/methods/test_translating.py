"""A method asks for translations: a stage, and what a kill leaves of it."""

import pytest

from tests.stand_ins import FAST, SOURCE, TARGET, with_part
from xner.corpora.labels import spans
from xner.errors import UsageError
from xner.resources.translator import Translation, Translator


class Louder(Translator):
    seen: list[str] = []
    stop: int | None = None

    def identity(self, sides):
        return "1"

    def translate(self, texts, sides):
        assert not sides.source.labelled and not sides.target.labelled
        for number, text in enumerate(texts):
            if number == self.stop:
                raise KeyboardInterrupt
            self.seen.append(text)
            yield Translation(text.upper(), 0)


@pytest.fixture
def louder(make_context):
    def louder(stop=None):
        made = Louder()
        made.seen, made.stop = [], stop
        return with_part(make_context({**FAST, "resources.translator": "louder"}), "resources", "louder", made), made

    return louder


def expected(phrases):
    texts = {}
    for tokens, tags in SOURCE:
        texts[" ".join(tokens)] = None
        for span in spans(tags) if phrases else ():
            texts[" ".join(tokens[span.start : span.end])] = None
    return list(texts)


@pytest.mark.parametrize("phrases", [False, True])
def test_sentences_and_where_it_is_asked_entities_are_translated_once(louder, phrases):
    context, translator = louder()
    made = context.translated(SOURCE, TARGET, phrases)
    assert translator.seen == expected(phrases)
    assert {text: one.text for text, one in made.texts.made.items()} == {t: t.upper() for t in expected(phrases)}
    assert context.stages[-1].title == "translation of en into xx by louder"
    assert str(made).startswith(f"by the translator louder ({len(expected(phrases))} texts, ")
    again, other = louder()
    assert again.translated(SOURCE, TARGET, phrases).stage.done and other.seen == []
    assert again.translated(SOURCE, TARGET, not phrases).stage.key != made.stage.key


def test_a_killed_translation_translates_nothing_twice(louder):
    context, first = louder(stop=5)
    with pytest.raises(KeyboardInterrupt):
        context.translated(SOURCE, TARGET)
    context, second = louder()
    made = context.translated(SOURCE, TARGET)
    assert first.seen + second.seen == expected(False) and len(first.seen) == 5
    assert list(made.texts.made) == expected(False)


def test_without_a_translator_it_is_told(make_context):
    with pytest.raises(UsageError, match=r"^this needs a translator, and the run names none: --set resources\.trans"):
        make_context(FAST).translated(SOURCE, TARGET)
