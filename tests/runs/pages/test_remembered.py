from xner.machine.progress import Progress
from xner.plugin.manager import Plugins
from xner.runs.config import build
from xner.runs.pages.remembered import Remembered
from xner.runs.run import train
from xner.scoring.scores import tag_and_score
from xner.tagging import tagger as tagger_module
from xner.tagging.tagger import Tagger
from xner.testing import tiny_corpus, tiny_workbench


def test_it_says_what_its_tagger_says_and_keeps_it(encoder_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(tagger_module, "_BLOCK", 2)
    tagger, test = tiny_workbench(encoder_folder, tmp_path).new_tagger(), tiny_corpus("xx", "test")
    tagger.chosen_on = "source dev"
    for rule in ("conlleval", "strict"):
        heard = Remembered(tagger)
        one, two = tag_and_score(heard, test, rule), tag_and_score(tagger, test, rule)
        assert (one.tags, one.metrics) == (two.tags, two.metrics)
        assert [one.tags for one in heard.said] == tagger.tags(test)
        assert [len(one.certain) for one in heard.said] == [len(one.entities) for one in tagger.tag(test)]


def test_at_the_end_of_a_run_each_tagger_is_asked_once_and_teachers_for_a_sample(values, tmp_path, monkeypatch):
    monkeypatch.setenv("XNER_CACHE", str(tmp_path / "cache"))
    few = {**values, "sections.changes.looked_at": 3}
    asked, tag = [], Tagger.tag

    def noting(self, corpus):
        sentences = list(corpus)
        asked.append((id(self), len(sentences)))
        return tag(self, sentences)

    monkeypatch.setattr(Tagger, "tag", noting)
    run = train(build(few), Plugins.load(), tmp_path / "run", Progress(quiet=True))
    whole = run.metrics.sentences
    scoring, recognizer, card = asked  # the last is of running text, and of at most 100 sentences
    assert scoring[1] == whole and recognizer[1] == 3 and scoring[0] == card[0] != recognizer[0]
    assert "of 3, taken at even distances, of the" in (run.folder / "report.html").read_text()
