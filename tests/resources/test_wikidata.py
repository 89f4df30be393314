import bz2
import gzip
import json

import pytest

from xner.errors import DataError
from xner.resources.wikidata import WikidataNames


def entity(number, label="", above=(), of=(), links=0, aliases=()):
    def claims(ids):
        return [{"rank": "normal", "mainsnak": {"datavalue": {"value": {"id": one}}}} for one in ids]

    return {
        "id": number,
        "labels": {"en": {"language": "en", "value": label}, "de": {"value": f"{label}-de"}} if label else [],
        "aliases": {"en": [{"value": each} for each in aliases]} if aliases else [],
        "claims": {"P279": claims(above), "P31": claims(of)} if above or of else [],
        "sitelinks": {f"wiki{n}": {} for n in range(links)} if links else [],
    }


DEPRECATED = entity("Q13", "Old", links=5)
DEPRECATED["claims"] = {
    "P31": [
        {"rank": "deprecated", "mainsnak": {"datavalue": {"value": {"id": "Q5"}}}},
        {"rank": "normal", "mainsnak": {"snaktype": "somevalue"}},
    ]
}
ENTITIES = [
    entity("Q10", "Ann  Lee", of=["Q5"], links=10, aliases=["Annie", "Ann Lee"]),
    entity("Q11", "Rome", of=["Q102"], links=30),
    entity("Q102", "capital", above=["Q101"]),
    entity("Q101", "city", above=["Q2221906", "Q102"]),  # a circle
    entity("Q12", "Acme", of=["Q103"], links=1),
    entity("Q103", "firm", above=["Q43229", "Q2221906"]),
    entity("Q14", "Nobody", of=["Q5"]),
    entity("Q15", "idea", of=["Q999"], links=9),
    DEPRECATED,
]
TEXT = "[\n" + ",\n".join(map(json.dumps, ENTITIES)) + "\n]\n"


@pytest.fixture
def dump(tmp_path):
    (tmp_path / "dump.json").write_text(TEXT, encoding="utf-8")
    return tmp_path / "dump.json"


EXPECTED = [
    ("Ann Lee", "PER", 0.5),
    ("Annie", "PER", 0.5),
    ("Rome", "LOC", 0.75),
    ("Acme", "LOC", 1 / 11),
    ("Acme", "ORG", 1 / 11),
]


def test_names_of_entities_whose_class_or_one_above_it_has_a_type(dump):
    made = WikidataNames(dump, ["en"])
    assert list(made.names()) == EXPECTED
    assert made.counts == {"read": 9, "PER": 1, "LOC": 2, "ORG": 1}


def test_compressed_dumps(tmp_path):
    (tmp_path / "d.json.gz").write_bytes(gzip.compress(TEXT.encode()))
    (tmp_path / "d.json.bz2").write_bytes(bz2.compress(TEXT.encode()))
    for name in ("d.json.gz", "d.json.bz2"):
        assert list(WikidataNames(tmp_path / name, ["en"]).names()) == EXPECTED


def test_languages_types_and_rare_entities(dump):
    found = list(WikidataNames(dump, ["de", "en"], {"Q5": "HUMAN"}, least=0).names())
    assert [name[:2] for name in found] == [
        *(("Ann Lee-de", "HUMAN"), ("Ann Lee", "HUMAN"), ("Annie", "HUMAN")),
        *(("Nobody-de", "HUMAN"), ("Nobody", "HUMAN")),
    ]


def test_what_is_no_dump_is_told(tmp_path, dump):
    with pytest.raises(DataError, match=r"nothing\.json: no such file; Wikidata's JSON dumps are at"):
        list(WikidataNames(tmp_path / "nothing.json", ["en"]).names())
    dump.write_text(TEXT.replace('{"id": "Q11"', "{oh", 1))
    with pytest.raises(DataError, match=r"dump\.json:3: expected an entity of Wikidata in JSON: '\{oh"):
        list(WikidataNames(dump, ["en"]).names())
    (tmp_path / "cut.json.gz").write_bytes(gzip.compress(TEXT.encode())[:-20])
    with pytest.raises(DataError, match=r"cut\.json\.gz: cannot be read to its end"):
        list(WikidataNames(tmp_path / "cut.json.gz", ["en"]).names())


def test_the_command(xner, dump, tmp_path):
    code, out, err = xner("resource", "wikidata", str(dump), str(tmp_path / "names.tsv"))
    assert (code, err) == (0, "") and out.endswith("names.tsv: 5 rows of 9 entities (LOC 2, ORG 1, PER 1)\n")
    assert (tmp_path / "names.tsv").read_text(encoding="utf-8").splitlines()[2] == "Rome\tLOC\t0.75"
    code, _, err = xner("resource", "wikidata", str(dump), str(tmp_path / "other.tsv"), "--type", "Q5")
    assert code == 2 and err.startswith("xner: --type Q5: expected a class and its type")
    dump.write_text("oh\n")
    assert xner("resource", "wikidata", str(dump), str(tmp_path / "other.tsv"))[0] == 1
    assert not (tmp_path / "other.tsv").exists()
