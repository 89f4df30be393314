"""Column files as they are published: where words and tags are is recognised, and said."""

import pytest

from xner.corpora.corpus import Sentence

GERMEVAL = """#\thttp://de.wikipedia.org/wiki/Manfred_Korfmann [2009-10-17]
1\tAufgrund\tO\tO
2\tUniv.\tB-ORG\tO
3\tTübingen\tI-ORG\tB-LOC

#\thttp://de.wikipedia.org/wiki/1951 [2010-02-01]
1\t1951\tO\tO
2\tin\tO\tO
3\tBonn\tB-LOC\tO
"""
GERMAN = [
    Sentence(["Aufgrund", "Univ.", "Tübingen"], ["O", "B-ORG", "I-ORG"]),
    Sentence(["1951", "in", "Bonn"], ["O", "O", "B-LOC"]),
]
UNER = """# newdoc id = n01001
# sent_id = n01001011
# text = Ann Lee ran.
1\tAnn\tB-PER\t-\tann
2-3\tLee\tI-PER\t-\tann
4\tran\tO\t-\tann

# sent_id = n01001013
# text = Rome
1\tRome\tB-LOC\t-\tann
"""
TWO = [Sentence(["Ann", "Lee", "ran"], ["B-PER", "I-PER", "O"]), Sentence(["Rome"], ["B-LOC"])]
CONLL2003 = """-DOCSTART- -X- -X- O

Ann NNP I-NP I-PER
Lee NNP I-NP I-PER
ran VBD I-VP O

Rome NNP I-NP I-LOC
"""
CONLL2003_GERMAN = """-DOCSTART- -DOCSTART- -X- -X- O

Ann Ann NE I-NC I-PER
Lee Lee NE I-NC I-PER
ran rennen VVFIN I-VC O

Rome Rome NE I-NC I-LOC
"""
MULTICONER = """
# id 5239d808-f300-46ea-aa3b-5093040213a3\tdomain=en
Ann _ _ B-PER
Lee _ _ I-PER
ran _ _ O

# id f6b3be5c-bbbf-4f37-8c7d-2e2ff5ac7e5b domain=en

Rome _ _ B-LOC

"""


@pytest.mark.parametrize(
    ("name", "content", "sentences", "layout"),
    [
        ("NER-de-train.tsv", GERMEVAL, GERMAN, "columns: 2 words, 3 tags"),
        ("en_ewt-ud-dev.iob2", UNER, TWO, "columns: 2 words, 3 tags"),
        ("eng.testa", CONLL2003, TWO, "columns: 1 words, 4 tags"),
        ("train.txt", CONLL2003, TWO, "columns: 1 words, 4 tags"),
        ("deu.testa", CONLL2003_GERMAN, TWO, "columns: 1 words, 5 tags"),
        ("en_dev.conll", MULTICONER, TWO, "columns: 1 words, 4 tags"),
        ("x.conll", "B-PER Ann\nI-PER Lee\nO ran\n\nB-LOC Rome\n", TWO, "columns: 2 words, 1 tags"),
        ("x.conll", "Ann\tB-PER\tx\nLee\tI-PER\ty\nran\tO\tz\n\nRome\tB-LOC\tx\n", TWO, "columns: 1 words, 2 tags"),
        ("x.conll", "0 Ann B-PER\n1 Lee I-PER\n2 ran O\n\n0 Rome B-LOC\n", TWO, "columns: 2 words, 3 tags"),
        ("x.conll", "Ann\tB-PER\tO\nLee\tI-PER\tO\nran\tO\tO\n\nRome\tB-LOC\tO\n", TWO, "columns: 1 words, 2 tags"),
        ("x.conll", "Ann x B-PER\nLee I-PER\nran O\n\nRome B-LOC\n", TWO, "columns: 1 words, 3 tags"),
        ("x.conll", "Ann\tB-PER\nLee\tI-PER\nran\tO\n\nRome\tB-LOC\n", TWO, ""),
    ],
)
def test_layouts_of_published_files(told, name, content, sentences, layout):
    found = told(content, name)
    assert found[:2] == (sentences, layout)


def test_a_second_layer_of_entities_is_named(told):
    said = "x.tsv:2: column 4 has tags, too, which are not read; corpora.folder.tag_column=3 reads them"
    assert told(GERMEVAL, "x.tsv").notes == [said]
    assert told(GERMEVAL, "x.tsv", tag_column=3).sentences[0].tags == ["O", "O", "B-LOC"]
    assert told(CONLL2003).notes == []  # phrases are no entities


