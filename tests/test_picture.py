import shlex
import sys
from subprocess import CalledProcessError
from xml.etree import ElementTree

import pytest

from tools.picture import picture


def python(code):
    return shlex.join([sys.executable, "-c", code])


def test_the_picture_has_commands_and_what_they_print_but_not_their_progress():
    first, second = python("import sys; print('[b]85.39'); print('busy', file=sys.stderr)"), python("print(6 * 7)")
    lines = "".join(ElementTree.fromstring(picture([first, second])).itertext()).splitlines()
    assert lines.index("[b]85.39") < lines.index("42")
    assert "busy" not in lines


def test_there_is_no_picture_of_a_command_that_failed():
    with pytest.raises(CalledProcessError):
        picture([python("raise SystemExit(3)")])
