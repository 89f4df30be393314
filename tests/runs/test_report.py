from tests.harmless import assert_harmless
from tests.scored import score
from xner.corpora.corpus import Corpus, Sentence
from xner.runs.settings import RunConfig
from xner.runs.written.report import render
from xner.store.stages import Stage
from xner.testing import tiny_corpus
from xner.training.trackers import write_curves

GOLD = [Sentence(["Ada", "<b>", "Rome"], ["B-PER", "O", "B-LOC"]), Sentence(["Oslo"], ["B-LOC"])]
GUESS = [["B-PER", "O", "B-ORG"], ["B-LOC"]]


def page(tmp_path, predicted=GUESS, notes=()):
    test = Corpus.from_sentences("own", "de", "test", GOLD)
    metrics = score([s.tags for s in GOLD], predicted, str(test)) if predicted else None
    stages = [Stage("teacher recognizer on en", "0123abcd", tmp_path)]
    return render(RunConfig(), metrics, [tiny_corpus(), test], stages, predicted, notes)


def test_the_scores_stand_in_the_page_with_their_rule(tmp_path):
    text = page(tmp_path)
    assert "66.67" in text and "conlleval" in text and "last step" in text


def test_only_sentences_with_a_mistake_are_shown_and_what_differs_is_marked(tmp_path):
    text = page(tmp_path)
    assert text.count('class="pair"') == 1
    assert '<mark class="off">Rome <small>LOC</small></mark>' in text
    assert '<mark class="off">Rome <small>ORG</small></mark>' in text
    assert text.count("<mark>Ada <small>PER</small></mark>") == 2


def test_words_are_text_and_never_markup(tmp_path):
    assert "&lt;b&gt;" in page(tmp_path) and "<b>" not in page(tmp_path)


def test_nothing_runs_on_the_page_whatever_is_said_on_it(tmp_path):
    def page_with(name):
        test = Corpus.from_sentences(f"x/{name}", "de", "test", [Sentence([name, "Rome"], ["B-PER", "O"])])
        metrics = score([["B-PER", "O"]], [["O", "B-LOC"]], str(test))
        config = RunConfig(method=name, encoder=name, labels={"map": {name: name}})
        write_curves(tmp_path, [{"epoch": 1, "step": 1, f"epoch_{name}": 0.5}])
        stages = [Stage(name, "0", tmp_path)]
        return render(config, metrics, [tiny_corpus(), test], stages, [["O", "B-LOC"]], (name,))

    assert_harmless(page_with)


def test_a_run_without_scores_says_so(tmp_path):
    text = page(tmp_path, predicted=None)
    assert "Not scored" in text and 'class="pair"' not in text


def test_notes_corpora_and_stages_are_named(tmp_path):
    text = page(tmp_path, notes=("this is synthetic",))
    assert "this is synthetic" in text and "0123abcd" in text and tiny_corpus().fingerprint in text


def test_another_seed_is_told(tmp_path):
    config = RunConfig(seed=7)
    assert "seed 7" in render(config, score([["O"]], [["O"]], "x"), [tiny_corpus()], [], None, ())


def test_what_was_measured_every_epoch_is_a_curve(tmp_path):
    values = (0.5, 1, 0.25)
    log = [
        {"loss": 3, "epoch": 0.5, "step": 1},
        *({"epoch": n, "step": n, "epoch_a_b": v} for n, v in enumerate(values)),
    ]
    write_curves(tmp_path, log)
    text = page(tmp_path)
    assert "<td>teacher recognizer on en</td><td>a b</td><td>0.500</td><td>0.250</td>" in text
    assert 'points="0.0,40.0 150.0,0.0 300.0,60.0"' in text


def test_a_curve_above_one_ends_at_its_maximum(tmp_path):
    write_curves(tmp_path, [{"epoch": n, "step": n, "epoch_loss": v} for n, v in enumerate((4, 2))])
    assert 'points="0.0,0.0 300.0,40.0"' in page(tmp_path)


def test_where_nothing_was_measured_there_is_no_curve(tmp_path):
    write_curves(tmp_path, [{"loss": 3, "epoch": 0.5, "step": 1}])
    assert "Curves" not in page(tmp_path) and not [*tmp_path.iterdir()]
