from tests.benchmarks.bench import Bench
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.loading import load_corpora
from xner.runs.mixing import configure


def test_the_settings_load_where_few_source_sentences_lack_types_of_the_test_split(tmp_path):
    (tmp_path / "en").mkdir()
    (tmp_path / "pt").mkdir()
    (tmp_path / "en/train.conll").write_text("in\tO\nLondon\tB-LOC\n")
    for split in ("train", "test"):
        (tmp_path / "pt" / f"{split}.conll").write_text("A\tO\nONU\tB-ORG\nviu\tO\nAna\tB-PER\n")
    bench = Bench(tmp_path, tmp_path, "e5-small", threads=1, quick=True)
    config = configure(Plugins.load(), bench.settings(1, 1))
    data = load_corpora(config, Components(Plugins.load(), config))
    assert data.labels.types == ("LOC", "ORG", "PER")
    assert data.test.entities == {"ORG": 1, "PER": 1}
