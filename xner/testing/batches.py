"""Batches of signals as an auxiliary task or a weighting gets them, easy and extreme ones."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn.functional import normalize

from xner.students.batch import Pairs, SignalBatch
from xner.testing.contract import Contract

TAGS, WIDTH = 7, 32
"""Tags of the tiny corpora's label set; hidden size of the tiny encoder."""
BATCHES: Mapping[str, tuple[Sequence[int], Sequence[int] | None]] = {
    "several sentences": ((0, 0, 0, 1, 1, 2, 2, 2, 2, 3), None),
    "some of the words paired": ((0, 0, 0, 1, 1, 2, 2, 2, 2, 3), (1, 4, 5, 9)),
    "one sentence, so no pair counts": ((5, 5, 5, 5), None),
    "one word": ((0,), None),
}
"""The sentence of each word, and the words that are paired: None is all."""


def signal_batch(name: str, needs: Sequence[str], column: Callable[[str, int], Tensor]) -> SignalBatch:
    """Return one of `BATCHES`, with nothing in its columns but what is needed.

    Args:
        name: which.
        needs: the columns.
        column: makes a column for a number of words.
    """
    sentences, paired = BATCHES[name]
    numbers = torch.tensor(sentences)
    words = torch.arange(len(numbers)) if paired is None else torch.tensor(paired)
    inside = numbers[words]
    columns = {need: column(need, len(numbers)) for need in needs}
    return SignalBatch(columns, numbers, Pairs(words, inside[:, None] != inside[None, :]))


class SignalContract(Contract):
    """What reads signals."""

    def column(self, name: str, words: int) -> Tensor:
        """Return a column of signals (words, width); override it for columns of a form of their own.

        Args:
            name: `probabilities` are of tags, and all others are unit vectors, the first of them zero.
            words: how many.
        """
        draw = torch.Generator().manual_seed(len(name))
        if name != "probabilities":
            vectors = normalize(torch.randn(words, WIDTH, generator=draw), dim=-1)
            return torch.cat([0 * vectors[:1], vectors[1:]])
        rows = (2 * torch.randn(words, TAGS, generator=draw)).softmax(-1)
        sure, undecided = torch.eye(TAGS)[:1], torch.full((1, TAGS), 1 / TAGS)
        return torch.cat([sure, undecided, rows])[:words]
