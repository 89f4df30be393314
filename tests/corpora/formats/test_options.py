import pytest

from xner.corpora.corpus import Sentence
from xner.corpora.formats.options import ReadOptions
from xner.errors import UsageError
from xner.plugin.component import check


def test_an_encoding_that_does_not_exist_is_a_setting_that_does_not_fit():
    with pytest.raises(UsageError) as caught:
        check(ReadOptions, {"encoding": "klingon"}, "corpora.folder.")
    assert str(caught.value) == (
        "corpora.folder.encoding = 'klingon': unknown encoding: klingon; "
        "expected one that Python knows, such as utf-8 or latin-1"
    )


def test_encoding(parse):
    assert parse(b"M\xfcller\tB-PER\n", encoding="latin-1") == [Sentence(["Müller"], ["B-PER"])]
