"""How far a student's tag scores are from the recognizer teacher's soft labels, word by word."""

from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, kl_div

TagLoss = Literal["mse_prob", "mse_mean", "soft_ce", "kl", "hard_ce"]


def tag_loss(name: TagLoss, logits: Tensor, probabilities: Tensor) -> Tensor:
    """Return the unreduced losses of W words.

    Args:
        name: `mse_prob`: squared error of probabilities, summed over tags (the code of Li et al. 2022);
            `mse_mean`: its mean over tags (Wu et al. 2020); `soft_ce`: cross-entropy with soft labels (Li et al. 2022,
            section 3.2); `kl`: the same minus the teacher's entropy; `hard_ce`: cross-entropy with the teacher's best
            tag, which is that of the decoded sentence where hard labels take the place of the probabilities.
        logits: (W, tags) of the student.
        probabilities: (W, tags) of the teacher.

    Returns:
        (W,) losses.
    """
    if name == "mse_prob":
        return (logits.softmax(-1) - probabilities).square().sum(-1)
    if name == "mse_mean":
        return (logits.softmax(-1) - probabilities).square().mean(-1)
    if name == "soft_ce":
        return cross_entropy(logits, probabilities, reduction="none")
    if name == "kl":
        return kl_div(torch.log_softmax(logits, -1), probabilities, reduction="none").sum(-1)
    return cross_entropy(logits, probabilities.argmax(-1), reduction="none")
