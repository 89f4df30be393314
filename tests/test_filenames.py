import pytest

from xner.filenames import escape, unfit

PATHS = ["", ".", "..", "../x", "x/..", "/etc/passwd", "a/b", "a\\b", "..\\x", "C:", "c:x", "a\x00b", "a\nb", "\x7f"]
DEVICES = ["con", "CON", "nul.txt", "Aux.tar.gz", "com1", "LPT9.x", "com¹", "prn ", "conout$"]
GOOD = ["de", "zh-Hans", "a.b", "..x", "x..", "con-x", "mtmt-en-con-s0", "console", "Ωμέγα", "a b", "tsl+x", ".x"]


@pytest.mark.parametrize("name", PATHS)
def test_what_leads_out_of_a_folder_is_refused_with_a_reason(name):
    assert escape(name) and unfit(name) == escape(name)


@pytest.mark.parametrize("name", DEVICES)
def test_a_device_of_windows_stays_in_its_folder_but_is_no_name_to_give(name):
    assert not escape(name)
    assert "is a device of Windows" in unfit(name)


@pytest.mark.parametrize("name", [name for name in GOOD if name != "x.."])
def test_any_other_name_will_do(name):
    assert (escape(name), unfit(name)) == ("", "")


def test_ends_that_windows_takes_off_and_names_that_are_too_long():
    assert "takes '.' off" in unfit("x..") and "takes ' ' off" in unfit("x ")
    assert unfit("ä" * 127) == "" and "it has 256 bytes" in unfit("ä" * 128)


def test_the_reason_names_what_is_wrong():
    assert escape("a/b") == "'/' makes it a path"
    assert escape("c:x") == "'c:' makes it a path"
    assert escape("a\x00b") == "it has '\\x00' in it"