def test_a_mistake_among_entities_does_not_make_phrases_of_them(refused):
    content = CONLL2003 + CONLL2003.replace("I-LOC", "XLOC").partition("\n\n")[2] + CONLL2003.partition("\n\n")[2] * 9
    assert refused(content).startswith("x.conll:12: 'XLOC' is not a tag")


def test_layers_that_share_types_are_read_from_the_outer_one(told):
    content = "Univ NN B-ORG O\nRom NN I-ORG B-LOC\nRom NN B-LOC O\n"
    assert told(content).sentences == [Sentence(["Univ", "Rom", "Rom"], ["B-ORG", "I-ORG", "B-LOC"])]


def test_a_trailing_tab(told):
    sentences, layout, notes = told("Ann\tB-PER\t\nLee\tI-PER\t\nran\tO\t\n\nRome\tB-LOC\n")
    assert (sentences, layout) == (TWO, "")
    said = "x.conll:1: the line ends with a tab or an empty column, which is left out (3 of this kind)"
    assert notes == [said]
    assert told("Ann\t\nran\t\n").sentences == [Sentence(["Ann", "ran"])]


def test_a_header_is_no_word(told):
    for header in ("word\ttag", "Token\tNER"):
        sentences, _, notes = told(f"{header}\nAnn\tB-PER\nLee\tI-PER\nran\tO\n\nRome\tB-LOC\n", "x.tsv")
        assert sentences == TWO
        assert notes == ["x.tsv:1: the line names the columns, and is no word"]
    assert told("tag\tO\nAnn\tB-PER\n").sentences == [Sentence(["tag", "Ann"], ["O", "B-PER"])]


def test_what_is_not_recognised_shows_the_first_line_and_what_to_set(refused):
    assert refused("# a\nAnn\tNNP\tx\nran\tVBD\ty\n") == (
        "x.conll:2: none of the 3 columns has tags such as O and B-PER, the last is 'x'; set "
        "corpora.folder.token_column and corpora.folder.tag_column (-1: the last; none: no labels)"
        "; the line is 'Ann | NNP | x'"
    )
    assert refused("Ann\tB-PER\n", tag_column="ner") == (
        "x.conll: tag_column is 'ner', but a column file has no names; expected a number from 0 on"
    )


def test_labels_that_are_not_to_be_read(told):
    assert told("1\tAnn\tNNP\n2\tran\tVBD\n", tag_column="none") == (
        [Sentence(["Ann", "ran"])],
        "columns: 2 words, tags not read",
        [],
    )


def test_columns_that_are_set_are_not_looked_for(told):
    assert told("1\tAnn\tB-PER\tB-X\n", tag_column=-1).sentences == [Sentence(["Ann"], ["B-X"])]
    assert told("a b B-PER\n", token_column=1).sentences == [Sentence(["b"], ["B-PER"])]
    assert told("1 CD O\n2 CD O\n", token_column=0).sentences == [Sentence(["1", "2"], ["O", "O"])]


def test_numbers_that_count_no_words_are_words(told):
    assert told("1951 CD O\nin IN O\n").sentences[0].tokens == ["1951", "in"]
    assert told("1\tO\n2\tB-X\n").sentences[0].tokens == ["1", "2"]


def test_a_line_with_a_hash(told, refused):
    assert told("# x\nAnn _ B-PER\n# _ O\nran _ O\n").sentences[0].tokens == ["Ann", "#", "ran"]
    assert told("#\thttp://a.b\nAnn\tB-PER\nran\tO\n").sentences[0].tokens == ["Ann", "ran"]
    assert refused("Ann _ B-PER\n# what\n").startswith("x.conll:2: 2 columns, so there is no column 2")
    assert told("# id 1\nAnn\nran\n").sentences == [Sentence(["Ann", "ran"])]


def test_real_files_as_they_are_published(real_data, told):
    """The layouts of GermEval and Universal NER, made of the same sentences without them."""
    for name in ("germeval2014/de/dev", "uner/zh/test", "anercorp/ar/test", "turku/fi/dev", "uner_pud/de/test"):
        content = (real_data / f"{name}.conll").read_text(encoding="utf-8")
        plain = told(content)
        blocks = [block.split("\n") for block in content.strip("\n").split("\n\n")]
        for row in ("{}\t{}\tO", "{}\t{}\t-\tann"):
            numbered = ("\n".join(row.format(n, line) for n, line in enumerate(block, 1)) for block in blocks)
            found = told("\n\n".join(f"# text = x\n{block}" for block in numbered))
            assert found.sentences == plain.sentences
            assert (plain.layout, found.layout) == ("", "columns: 2 words, 3 tags")
        assert plain.notes == []
