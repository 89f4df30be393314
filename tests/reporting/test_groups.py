import pytest

from xner.reporting.own.groups import Groups
from xner.reporting.own.scripts import script_of
from xner.scoring.scores import count

ROWS = [
    ("Ada saw Rome", "B-PER O B-LOC", "B-PER O B-PER"),
    ("Ada the firm and Omar in Bern today", "B-ORG O O O B-PER O B-LOC O", "B-PER O O O B-PER O O O"),
    ("Москва 北京", "B-LOC B-LOC", "B-LOC O"),
]


def tables(view, **settings):
    return {
        table.heads[0]: {row[0]: row[1:] for row in table.rows}
        for table in Groups(Groups.Config(**settings)).look(view)
    }


def test_by_length_the_scores_are_those_of_the_sentences_alone(made):
    found = tables(made(*ROWS), lengths=(2, 5))["sentence"]
    assert list(found) == ["1–2 words", "3–5 words", "over 5 words"]
    for name, rows in (("1–2 words", ROWS[2:]), ("3–5 words", ROWS[:1]), ("over 5 words", ROWS[1:2])):
        sums = count([gold.split() for _, gold, _ in rows], [said.split() for *_, said in rows], "x").by_sentence.sum(0)
        right, predicted, gold = map(int, sums)
        rates = right / predicted, right / gold, 2 * right / (predicted + gold)
        assert found[name] == (*(round(100 * rate, 2) for rate in rates), gold, predicted)


def test_a_length_at_a_bound_belongs_to_the_shorter_ones(made):
    assert list(tables(made(("a b Rome", "O O B-LOC", "O O O")), lengths=(3,))["sentence"]) == ["1–3 words"]


def test_by_what_was_seen(made):
    found = tables(made(*ROWS))["entity"]
    assert found["seen with this type"] == (50.0, 100.0, 66.67, 1, 2)  # Ada as PER: right once, and once it is a firm
    assert found["seen with another type"] == (None, 0.0, 0.0, 1, 0)  # Ada as ORG
    assert found["unseen"] == (66.67, 40.0, 50.0, 5, 3)


def test_all_entities_are_in_one_group_of_each(made):
    for table in tables(made(*ROWS)).values():
        assert (sum(row[3] for row in table.values()), sum(row[4] for row in table.values())) == (7, 5)


def test_by_script_the_most_frequent_first(made):
    found = tables(made(*ROWS))["script"]
    assert {name: row[3] for name, row in found.items()} == {"Latin": 5, "Cyrillic": 1, "Han": 1}
    assert next(iter(found)) == "Latin"


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Rome 2", "Latin"),
        ("北京市", "Han"),
        ("東京タワー", "Han"),
        ("ひらがな", "Hiragana"),
        ("한국 x", "Hangul"),
        ("محمد", "Arabic"),
        ("12 !", "no letters"),
        ("𐌰𐌱 a", "another script"),
        ("aб", "Latin"),
        ("é́", "Latin"),
    ],
)
def test_the_script_of_most_letters(text, script):
    assert script_of(text) == script
