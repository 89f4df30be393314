"""Tiny encoders of other kinds than the BERT of `xner.testing`, with its tokenizer, and taggers of other people."""

from math import log

import torch
from transformers import AutoConfig, AutoModelForTokenClassification, AutoTokenizer, PreTrainedTokenizerFast, set_seed

from xner.machine.hardware import Hardware
from xner.tagging.tagger import Tagger

USUAL = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 64,
    "max_position_embeddings": 130,
}
WIDE = {"d_model": 32, "n_layer": 2, "n_head": 2, "d_inner": 64}
RELATIVE = {**USUAL, "relative_attention": True, "pos_att_type": ["c2p", "p2c"], "position_biased_input": False}
KINDS = {
    "bert": USUAL,
    "electra": {**USUAL, "embedding_size": 32},
    "roberta": USUAL,
    "xlm-roberta": USUAL,
    "camembert": USUAL,
    "mpnet": USUAL,
    "longformer": {**USUAL, "attention_window": [8, 8]},
    "esm": USUAL,
    "luke": {**USUAL, "entity_vocab_size": 8, "entity_emb_size": 8},
    "deberta": RELATIVE,
    "deberta-v2": RELATIVE,
    "modernbert": {**USUAL, "bos_token_id": 2, "eos_token_id": 3, "cls_token_id": 2, "sep_token_id": 3},
    "xlnet": WIDE,
    "t5": {"d_model": 32, "d_kv": 16, "d_ff": 64, "num_layers": 2, "num_heads": 2},
    "gpt2": {"n_embd": 32, "n_layer": 2, "n_head": 2, "n_positions": 130},
    "bloom": {"hidden_size": 32, "n_layer": 2, "n_head": 2},
    "gemma2": {**USUAL, "num_key_value_heads": 2, "head_dim": 16},
    "canine": {**USUAL, "num_hash_buckets": 64},
}
"""Settings of a small model of each kind; canine reads characters and has no table of words."""
BEHIND_PADDING = ("roberta", "xlm-roberta", "camembert", "mpnet", "longformer", "esm", "luke")
"""Kinds that count positions from behind the padding's number, which is 1 here, so that two fewer fit."""


def write_kind(folder, kind, bert, names=None):
    """Write a tiny encoder of a kind as a folder; its tokenizer names no longest input.

    Args:
        folder: where.
        kind: one of `KINDS`.
        bert: the folder of the tiny BERT, whose tokenizer it gets.
        names: of its classes, if it is a tagger.
    """
    backend = AutoTokenizer.from_pretrained(bert).backend_tokenizer
    marks = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, **marks)
    set_seed(0)
    size = {} if kind == "canine" else {"vocab_size": len(tokenizer)}
    config = AutoConfig.for_model(kind, **KINDS[kind], **size, pad_token_id=1 if kind in BEHIND_PADDING else 0)
    if names:
        config.num_labels, config.id2label = len(names), dict(enumerate(names))
        config.label2id = {name: number for number, name in enumerate(names)}
    AutoModelForTokenClassification.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def theirs(tagger_folder, folder, rows, names, split=()):
    """Write a tagger as somebody else would have: with other classes, of which each is a row of its own.

    Args:
        tagger_folder: the tagger.
        folder: where.
        rows: of each class, the number of the tagger's.
        names: of the classes.
        split: classes whose probability is a half of the row's, since two have the same.
    """
    tagger = Tagger.load(tagger_folder, Hardware(torch.device("cpu"), bf16=False))
    head = tagger.model.classifier
    head.weight = torch.nn.Parameter(head.weight[list(rows)].clone())
    head.bias = torch.nn.Parameter(head.bias[list(rows)].clone())
    for number in split:
        head.bias.data[number] -= log(2)
    tagger.model.num_labels = tagger.model.config.num_labels = len(rows)
    tagger.model.config.id2label = dict(enumerate(names))
    tagger.model.config.label2id = {name: number for number, name in enumerate(names)}
    tagger.save(folder)
    return folder
