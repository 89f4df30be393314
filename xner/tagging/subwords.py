"""The further sub-words of a word: they say inside an entity what the first one says.

So every sub-word has a tag, and programs that group sub-words, such as `transformers.pipeline`, find whole entities.
"""

import torch
from torch import Tensor


def to_following(values: Tensor, sizes: Tensor) -> Tensor:
    """Return each word's value once for each of its sub-words behind the first.

    Args:
        values: (W, ...) of the words.
        sizes: (W,) how many sub-words each word has.

    Returns:
        (F, ...), word by word.
    """
    return values.repeat_interleave(sizes - 1, dim=0)


def inside_labels(labels: Tensor) -> Tensor:
    """Return the class number of I- for that of B- of the same type; all other numbers stay as they are.

    Args:
        labels: (W,) class numbers of a `LabelSet`, or `IGNORED`.
    """
    return torch.where((labels > 0) & (labels % 2 == 1), labels + 1, labels)


def inside_probabilities(probabilities: Tensor) -> Tensor:
    """Return tag probabilities in which each I- has its B-'s as well.

    Args:
        probabilities: (W, tags), in the order of a `LabelSet`.
    """
    result = torch.zeros_like(probabilities)
    result[:, 0] = probabilities[:, 0]
    result[:, 2::2] = probabilities[:, 1::2] + probabilities[:, 2::2]
    return result
