"""Each data set is read from a small copy of its repository's layout; nothing is downloaded."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Features, List, Value

from xner.corpora.hubsets import Conll2002, Conll2003, HubConfig, MasakhaNer, MasakhaNer2, UniversalNer, WikiAnn
from xner.errors import DataError
from xner.testing import CorpusReaderContract

PER_ORG_LOC = ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC"]
LAYOUTS = {
    WikiAnn: ("de", "de", PER_ORG_LOC, {"langs": List(Value("string")), "spans": List(Value("string"))}),
    Conll2002: (
        "nl",
        "nl",
        [*PER_ORG_LOC, "B-MISC", "I-MISC"],
        {"id": Value("string"), "pos_tags": List(Value("int64"))},
    ),
    Conll2003: ("en", "conll2003", [*PER_ORG_LOC, "B-MISC", "I-MISC"], {"id": Value("string")}),
    UniversalNer: ("pt", "pt_bosque", PER_ORG_LOC, {"idx": Value("string"), "text": Value("string")}),
    MasakhaNer: ("am", "amh", [*PER_ORG_LOC, "B-DATE", "I-DATE"], {"id": Value("string")}),
    MasakhaNer2: ("zu", "zul", [*PER_ORG_LOC, "B-DATE", "I-DATE"], {"id": Value("string")}),
}


def write(path, tags, names=PER_ORG_LOC, others=None):
    """Write a Parquet file as the hub's converter does: one sentence for each list of tags."""
    others = others or {}
    features = Features({"tokens": List(Value("string")), "ner_tags": List(ClassLabel(names=names)), **others})
    rows = {
        "tokens": [[f"w{number}" for number in range(len(sentence))] for sentence in tags],
        "ner_tags": [[names.index(tag) for tag in sentence] for sentence in tags],
        **{name: [[] if isinstance(kind, List) else "x"] * len(tags) for name, kind in others.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(rows, schema=features.arrow_schema), path)


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "cache"))


def local(kind, root):
    return kind(HubConfig(path=str(root)))


@pytest.mark.parametrize("kind", LAYOUTS, ids=lambda kind: kind.data.name)
@pytest.mark.parametrize("layout", ["{}/{}/0000.parquet", "{}/{}-00000-of-00001.parquet"])
def test_each_data_set(tmp_path, kind, layout):
    language, config, names, others = LAYOUTS[kind]
    for split in ("train", "validation", "test"):
        write(tmp_path / layout.format(config, split), [["B-PER", "I-PER", "O"], ["B-LOC"]], names, others)
    for split in ("train", "dev", "test"):
        corpus = local(kind, tmp_path).load(language, split)
        assert str(corpus) == f"{kind.data.name} {language}/{split}"
        assert [s.tags for s in corpus] == [["B-PER", "I-PER", "O"], ["B-LOC"]]
        assert [s.tokens for s in corpus] == [["w0", "w1", "w2"], ["w0"]]
    assert local(kind, tmp_path).splits()[language] == ("train", "dev", "test")


def test_the_files_of_one_split_and_no_other(tmp_path):
    write(tmp_path / "de/validation/0001.parquet", [["B-ORG"]])
    write(tmp_path / "de/validation/0000.parquet", [["B-PER"]])
    write(tmp_path / "de/test/0000.parquet", [["B-LOC"]])
    write(tmp_path / "en/validation/0000.parquet", [["B-LOC"]])
    assert [s.tags for s in local(WikiAnn, tmp_path).load("de", "dev")] == [["B-PER"], ["B-ORG"]]


