import json

import pytest

from xner.cli.console import print_json, style, table, terminal


def test_json_is_neither_wrapped_nor_escaped(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "20")
    value = {"text": "[/bold] :smile: Café " + "word " * 40, "tab": "a\tb"}
    print_json(value)
    out = capsys.readouterr().out
    assert json.loads(out) == value
    assert "Café" in out
    assert out.count("\n") == 4


@pytest.mark.parametrize(("words", "shown"), [(None, "a    b"), (1, "a     b"), (0, "  a   b")])
def test_numbers_stand_to_the_right_and_nothing_is_markup(words, shown, capsys):
    rows = table(("a", "b"), words)
    rows.add_row("[x]", "12")
    terminal().print(rows)
    assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [shown, "[x]  12"]


def test_types_have_colours_of_their_own_as_long_as_there_are_some():
    types = [f"T{number}" for number in range(20)]
    assert len({style(kind, types) for kind in types[:6]}) == 6
    assert style("T6", types) == style("T0", types)
