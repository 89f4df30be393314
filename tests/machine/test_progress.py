import io

import pytest
from rich.console import Console

from xner.machine import progress
from xner.machine.progress import Progress


@pytest.fixture
def clock(monkeypatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr(progress.time, "monotonic", lambda: Clock.now)
    return Clock


def plain():
    return Progress(Console(file=io.StringIO(), width=40, highlight=False))


def lines(shown):
    return shown.console.file.getvalue().splitlines()


def test_plain_lines_on_a_pipe(clock):
    shown = plain()
    with shown.stage("teacher recognizer on en"):
        shown.loss(0.123456)
        clock.now += 5
        shown.advance(0.25, 1000)  # too soon after the last line
        clock.now += 20
        shown.advance(0.5, 5000)
        clock.now += 1
        shown.advance(0.6, 6000)
        clock.now += 4
    assert lines(shown) == [
        "teacher recognizer on en ...",
        "teacher recognizer on en: 50%, 200 words/s, loss 0.1235, 25 s left",
        "teacher recognizer on en: done in 30 s, loss 0.1235",
    ]


def test_what_an_earlier_start_has_done_takes_no_time(clock):
    shown = plain()
    with shown.stage("one"):
        shown.go_on(0.5, 5000)
        clock.now += 30
        shown.advance(0.75, 8000)
    with shown.stage("two"):
        clock.now += 30
        shown.advance(0.75, 3000)
    assert [line for line in lines(shown) if "%" in line] == [
        "one: 75%, 100 words/s, 30 s left",
        "two: 75%, 100 words/s, 10 s left",
    ]


def test_the_loss_is_the_stages_own(clock):
    shown = plain()
    with shown.stage("one"):
        shown.loss(1.0)
    with shown.stage("two"):
        pass
    assert lines(shown)[-1] == "two: done in 0 s"


def test_no_words_and_no_share_are_no_error(clock):
    shown = plain()
    with shown.stage("one"):
        clock.now += 30
        shown.advance(0.0, 0)
    assert "one: 0%, 0 words/s" in lines(shown)[1]


def test_a_stage_that_fails_is_not_done():
    shown = plain()
    with pytest.raises(ValueError, match="no"), shown.stage("one"):
        raise ValueError("no")
    assert lines(shown) == ["one ..."]


def test_lines_are_neither_cut_nor_read_as_markup():
    shown = plain()
    text = "data [/bold] [red]x[/] :smile: " + "long " * 20
    shown.say(text)
    assert shown.console.file.getvalue() == text + "\n"


def test_everything_goes_to_stderr(capsys):
    with Progress().stage("one"):
        pass
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == ["one ...", "one: done in 0 s"]


def test_quiet_prints_nothing(capsys):
    shown = Progress(quiet=True)
    shown.say("line")
    with shown.stage("one"):
        shown.loss(1.0)
        shown.advance(0.5, 10)
    assert capsys.readouterr() == ("", "")


def test_a_live_line_on_a_terminal(clock):
    shown = Progress(Console(file=io.StringIO(), width=200, force_terminal=True, highlight=False))
    with shown.stage("one [/x]"):
        shown.loss(0.5)
        clock.now += 2
        shown.advance(0.5, 100)
        assert shown._bar.tasks[0].completed == 0.5
        assert shown._bar.tasks[0].fields["note"] == "50 words/s, loss 0.5000"
    assert shown._bar is None
    assert shown.console.file.getvalue().endswith("one [/x]: done in 2 s, loss 0.5000\n")
    assert " ...\n" not in shown.console.file.getvalue()


def test_the_live_line_is_taken_away_after_a_failure():
    shown = Progress(Console(file=io.StringIO(), force_terminal=True))
    with pytest.raises(ValueError, match="no"), shown.stage("one"):
        raise ValueError("no")
    assert shown._bar is None


def test_a_line_that_is_said_once():
    shown = plain()
    for line in ("a", "b", "a"):
        shown.say_once(line)
    shown.say("a")
    assert lines(shown) == ["a", "b", "a"]


def test_a_command_says_at_which_of_its_stages_it_is_and_how_long_all_of_them_may_take(clock):
    shown = plain()
    shown.expect(["teacher a", "teacher b"])
    shown.expect(["another"])  # of a part of the whole
    with shown.stage("not expected"):
        clock.now += 30
        shown.advance(0.5, 30)
    for name in ("teacher a", "teacher b"):
        with shown.stage(name):
            clock.now += 100
            shown.advance(0.5, 1000)
            clock.now += 100
    assert lines(shown) == [
        "not expected ...",
        "not expected: 50%, 1 words/s, 30 s left",
        "not expected: done in 30 s",
        "stage 1 of 2: teacher a ...",
        "teacher a: 50%, 10 words/s, 100 s left; stage 1 of 2, about 5 min left in all",
        "teacher a: done in 200 s",
        "stage 2 of 2, about 3 min left in all: teacher b ...",
        "teacher b: 50%, 10 words/s, 100 s left; stage 2 of 2, about 2 min left in all",
        "teacher b: done in 200 s",
    ]
    shown.expect(["scoring"])  # all that were expected are over
    with shown.stage("scoring"):
        pass
    assert lines(shown)[-2] == "stage 1 of 1: scoring ..."


def test_the_live_line_says_so_too(clock):
    shown = Progress(Console(file=io.StringIO(), width=200, force_terminal=True, highlight=False))
    shown.expect(["teacher a", "teacher b"])
    with shown.stage("teacher a"):
        assert shown._bar.tasks[0].fields["note"] == "stage 1 of 2"
        clock.now += 2
        shown.advance(0.5, 100)
        assert shown._bar.tasks[0].fields["note"] == "50 words/s; stage 1 of 2, about 6 s left in all"
