"""The losses of reading: where answers start, where they end, and which spans are answers."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy, gelu, pad

from xner.base import Objective, Tagger


def candidates(context: Tensor, sentences: Tensor, widest: int) -> Tensor:
    """Return which spans may be answers (W, widest): those that lie in the text of one sentence.

    Args:
        context: (W,) whether each word is of a text.
        sentences: (W,) the sentence of each word; those of one stand together.
        widest: the most words of a span; column k is of those of k + 1 words.
    """
    columns = [context]
    for width in range(1, widest):
        both = columns[-1][: len(context) - width] & context[width:]
        columns.append(_padded(both & (sentences[: len(context) - width] == sentences[width:]), width, len(context)))
    return torch.stack(columns, dim=1)


def _padded(values: Tensor, width: int, words: int) -> Tensor:
    return pad(values, (0, min(width, words)))


class SpanHeads(nn.Module):
    """Scores of words as beginnings and as ends, and of spans by an MLP on the states of both.

    Args:
        size: of the states.
        widest: the most words of a span.
    """

    def __init__(self, size: int, widest: int) -> None:
        super().__init__()
        self.widest = widest
        self.start, self.end = nn.Linear(size, 2), nn.Linear(size, 2)
        self.pair, self.score = nn.Linear(2 * size, size), nn.Linear(size, 1)

    def span_scores(self, hidden: Tensor) -> Tensor:
        """Return the scores of spans (W, widest): `score(gelu(pair([h_i; h_j])))`; 0 behind the last word.

        The first layer is a sum of what it makes of either word, so each word is multiplied once.

        Args:
            hidden: (W, size) the words' states.
        """
        size, words = hidden.shape[1], len(hidden)
        first, last = (hidden @ part.T for part in (self.pair.weight[:, :size], self.pair.weight[:, size:]))
        columns = []
        for width in range(self.widest):
            both = gelu(first[: max(words - width, 0)] + last[width:] + self.pair.bias)
            columns.append(_padded(self.score(both).squeeze(-1), width, words))
        return torch.stack(columns, dim=1)


class Reading(Objective):
    """Cross-entropy of beginnings and of ends, and binary cross-entropy of spans (Zhang et al., 2021; their code).

    Each is a mean: the first two over the words of texts, the third over the spans that may be answers.

    Args:
        tagger: whose encoder learns; its tag head does not.
        widest: the most words of a span.
    """

    def __init__(self, tagger: Tagger, widest: int) -> None:
        super().__init__(tagger)
        self.heads = SpanHeads(tagger.model.config.hidden_size, widest)

    def forward(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return the sum of the three losses."""
        hidden, context = self.states(batch).hidden, batch["context"][:, 0] > 0
        inside, loss = hidden[context], hidden.new_zeros(())
        for head, name in ((self.heads.start, "starts"), (self.heads.end, "ends")):
            loss = loss + cross_entropy(head(inside), batch[name][context, 0].long())
        cells = candidates(context, batch["sentences"], self.heads.widest)
        return loss + binary_cross_entropy_with_logits(self.heads.span_scores(hidden)[cells], batch["answers"][cells])
