import pytest
import torch

from naive_reading import loss, span_score
from xner.base import WordStates
from xner_tof.spans import Reading, SpanHeads, candidates

TEXTS = [(2, 5, [(0, 1), (4, 4)]), (3, 2, []), (1, 1, [(0, 0)]), (1, 6, [(1, 5)])]
"""Words before the text, words of the text, answers; the last one is wider than any candidate."""
WIDEST = 3


@pytest.fixture
def objective(tiny_workbench):
    return Reading(tiny_workbench.new_tagger(), WIDEST)


def batch_of(texts):
    columns = {name: [] for name in ("context", "starts", "ends", "sentences")}
    cells = []
    for number, (before, words, answers) in enumerate(texts):
        for place in range(-before, words):
            columns["context"].append([float(place >= 0)])
            columns["starts"].append([float(any(a == place for a, _ in answers))])
            columns["ends"].append([float(any(b == place for _, b in answers))])
            columns["sentences"].append(number)
            cells.append([float((place, place + width) in answers) for width in range(WIDEST)])
    return {name: torch.tensor(values) for name, values in columns.items()} | {"answers": torch.tensor(cells)}


def test_the_loss_is_that_of_a_naive_reading(objective, monkeypatch):
    batch = batch_of(TEXTS)
    hidden = torch.randn(len(batch["sentences"]), 32, generator=torch.Generator().manual_seed(1))
    monkeypatch.setattr(objective, "states", lambda batch: WordStates(hidden, hidden))
    sizes = [before + words for before, words, _ in TEXTS]
    states = [part.tolist() for part in hidden.split(sizes)]
    texts = [(part, before, answers) for part, (before, _, answers) in zip(states, TEXTS, strict=True)]
    assert objective(batch).item() == pytest.approx(loss(objective.heads, texts, WIDEST), abs=1e-5)


def test_scores_of_spans_are_those_of_both_words_together():
    heads, hidden = SpanHeads(4, 3), torch.randn(5, 4)
    scores = heads.span_scores(hidden)
    assert scores.shape == (5, 3)
    for first in range(5):
        for last in range(first, min(first + 3, 5)):
            expected = span_score(heads, hidden[first].tolist(), hidden[last].tolist())
            assert scores[first, last - first].item() == pytest.approx(expected, abs=1e-5)


def test_candidates_lie_in_one_text():
    context = torch.tensor([0, 1, 1, 1, 0, 1, 1]).bool()
    found = candidates(context, torch.tensor([0, 0, 0, 1, 1, 1, 1]), 3).int().tolist()
    assert found == [[0, 0, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0], [1, 1, 0], [1, 0, 0]]


def test_there_may_be_fewer_words_than_a_span_has():
    context, heads = torch.ones(2).bool(), SpanHeads(4, 5)
    assert candidates(context, torch.zeros(2), 5).int().tolist() == [[1, 1, 0, 0, 0], [1, 0, 0, 0, 0]]
    assert heads.span_scores(torch.randn(2, 4)).shape == (2, 5)


def test_all_of_the_heads_and_the_encoder_learn_and_the_tag_head_does_not(objective):
    hidden = torch.randn(4, 32, requires_grad=True)
    objective.states = lambda batch: WordStates(hidden, hidden)
    objective(batch_of([(1, 3, [(0, 1)])])).backward()
    assert all(weight.grad.abs().sum() > 0 for weight in objective.heads.parameters())
    assert hidden.grad[1:].abs().sum() > 0 and not hidden.grad[0].any()  # a question's own words answer nothing
    assert all(weight.grad is None for weight in objective.model.classifier.parameters())