def test_tags_become_iob2(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    write(tmp_path / "es/train/0000.parquet", [["I-PER", "I-PER", "B-PER"]])
    assert next(iter(local(Conll2002, "~").load("es", "train"))).tags == ["B-PER", "I-PER", "B-PER"]


def test_configurations_are_languages_too(tmp_path):
    write(tmp_path / "en_pud/test/0000.parquet", [["B-PER"]])
    source = local(UniversalNer, tmp_path)
    assert source.load("en_pud", "test").language == "en_pud"
    assert source.splits()["en_pud"] == source.splits()["de"] == ("test",)
    assert UniversalNer.data.configs["de"] == UniversalNer.data.configs["de_pud"] == "de_pud"


def test_universal_ner_from_clones_of_its_repositories(tmp_path):
    path = tmp_path / "UNER_English-EWT/en_ewt-ud-dev.iob2"
    path.parent.mkdir()
    path.write_text("# sent_id = 1\n# text = Ann ran\n1\tAnn\tB-PER\t-\tx\n2\tran\tO\t-\tx\n\t\n1\tRome\tB-LOC\t-\tx\n")
    sentences = list(local(UniversalNer, tmp_path).load("en", "dev"))
    assert [tuple(s) for s in sentences] == [(["Ann", "ran"], ["B-PER", "O"]), (["Rome"], ["B-LOC"])]


@pytest.mark.parametrize(
    ("kind", "language", "split", "said"),
    [
        (WikiAnn, "zh-yu", "test", "wikiann has no language 'zh-yu'. Did you mean 'zh-yue'? It has ace, af, "),
        (Conll2002, "de", "test", "conll2002 has no language 'de'."),
        (Conll2002, "de", "test", "It has es, nl"),
        (MasakhaNer, "zz", "test", "It has am, ha, ig, rw, lg, luo, pcm, sw, wo, yo, amh, hau"),
        (WikiAnn, "de", "testa", "wikiann de has no split 'testa'; it has train, dev, test"),
        (UniversalNer, "ru", "train", "uner ru has no split 'train'; it has test"),
        (WikiAnn, "de", "dev", "wikiann de/dev: no file "),
        (WikiAnn, "de", "dev", "de/validation/*.parquet"),
    ],
)
def test_what_is_not_there(tmp_path, kind, language, split, said):
    with pytest.raises(DataError) as caught:
        local(kind, tmp_path).load(language, split)
    assert said in str(caught.value)


def test_without_a_connection_the_message_says_what_to_do():
    with pytest.raises(DataError) as caught:
        WikiAnn().load("de", "train")
    message = str(caught.value)
    assert message.startswith(
        "wikiann: cannot get unimelb-nlp/wikiann at refs/convert/parquet from the Hugging Face hub"
    )
    assert "connect to the Internet, set HF_HOME to a cache that has it, or set `path`" in message
    assert "\n" not in message


def test_what_the_cache_has_is_read_without_a_connection(tmp_path):
    repository = tmp_path / "cache/datasets--eriktks--conll2003"
    write(repository / "snapshots/0123abc/conll2003/test/0000.parquet", [["B-PER"]])
    (repository / "refs/refs/convert").mkdir(parents=True)
    (repository / "refs/refs/convert/parquet").write_text("0123abc")
    assert Conll2003().load("en", "test").counts == "1 sentences, 1 words, PER 1"
    with pytest.raises(DataError, match="cannot get eriktks/conll2003 at main"):
        Conll2003(HubConfig(revision="main")).load("en", "test")


def test_only_the_files_of_the_split_are_asked_for(tmp_path, monkeypatch):
    asked = {}

    def download(repository, **options):
        asked.update(options, repository=repository)
        write(tmp_path / "hau/validation/0000.parquet", [["O"]])
        return str(tmp_path)

    monkeypatch.setattr("huggingface_hub.snapshot_download", download)
    MasakhaNer2().load("ha", "dev")
    assert asked["repository"] == "masakhane/masakhaner2"
    assert asked["repo_type"] == "dataset"
    assert asked["revision"] == "refs/convert/parquet"
    assert "hau/validation/*.parquet" in asked["allow_patterns"]
    assert not any("train" in pattern or "test" in pattern for pattern in asked["allow_patterns"])


def test_numbers_of_languages():
    assert len(WikiAnn.data.configs) == 176
    assert len(MasakhaNer2.data.configs) == 20 + 15  # fifteen languages also have a two-letter code


class HubSetContract(CorpusReaderContract):
    @pytest.fixture
    def settings(self, tmp_path):
        (layout,) = (layout for kind, layout in LAYOUTS.items() if kind.data.name == self.component)
        _, config, names, others = layout
        write(tmp_path / config / "train" / "0000.parquet", [["B-PER", "I-PER", "O"], ["B-LOC"]], names, others)
        return {"path": str(tmp_path)}


class TestWikiAnn(HubSetContract):
    component = "wikiann"
    language = "de"


class TestConll2002(HubSetContract):
    component = "conll2002"
    language = "nl"


class TestConll2003(HubSetContract):
    component = "conll2003"
    language = "en"


class TestUniversalNer(HubSetContract):
    component = "uner"
    language = "pt"


class TestMasakhaNer(HubSetContract):
    component = "masakhaner"
    language = "am"


class TestMasakhaNer2(HubSetContract):
    component = "masakhaner2"
    language = "zu"


def test_what_is_repaired_in_a_clone_is_noted(tmp_path):
    file = tmp_path / "UNER_Portuguese-Bosque" / "pt_bosque-ud-train.iob2"
    file.parent.mkdir()
    file.write_text("# text = Ann ran\n1\tAnn\tB-PER\t-\tx\n2\tran\t0\t-\tx\n")
    corpus = local(UniversalNer, tmp_path).load("pt", "train")
    assert corpus.notes == (f"{file}:3: the tag '0' is read as O",)
