"""The whole of MTMT's student loss against its equation, and the method from end to end."""

from dataclasses import replace
from itertools import product

import pytest
import torch

from naive import Form, across, softmax, stronger_loss, student_loss, tag_loss
from xner.corpora.corpus import Corpus, Sentence
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.mixing import configure
from xner.students.batch import draw
from xner.students.distillation import Distillation
from xner.tagging.states import WordStates
from xner.tagging.windows import collate
from xner.testing import MethodContract


class TestMTMT(MethodContract):
    component = "mtmt"


FORMS = {
    None: Form("paper", "soft_ce", 1.0, 1.0),
    "paper": Form("paper", "soft_ce", 1.0, 1.0),
    "authors": Form("authors", "mse_prob", 0.5, 0.5),
}
"""What each preset means, written down a second time; without one, what the ablations do by default."""
PRINTED = [
    ("mtmt", "paper"),
    ("mtmt", "authors"),
    *((method, preset) for method in ("mtst", "mtmt-no-weighting") for preset in FORMS),
]
BATCHES = {
    "sentences": [0, 0, 0, 1, 1, 2, 2, 2, 3],
    "windows of one sentence that lie apart": [4, 4, 1, 1, 4, 4, 2, 1],
    "two words": [0, 1],
    "one sentence": [5, 5, 5],
}


@pytest.fixture(scope="module")
def plugins():
    return Plugins.load()


@pytest.fixture
def parts(plugins):
    """Gives a method's tasks, weighting and student settings, as a preset or settings have them."""

    def make(method, preset=None, **settings):
        config = configure(plugins, {"method": method, **settings}, preset=preset)
        components = Components(plugins, config)
        chosen = components.method().config
        tasks = [components.create("auxiliary_tasks", task) for task in chosen.tasks]
        return tasks, components.create("weightings", chosen.weighting), config.student

    return make


def form_of(method, preset):
    return FORMS[preset]._replace(beta="none") if method == "mtmt-no-weighting" else FORMS[preset]


def example(sentences, seed=0):
    """Random states of the student, and what the teachers say at random of the same words."""
    torch.manual_seed(seed)
    hidden, logits, p, vectors = (torch.randn(len(sentences), width, dtype=torch.float64) for width in (6, 7, 7, 8))
    signals = {"probabilities": (2 * p).softmax(-1), "vectors": vectors}
    states = WordStates(hidden.requires_grad_(), logits.requires_grad_())
    return states, {"sentences": torch.tensor(sentences), **signals}


def drawn(batch, settings, seed=7):
    """The words that the objective will pair, as it draws them from the same seed; the generator is reset to it."""
    torch.manual_seed(seed)
    pairs = draw(settings.pairing, batch["sentences"], settings.paired_words, batch["probabilities"])
    torch.manual_seed(seed)
    return pairs.words.tolist()


@pytest.mark.parametrize(("pairing", "size"), [("uniform", 512), ("uniform", 5), ("balanced", 6)])
@pytest.mark.parametrize("sentences", BATCHES.values(), ids=BATCHES)
@pytest.mark.parametrize(("method", "preset"), PRINTED)
def test_the_students_loss_is_the_equation(parts, given, method, preset, sentences, pairing, size):
    tasks, weighting, settings = parts(method, preset, **{"student.pairing": pairing, "student.paired_words": size})
    for seed in range(3):
        states, batch = example(sentences, seed)
        objective, places = given(states, tasks, weighting, settings), drawn(batch, settings)
        pairs = across(places, sentences)
        assert pairing == "balanced" or len(places) == min(size, len(sentences))
        expected = student_loss(form_of(method, preset), batch, states.logits, states.hidden, places)
        assert objective(batch).item() == pytest.approx(expected, abs=1e-6)
        assert bool(expected) == bool(pairs)


@pytest.mark.parametrize("sentences", BATCHES.values(), ids=BATCHES)
@pytest.mark.parametrize("size", [512, 6])
def test_by_default_the_task_is_stronger(parts, given, sentences, size):
    tasks, weighting, settings = parts("mtmt", **{"student.paired_words": size})
    assert settings.pairing == "balanced"
    for seed in range(3):
        states, batch = example(sentences, seed)
        objective, places = given(states, tasks, weighting, settings), drawn(batch, settings)
        expected = stronger_loss(batch, states.logits, states.hidden, places)
        assert objective(batch).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("preset", FORMS)
def test_without_similarity_the_loss_is_tsls(parts, given, preset):
    """All words count, whether their sentence is alone in the batch or not."""
    for sentences in BATCHES.values():
        states, batch = example(sentences)
        q, p = [softmax(row) for row in states.logits.tolist()], batch["probabilities"].tolist()
        losses = [tag_loss(FORMS[preset].loss, *row) for row in zip(q, p, strict=True)]
        expected = FORMS[preset].tags * sum(losses) / len(losses)
        assert given(states, *parts("mtmt-no-similarity", preset))(batch).item() == pytest.approx(expected, abs=1e-6)


