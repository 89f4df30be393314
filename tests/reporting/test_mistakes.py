from xner.reporting.own.mistakes import Mistakes

ROWS = [
    ("Ada saw Rome", "B-PER O B-LOC", "B-PER O B-ORG"),
    ("Oslo", "B-LOC", "B-LOC"),
    ("Lima", "B-LOC", "O"),
]


def test_only_sentences_with_a_mistake_are_shown_with_what_is_wrong(made):
    (part,) = Mistakes().look(made(*ROWS))
    assert [one.tokens for one in part.sentences] == [("Ada", "saw", "Rome"), ("Lima",)]
    assert [one.groups for one in part.sentences] == [("wrong type", "LOC", "ORG"), ("missed", "LOC")]
    assert part.sentences[0].sides == {"gold": ("B-PER", "O", "B-LOC"), "predicted": ("B-PER", "O", "B-ORG")}
    assert set(part.groups) >= {group for one in part.sentences for group in one.groups}


def test_all_are_counted_and_the_first_shown(made):
    (part,) = Mistakes(Mistakes.Config(sentences=1)).look(made(*ROWS))
    assert len(part.sentences) == 1 and part.caption.startswith("1 of 2 sentences in which")


def test_where_all_is_right_there_is_nothing(made):
    assert not Mistakes().look(made(ROWS[1]))
