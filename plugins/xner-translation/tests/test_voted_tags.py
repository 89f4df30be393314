import pytest
import torch

from naive_unitrans import loss
from xner.base import Pairs, SignalBatch, WordStates, tag_loss
from xner.testing import AuxiliaryTaskContract
from xner_translation.voted_tags import VotedTags


class TestVotedTags(AuxiliaryTaskContract):
    component = "voted-tags"

    def column(self, name, words):
        if name == "votes":
            return (torch.arange(words) % 2 == 0).float()[:, None]
        return super().column(name, words)


class TestWeightedVotedTags(TestVotedTags):
    @pytest.fixture
    def settings(self):
        return {"weighted": True}


def batch(p, voted):
    votes = torch.tensor(voted, dtype=torch.float32)[:, None]
    nobody = Pairs(torch.arange(0), torch.zeros(0, 0, dtype=torch.bool))
    return SignalBatch({"probabilities": p, "votes": votes}, torch.zeros(len(p), dtype=torch.long), nobody)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("voted", [[1, 0, 1, 1, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]])
def test_with_the_squared_error_it_is_the_papers_loss(weighted, voted):
    torch.manual_seed(0)
    logits, p = torch.randn(5, 4), torch.rand(5, 4).softmax(-1)
    term = VotedTags(VotedTags.Config(weighted=weighted)).losses(WordStates(None, logits), batch(p, voted))
    found = 0.5 * tag_loss("mse_mean", logits, p).mean() + term.mean(torch.ones(5))
    assert float(found) == pytest.approx(loss(logits.tolist(), p.tolist(), voted, 0.5, weighted), rel=1e-5)
