"""Tiny models and batches of rows of several lengths, for the tests of packing."""

import torch
from transformers import AutoConfig, AutoModelForTokenClassification

from xner.tagging.windows import MODEL_INPUTS

LENGTHS = (9, 3, 1, 12)


def model(family, **settings):
    torch.manual_seed(0)
    config = AutoConfig.for_model(
        family,
        vocab_size=50,
        hidden_size=32,
        embedding_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=40,
        pad_token_id=1,
        num_labels=5,
        **settings,
    )
    return AutoModelForTokenClassification.from_config(config).eval()


def batch(lengths=LENGTHS):
    torch.manual_seed(1)
    ids = torch.randint(2, 50, (len(lengths), max(lengths)))
    mask = (torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]).long()
    rows, positions = mask.nonzero(as_tuple=True)
    return dict(zip(MODEL_INPUTS, (ids.masked_fill(mask == 0, 1), mask, rows, positions), strict=True))
