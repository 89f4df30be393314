"""What the policy is rewarded by: the student's loss on sentences that it does not learn from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from xner.base import Corpus, StudentSettings, Tagger, tag_loss


@dataclass(frozen=True)
class Part:
    """Sentences, and what a student should say of them.

    Args:
        corpus: the sentences.
        probabilities: (words, tags) of each: soft labels of a teacher, or 1 for the gold tag.
    """

    corpus: Corpus
    probabilities: Iterable[np.ndarray]

    @classmethod
    def of_gold(cls, corpus: Corpus, tags: Sequence[str]) -> "Part":
        """Return labelled sentences.

        Args:
            corpus: the sentences.
            tags: the run's.
        """
        place, ones = {tag: number for number, tag in enumerate(tags)}, np.eye(len(tags), dtype=np.float32)
        return cls(corpus, [ones[[place[tag] for tag in sentence.tags or ()]] for sentence in corpus])


def sentence_losses(tagger: Tagger, part: Part, settings: StudentSettings) -> Tensor:
    """Return a student's tag loss of each sentence (N,): the mean over its words.

    Args:
        tagger: the student.
        part: the sentences.
        settings: which tag loss.
    """
    found = list[float]()
    said = tagger.states(part.corpus, lambda states: {"logits": states.logits})
    for row, p in zip(said, part.probabilities, strict=True):
        logits, soft = torch.from_numpy(row["logits"]), torch.tensor(p)  # a copy: what is mapped cannot be written to
        found.append(float(tag_loss(settings.tag_loss, logits, soft).mean()))
    return torch.tensor(found)


def held_out_loss(tagger: Tagger, parts: Sequence[Part], settings: StudentSettings) -> float:
    """Return a student's loss on what is held out: the mean over its parts, of each the mean over its sentences.

    Args:
        tagger: the student.
        parts: target sentences with soft labels and, where there are some, source sentences with gold tags.
        settings: which tag loss.
    """
    return float(torch.stack([sentence_losses(tagger, part, settings).mean() for part in parts]).mean())
