"""The generated corpus: well-formed, reproducible, split cleanly, and not trivially easy."""

import subprocess
import sys
from collections import Counter, defaultdict
from itertools import combinations

import pytest

from xner.corpora.corpus import Corpus
from xner.corpora.labels import spans, to_iob2
from xner.errors import DataError
from xner.testing import CorpusReaderContract
from xner_demo.corpus import LANGUAGES, NOTE, SPLITS, Demo


class TestDemo(CorpusReaderContract):
    component = "demo"


TYPES = {"PER", "LOC", "ORG", "MISC"}


def _corpora(demo: Demo) -> dict[str, dict[str, Corpus]]:
    return {language: {split: demo.load(language, split) for split in SPLITS} for language in LANGUAGES}


@pytest.fixture(scope="module")
def corpora() -> dict[str, dict[str, Corpus]]:
    """Every language and split, at half of the usual size."""
    return _corpora(Demo(Demo.Config(train_sentences=1000, dev_sentences=200, test_sentences=300)))


def _entities(corpus: Corpus) -> Counter[tuple[str, str]]:
    return Counter(
        (" ".join(sentence.tokens[span.start : span.end]).lower(), span.type)
        for sentence in corpus
        for span in spans(sentence.tags or [])
    )


def _texts(corpus: Corpus) -> list[str]:
    return [" ".join(sentence.tokens) for sentence in corpus]


def test_all_languages_and_splits_are_offered() -> None:
    assert Demo().splits() == dict.fromkeys(LANGUAGES, ("train", "dev", "test"))
    assert set(LANGUAGES) == {"en", "de", "es", "nl", "fr", "pt", "ar", "hi", "zh", "sw", "yo"}


def test_sizes_follow_the_settings() -> None:
    demo = Demo(Demo.Config(train_sentences=30, dev_sentences=20, test_sentences=10))
    assert [len(demo.load("nl", split)) for split in SPLITS] == [30, 20, 10]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_well_formed(corpora: dict[str, dict[str, Corpus]], language: str) -> None:
    for corpus in corpora[language].values():
        for tokens, tags in corpus:
            assert tags is not None and len(tokens) == len(tags)
            assert to_iob2(tags) == tags
            assert all(token and token.split() == [token] for token in tokens)
            assert not set("{}|<>~") & set("".join(tokens)), tokens


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_type_occurs_and_some_sentences_have_no_entity(
    corpora: dict[str, dict[str, Corpus]], language: str
) -> None:
    for corpus in corpora[language].values():
        assert set(corpus.entities) == TYPES
        assert min(corpus.entities.values()) > 0.05 * corpus.entities.total()
        empty = sum(set(sentence.tags or []) == {"O"} for sentence in corpus)
        assert 0.12 < empty / len(corpus) < 0.35


@pytest.mark.parametrize("language", LANGUAGES)
def test_splits_are_disjoint_and_hardly_repeat(corpora: dict[str, dict[str, Corpus]], language: str) -> None:
    texts = {split: _texts(corpus) for split, corpus in corpora[language].items()}
    for first, second in combinations(SPLITS, 2):
        assert not set(texts[first]) & set(texts[second])
    assert all(len(set(text)) > 0.98 * len(text) for text in texts.values())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_third_of_the_test_entities_is_unseen(corpora: dict[str, dict[str, Corpus]], language: str) -> None:
    seen, test = _entities(corpora[language]["train"]), _entities(corpora[language]["test"])
    unseen = {entity: count for entity, count in test.items() if entity not in seen}
    assert sum(unseen.values()) >= test.total() / 3
    assert {kind for _, kind in unseen} == TYPES


@pytest.mark.parametrize("language", LANGUAGES)
def test_forms_are_ambiguous(corpora: dict[str, dict[str, Corpus]], language: str) -> None:
    types = defaultdict[str, set[str]](set)
    for form, kind in _entities(corpora[language]["train"]):
        types[form].add(kind)
    pairs = {pair for kinds in types.values() for pair in combinations(sorted(kinds), 2)}
    assert {("LOC", "ORG"), ("ORG", "PER")} <= pairs


def test_names_reach_into_the_target_language_text() -> None:
    german = Demo().load("de", "train")
    words = Counter(token for sentence in german for token in sentence.tokens)
    nouns = {"Bahnhof", "Lehrer", "Freitag"}
    assert nouns <= set(words)
    tagged = {
        token
        for sentence in german
        for token, tag in zip(sentence.tokens, sentence.tags or [], strict=True)
        if tag != "O"
    }
    assert not nouns & tagged


def test_endings_and_prefixes_belong_to_the_name(corpora: dict[str, dict[str, Corpus]]) -> None:
    german, arabic = (
        {entity for corpus in corpora[language].values() for entity in _entities(corpus)} for language in ("de", "ar")
    )
    assert any(form.endswith("s") and (form[:-1], kind) in german for form, kind in german)
    assert any(form.startswith("ب") and (form[1:], kind) in arabic for form, kind in arabic)
    assert not any(form.startswith("لال") for form, _ in arabic)


def test_chinese_is_split_into_words(corpora: dict[str, dict[str, Corpus]]) -> None:
    words = [token for sentence in corpora["zh"]["train"] for token in sentence.tokens]
    assert max(map(len, words)) < 8
    assert 1.3 < sum(map(len, words)) / len(words) < 2.2


def test_the_text_depends_on_nothing_but_the_settings() -> None:
    here = [token for sentence in Demo().load("de", "dev") for token in sentence.tokens]
    code = f"import sys; sys.path[:] = {sys.path!r}\n" + (
        "from xner_demo.sentences import Writer, read_grammar\n"
        "sentences = Writer(read_grammar('de'), 'de', 'dev', 0).write(400)\n"
        "sys.stdout.buffer.write(' '.join(token for sentence in sentences for token in sentence.tokens).encode())"
    )
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env={"PYTHONHASHSEED": "7"})
    assert there.stdout.decode().split() == here


def test_the_seed_changes_the_text() -> None:
    first, second = (Demo(Demo.Config(seed=seed, train_sentences=50)).load("sw", "train") for seed in (0, 1))
    assert len(set(_texts(first)) & set(_texts(second))) < 5
    longer = Demo(Demo.Config(train_sentences=60)).load("sw", "train")
    assert _texts(longer)[:50] == _texts(first)


def test_more_sentences_than_are_easy_to_find() -> None:
    assert len(Demo(Demo.Config(dev_sentences=1500)).load("ar", "dev")) == 1500


@pytest.mark.parametrize(
    ("language", "split", "message"),
    [
        ("xx", "train", r"demo: there is no language 'xx'; it has en, de, es, nl, fr, pt, ar, hi, zh, sw, yo\."),
        ("de", "tset", r"demo: there is no split 'tset'; it has train, dev, test\. Did you mean 'test'\?"),
        ("../de", "test", "there is no language"),
    ],
)
def test_unknown_names_are_one_line_errors(language: str, split: str, message: str) -> None:
    with pytest.raises(DataError, match=message) as caught:
        Demo().load(language, split)
    assert "\n" not in str(caught.value)


def test_the_note_says_that_the_corpus_is_generated_and_where_to_go_on() -> None:
    assert "generated" in NOTE and "--dataset" in NOTE and "\n" not in NOTE
