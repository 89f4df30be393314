"""FreeDict's form on files written here, and on Debian's where they are installed."""

import gzip
from pathlib import Path

import pytest

from xner.base import Lexicon
from xner.errors import DataError
from xner.testing import DictionaryContract
from xner_resources.freedict import FreeDict, entry_pairs

DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
ENTRIES = {
    "00databaseinfo": "FreeDict\nA note, with words\n",
    "city": 'city /sˈɪti/\nStadt <fem>, Großstadt <fem>\n      "city of Prague"  - die Stadt Prag\n see: {cities}\n',
    "Monday": "Monday /mˈʌndeɪ/ (Mon /mˈɒn/)\nMontag <masc>Mo,  /mˈəʊ/\n",
}
INSTALLED = {"deu": 90_000, "hrv": 25_000, "por": 13_000, "ara": 40_000}
"""Words that Debian's dictionaries have at least."""


def number(value):
    digits = DIGITS[value % 64]
    while value := value // 64:
        digits = DIGITS[value % 64] + digits
    return digits


def write(folder, entries=ENTRIES, name="freedict-eng-deu"):
    text, lines = b"", []
    for word, entry in entries.items():
        lines.append(f"{word}\t{number(len(text))}\t{number(len(entry.encode()))}\n")
        text += entry.encode()
    (folder / f"{name}.dict.dz").write_bytes(gzip.compress(text))
    (folder / f"{name}.index").write_text("".join([*lines, lines[-1]]), encoding="utf-8")  # two forms of one entry
    return {"path": str(folder)}


class TestFreeDict(DictionaryContract):
    component = "freedict"
    languages = "en", "de"

    @pytest.fixture
    def settings(self, tmp_path):
        return write(tmp_path)


def test_its_files_are_read(tmp_path, between):
    made = FreeDict(FreeDict.Config(**write(tmp_path)))
    expected = [("city", "Stadt"), ("city", "Großstadt"), ("Monday", "Montag"), ("Monday", "Mo")]
    assert list(made.pairs(between("en", "de"))) == expected  # each once, and nothing of the file about itself


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("go /gou/\n1. gå\n2. fara, åka\n", ["gå", "fara", "åka"]),
        (
            "run /r/\n [Am.] Laufmasche <fem>, Fallmasche <fem> [textil.]\n   Synonym: {ladder}\n",
            ["Laufmasche", "Fallmasche"],
        ),
        ("run /r/ <v>\nlaufen <v, intr>\n         Note: weit\n", ["laufen"]),
        ("go /g/ <V>\n1. समाना[<जाना]\n2. रखा~जाना\n3. हो_जाना{स्थिति}\n", ["समाना", "रखा जाना", "हो जाना"]),
        ("x /x/\na (b (c) d) e; f, 12, –\n", ["a e", "f"]),
        ("bare\nword\n", ["word"]),
    ],
)
def test_an_entry(entry, expected):
    pairs = list(entry_pairs(entry))
    assert [translation for _, translation in pairs] == expected
    assert {word for word, _ in pairs} == {entry.split()[0]}


def test_what_is_not_installed_is_one_line_that_says_what_to_do(tmp_path, between):
    made = FreeDict(FreeDict.Config(**write(tmp_path)))
    with pytest.raises(DataError, match=r"eng-hrv\.dict\.dz: there is no such .*apt-get install dict-freedict-eng-hrv"):
        made.identity(between("en", "hr"))
    with pytest.raises(DataError, match=r"Here are: eng-deu$"):
        list(made.pairs(between("en", "hr")))
    with pytest.raises(DataError, match=r"^freedict: en or a_language_that_is_none is no code of a language"):
        made.identity(between("en", "a_language_that_is_none"))


def test_damaged_files_are_told_with_their_place(tmp_path, between):
    made = FreeDict(FreeDict.Config(**write(tmp_path)))
    (tmp_path / "freedict-eng-deu.index").write_text("city\tA\tB\nodd line\n")
    with pytest.raises(DataError, match=r"eng-deu\.index:2: expected a word, a place and a size"):
        list(made.pairs(between("en", "de")))
    (tmp_path / "freedict-eng-deu.index").write_text("city\t!\tB\n")
    with pytest.raises(DataError, match=r"eng-deu\.index:1: "):
        list(made.pairs(between("en", "de")))
    (tmp_path / "freedict-eng-deu.dict.dz").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"eng-deu\.dict\.dz: is not what dictzip writes"):
        list(made.pairs(between("en", "de")))


def test_another_file_has_another_identity(tmp_path, between):
    made = FreeDict(FreeDict.Config(**write(tmp_path)))
    one = made.identity(between("en", "de"))
    write(tmp_path, {"sea": "sea /s/\nMeer\n"})
    assert made.identity(between("en", "de")) != one


@pytest.mark.parametrize("language", INSTALLED)
def test_debians_dictionaries(language, between):
    folder, name = Path(FreeDict().config.path), f"freedict-eng-{language}"
    if not (folder / f"{name}.index").is_file():
        pytest.skip(f"needs Debian's dict-{name}")
    code = {"deu": "de", "hrv": "hr", "por": "pt", "ara": "ar"}[language]
    senses = Lexicon.of(FreeDict().pairs(between("en", code))).senses
    house = {"deu": "Haus", "hrv": "kuća", "por": "casa", "ara": "المنزل"}[language]
    assert len(senses) > INSTALLED[language] and house in senses["house"]
