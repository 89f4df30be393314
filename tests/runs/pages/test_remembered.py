from xner.runs.pages import remembered
from xner.runs.pages.remembered import Remembered
from xner.scoring.scores import tag_and_score
from xner.testing import tiny_corpus, tiny_workbench


def test_it_says_what_its_tagger_says_and_keeps_it(encoder_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(remembered, "_BLOCK", 2)
    tagger, test = tiny_workbench(encoder_folder, tmp_path).new_tagger(), tiny_corpus("xx", "test")
    tagger.chosen_on = "source dev"
    for rule in ("conlleval", "strict"):
        heard = Remembered(tagger)
        one, two = tag_and_score(heard, test, rule), tag_and_score(tagger, test, rule)
        assert (one.tags, one.metrics) == (two.tags, two.metrics)
        assert [one.tags for one in heard.said] == tagger.tags(test)
        assert [len(one.certain) for one in heard.said] == [len(one.entities) for one in tagger.tag(test)]
