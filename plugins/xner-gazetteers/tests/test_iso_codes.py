import json
import shutil
import struct

import pytest

from xner.errors import DataError
from xner.testing import GazetteerContract
from xner_gazetteers.iso_codes import ISOCodes


class TestISOCodes(GazetteerContract):
    component = "iso-codes"
    languages = "en", "de"


def catalogue(pairs):
    """Returns a file of gettext's binary form."""
    rows = [(b"", b"Content-Type: text/plain; charset=UTF-8\n"), *((a.encode(), b.encode()) for a, b in pairs.items())]
    rows.sort()
    place, text, tables = 28 + 16 * len(rows), b"", [[], []]
    for column in (0, 1):
        for row in rows:
            tables[column] += [len(row[column]), place + len(text)]
            text += row[column] + b"\0"
    head = [0x950412DE, 0, len(rows), 28, 28 + 8 * len(rows), 0, 0]
    return struct.pack(f"<{7 + 4 * len(rows)}I", *head, *tables[0], *tables[1]) + text


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "json").mkdir()
    countries = [
        {"name": "Germany", "official_name": "Federal Republic of Germany"},
        {"name": "Bolivia, Plurinational State of"},
    ]
    for kind, entries in (("3166-1", countries), ("3166-2", [{"name": "Hesse"}])):
        (tmp_path / "json" / f"iso_{kind}.json").write_text(json.dumps({kind: entries}))
    place = tmp_path / "locale" / "pt" / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "iso_3166-1.mo").write_bytes(catalogue({"Germany": "Alemanha"}))
    return tmp_path / "json"


def made(folder, **settings):
    return ISOCodes(ISOCodes.Config(path=str(folder), **settings))


def test_english_names_and_their_translations(folder, between):
    names = list(made(folder).names(between("en", "pt-br")))
    assert [name.surface for name in names] == [
        "Germany",
        "Federal Republic of Germany",
        "Alemanha",
        "Bolivia",
        "Hesse",
    ]
    assert names[0].prior > names[-1].prior
    assert "Hesse" not in [name.surface for name in made(folder, parts=False).names(between("en", "pt"))]
    assert "Alemanha" not in [name.surface for name in made(folder).names(between("en", "de"))]


def test_its_identity_follows_languages_and_translations(folder, between):
    english, portuguese = (made(folder).identity(between("en", code)) for code in ("de", "pt"))
    assert english != portuguese
    (folder.parent / "locale/pt/LC_MESSAGES/iso_3166-1.mo").write_bytes(catalogue({"Germany": "Alemania"}))
    assert made(folder).identity(between("en", "pt")) not in (english, portuguese)


def test_what_is_missing_or_damaged_is_told(folder, between):
    (folder.parent / "locale/pt/LC_MESSAGES/iso_3166-1.mo").write_bytes(b"nothing")
    with pytest.raises(DataError, match=r"iso_3166-1\.mo: cannot be read .*; install iso-codes or pycountry again"):
        list(made(folder).names(between("en", "pt")))
    shutil.rmtree(folder)
    with pytest.raises(DataError, match=r"iso_3166-1\.json: no such file; set resources\.iso-codes\.path"):
        made(folder).identity(between("en", "pt"))


def test_the_packages_data(between):
    surfaces = {name.surface for name in ISOCodes().names(between("en", "zh"))}
    assert {"Germany", "德国", "Bayern"} <= surfaces
