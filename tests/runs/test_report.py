import base64
import hashlib
import re

from tests.harmless import assert_harmless
from tests.scored import score
from xner.corpora.corpus import Corpus, Sentence
from xner.reporting.parts import Lines, Sentences, Table, Tagged, Text
from xner.reporting.shown import Page, Shown
from xner.runs.settings import RunConfig
from xner.runs.written.report import render
from xner.store.stages import Stage
from xner.testing import tiny_corpus

GOLD = [Sentence(["Ada", "Rome"], ["B-PER", "B-LOC"]), Sentence(["Oslo"], ["B-LOC"])]
GUESS = [["B-PER", "B-ORG"], ["B-LOC"]]
TABLE = Table(caption="A <table>", heads=("what", "F1"), rows=(("a<b>", 12.5), ("c", None)), bar="F1")


def page(tmp_path, *sections, scored=True, notes=(), left=(), config=None):
    test = Corpus.from_sentences("/some/where/own", "de", "test", GOLD)
    metrics = score([s.tags for s in GOLD], GUESS, test.title) if scored else None
    stages = [Stage("teacher recognizer on en", "0123abcd", tmp_path)]
    shown = Page(sections=sections, left=left)
    return render(config or RunConfig(), metrics, [tiny_corpus(), test], stages, shown, notes, "my-run")


def test_the_scores_stand_in_the_page_with_their_rule(tmp_path):
    text = page(tmp_path)
    assert "66.67" in text and "conlleval" in text and "last step" in text


def test_nothing_runs_on_the_page_whatever_is_said_on_it(tmp_path):
    def page_with(name):
        sentence = Tagged(tokens=(name, "Rome"), sides={name: ("B-PER", "O")}, groups=(name,))
        table = Table(caption=name, heads=(name, "F1"), rows=((name, 1.0),), bar="F1")
        curve = Lines(caption=name, x=name, y=name, lines={name: ((0, 1), (1, 2))})
        parts = (Text(text=name), table, curve, Sentences(caption=name, sentences=(sentence,), groups=(name,)))
        shown = Shown(name="one", title=name, parts=parts)
        config = RunConfig(method=name, encoder=name, labels={"map": {name: name}})
        return page(tmp_path, shown, config=config, notes=(name,), left=(name,))

    assert_harmless(page_with)


def test_the_policy_lets_the_pages_own_script_run_and_no_other(tmp_path):
    text = page(tmp_path, Shown(name="one", title="The first", parts=(TABLE,)))
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert len(scripts) == 1 and f"script-src 'sha256-{digest}';" in text


def test_a_run_without_scores_says_so(tmp_path):
    text = page(tmp_path, scored=False)
    assert "Not scored" in text and "exact words" not in text


def test_notes_corpora_and_stages_are_named(tmp_path):
    text = page(tmp_path, notes=("this is synthetic",))
    assert "this is synthetic" in text and "0123abcd" in text and tiny_corpus().fingerprint in text
    assert "own de/test" in text and "/some/where" not in text  # the page does not say whose computer it was


def test_another_seed_is_told(tmp_path):
    assert "seed 7" in page(tmp_path, config=RunConfig(seed=7))


def test_every_section_has_its_title_and_a_link_to_it(tmp_path):
    text = page(tmp_path, Shown(name="one", title="The first", parts=(TABLE,)))
    assert '<section id="one"><h2>The first</h2>' in text and '<a href="#one">The first</a>' in text
    assert "a&lt;b&gt;" in text and "<b>" not in text and "A &lt;table&gt;" in text
    assert 'data-value="12.5">12.50</td>' in text and '<div style="width: 12.5%">' in text and "–</td>" in text


def test_what_looked_at_labels_of_the_target_says_so(tmp_path):
    told = "Made with labels of the target, after the fact"
    shown = Shown(name="one", title="The first", parts=(Text(text="x"),))
    assert told not in page(tmp_path, shown)
    assert told in page(tmp_path, shown.model_copy(update={"labels": True}))


def test_a_section_that_failed_says_why(tmp_path):
    text = page(tmp_path, Shown(name="one", title="The first", problem="ValueError: it <broke>"))
    assert "could not be made: ValueError: it &lt;broke&gt;" in text


def test_sections_that_are_still_to_be_made_are_named_with_the_command(tmp_path):
    text = page(tmp_path, left=("A map", "Another"))
    assert "A map; Another" in text and "xner report my-run" in text
    assert "Still to be made" not in page(tmp_path)


def test_curves_stand_side_by_side(tmp_path):
    curves = [Lines(caption=name, x="step", y="loss", lines={"loss": ((0, 1), (1, 2))}) for name in ("one", "two")]
    text = page(tmp_path, Shown(name="curves", title="Curves", parts=(*curves, Text(text="x"), curves[0])))
    assert text.count('<div class="figures">') == 2 and text.count("<polyline") == 3


def test_the_page_stands_alone(tmp_path):
    text = page(tmp_path, Shown(name="one", title="The first", parts=(TABLE,)))
    assert (
        "src=" not in text
        and "url(" not in text
        and "@import" not in text
        and "http:" not in text
        and "https:" not in text
    )