def test_single_precision_is_precise_enough(parts, given):
    """Training computes losses in float32, and stores the evaluator's vectors of length one in half precision."""
    states, batch = example([number // 9 for number in range(90)])
    exact = student_loss(FORMS["paper"], batch, states.logits, states.hidden, range(90))
    batch = {name: column if name == "sentences" else column.float() for name, column in batch.items()}
    single = WordStates(states.hidden.float(), states.logits.float())
    objective = given(single, *parts("mtmt", "paper"))
    assert objective(batch).item() == pytest.approx(exact, abs=1e-6)
    batch["vectors"] = torch.nn.functional.normalize(batch["vectors"], dim=-1).half().float()
    assert objective(batch).item() == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize("preset", ["paper", "authors"])
def test_one_pass_over_a_batch_gives_the_equation(parts, tiny_workbench, preset):
    """A model's own states, in windows and padded: as if each window had been read alone."""
    tagger = replace(tiny_workbench, max_length=12).new_tagger()
    tagger.model.double().eval()
    sentences = [["zed", "Ada"], ["Rome", "ko", "Acme", "ta", "um", "Oslo", "gol"], ["a"], ["pri", "Juan", "ko"]]
    windows = list(tagger.windower.windows(Corpus.from_sentences("x", "xx", "train", map(Sentence, sentences))))
    assert [window.sentence for window in windows].count(1) > 2  # the long one is cut
    windows = windows[::2] + windows[1::2]
    signals = example([window.sentence for window in windows for _ in window.words])[1]
    states = []
    for window in windows:
        with torch.no_grad():
            output = tagger.model(torch.tensor(window.input_ids[None].astype(int)), output_hidden_states=True)
        pieces = tagger.tokenizer.convert_ids_to_tokens(window.input_ids)
        assert not any(pieces[place].startswith(("##", "[")) for place in window.positions)
        states.append([part[0, window.positions] for part in (output.logits, output.hidden_states[-1])])
    logits, hidden = map(torch.cat, zip(*states, strict=True))
    expected = student_loss(FORMS[preset], signals, logits, hidden, range(len(logits)))
    objective = Distillation(tagger, *parts("mtmt", preset))
    assert objective(signals | collate(windows, 0)).item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("preset", ["paper", "authors"])
@pytest.mark.parametrize("method", ["mtmt", "mtmt-no-weighting"])
def test_only_the_student_learns(parts, given, method, preset):
    """The gradient is that of the equation with alpha, beta, gamma, p and t as constants: by finite differences."""
    form, (tasks, weighting, settings) = form_of(method, preset), parts(method, preset, **{"student.paired_words": 7})
    states, batch = example(BATCHES["sentences"])
    signals = [batch[name].requires_grad_() for name in ("probabilities", "vectors")]
    objective, places = given(states, tasks, weighting, settings), drawn(batch, settings)
    objective(batch).backward()
    assert [signal.grad for signal in signals] == [None, None]
    assert not list(objective.parameters())
    for tensor in (states.hidden, states.logits):
        slopes = torch.zeros_like(tensor)
        for place in product(*map(range, tensor.shape)):
            values = []
            for step in (1e-5, -1e-5):
                with torch.no_grad():
                    tensor[place] += step
                    values.append(student_loss(form, batch, states.logits, states.hidden, places))
                    tensor[place] -= step
            slopes[place] = (values[0] - values[1]) / 2e-5
        assert torch.allclose(tensor.grad, slopes, atol=1e-8)
        assert [bool(row.any()) for row in tensor.grad] == [place in places for place in range(len(tensor))]


@pytest.mark.parametrize(
    ("off", "reached"),
    [({"student.tag_coefficient": 0}, "hidden"), ({"auxiliary_tasks.similarity.coefficient": 0}, "logits")],
)
def test_each_term_alone_reaches_the_student(parts, given, off, reached):
    states, batch = example(BATCHES["sentences"])
    given(states, *parts("mtmt", "paper", **off))(batch).backward()
    assert {name for name in ("hidden", "logits") if getattr(states, name).grad.any()} == {reached}
    assert getattr(states, reached).grad.any(-1).all()  # every word


def test_as_printed_a_batch_of_one_sentence_teaches_nothing(parts, given):
    states, batch = example(BATCHES["one sentence"])
    loss = given(states, *parts("mtmt", "paper"))(batch)
    loss.backward()
    assert loss == 0 and not states.hidden.grad.any() and not states.logits.grad.any()


def test_end_to_end(train):
    parts = ("teachers.recognizer", "teachers.similarity", "student")
    run = train("mtmt", parts, epochs=12, learning_rate=5e-3, batch_size=16)
    assert [stage.title for stage in run.stages] == [
        "teacher recognizer on en",
        "teacher similarity on en",
        "signals of recognizer on xx",
        "signals of similarity on xx",
        "student on xx (tags + similarity, uniform)",
    ]
    assert run.metrics.sentences == 60 and run.metrics.overall.f1 > 15  # the names are shared, the words are not
    names = {path.name for path in (run.folder / "student").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names  # a plain checkpoint
