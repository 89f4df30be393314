"""What a method asks of its context for resources, and for corpora that it writes itself."""

import pytest

from tests.stand_ins import FAST, SOURCE, TARGET, with_part
from xner.corpora.corpus import Sentence
from xner.errors import UsageError, XnerError
from xner.resources.dictionary import Dictionary
from xner.resources.resource import Resource


class Few(Dictionary):
    def identity(self, sides):
        return "1"

    def pairs(self, sides):
        return iter([("sees", "zed")])


class Odd(Resource):
    role = "weather"

    def identity(self, sides):
        return "1"

    def shown(self, sides):
        return None


def test_the_resource_of_a_role_is_the_one_that_the_run_names(make_context):
    context = with_part(make_context({**FAST, "resources.dictionary": "few"}), "resources", "few", few := Few())
    assert context.resource(Dictionary) is few


def test_without_a_name_or_with_one_of_another_role_it_is_told(make_context):
    with pytest.raises(UsageError, match=r"^this needs a dictionary, and the run names none: --set resources\.dict"):
        make_context(FAST).resource(Dictionary)
    context = with_part(make_context({**FAST, "resources.dictionary": "odd"}), "resources", "odd", Odd())
    with pytest.raises(UsageError, match=r"^resources\.dictionary = 'odd': this is a resource of the role 'weather'"):
        context.resource(Dictionary)
    with pytest.raises(UsageError, match=r"^there is no 'nothing' among the resources"):
        make_context({**FAST, "resources.dictionary": "nothing"}).resource(Dictionary)


def test_sides_have_no_labels_and_find_other_resources(make_context):
    context = with_part(make_context({**FAST, "resources.dictionary": "few"}), "resources", "few", Few())
    sides = context.sides(SOURCE, TARGET)
    assert not sides.source.labelled and not sides.target.labelled and sides.languages == ("en", "xx")
    assert isinstance(sides.resource(Dictionary), Few) and sides.workbench is context.workbench


def rewritten(context, *said, key="1", tags=True):
    def rewrite(note):
        for line in said:
            note(line)
        for tokens, old in SOURCE:
            yield Sentence([token.upper() for token in tokens], old if tags else None)

    return context.rewritten(SOURCE, "louder", {"stage": "louder", "key": key}, rewrite, "loud")


def test_a_corpus_that_a_method_writes_is_a_stage_with_notes(make_context):
    context = make_context(FAST)
    made = rewritten(context, "85 % of it", "and more")
    assert [s.tokens for s in made] == [[t.upper() for t in s.tokens] for s in SOURCE] and made.labelled
    (stage,) = context.stages
    assert (made.name, stage.title, stage.notes) == ("tiny (loud)", "louder", ("85 % of it", "and more"))
    again = make_context(FAST)
    assert rewritten(again, "otherwise").fingerprint == made.fingerprint  # done before, with its notes
    assert again.stages[0].notes == stage.notes
    assert rewritten(again, key="2").fingerprint != made.fingerprint and again.stages[1].notes == ()


def test_it_keeps_to_the_labels(make_context):
    with pytest.raises(XnerError, match=r"^the method 'loud' took the tags of tiny en/train; it must not"):
        rewritten(make_context(FAST), tags=False)
