"""Tiny encoders of the kinds that are in use, each with a tokenizer that learned its pieces from a few texts."""

import json
import re

from tokenizers import SentencePieceBPETokenizer, Tokenizer, decoders
from tokenizers.implementations import BertWordPieceTokenizer, ByteLevelBPETokenizer
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.processors import TemplateProcessing
from transformers import (
    AutoModel,
    BertConfig,
    BertTokenizer,
    DebertaV2Config,
    DebertaV2Tokenizer,
    GemmaTokenizer,
    ModernBertConfig,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaTokenizer,
    XLMRobertaConfig,
    XLMRobertaTokenizer,
    set_seed,
)

TEXTS = [
    "Ada Lovelace sees Rome, Oslo and Lima; the old Acme (Inc.) is near Fiat.",
    "Angela Merkel besuchte gestern Paris. „Guten Tag“, sagte sie: 3,5 % mehr!",
    "A senhora visitou São Paulo, no Brasil — e o U.S. Open de 1990-91.",
    "我在北京看见了张伟，他说：上海很远。",
    "زار الرئيس باريس، ثم عاد إلى روما.",
    "zed ko ta um pri gol QUA WOB FY HYX",
]
_MANY = TEXTS * 3
KINDS = ("bert", "roberta", "xlm-roberta", "deberta-v2", "modernbert", "gemma")
_SIZE = 500
_SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}


def tokenizer_of(kind):
    """Return a tokenizer as transformers makes it for this kind, before anything of xner is done to it."""
    return _TOKENIZERS[kind]()


def encoder_of(kind, folder):
    """Write a tiny model of this kind with its tokenizer, as a folder for `--encoder`."""
    tokenizer = tokenizer_of(kind)
    positions = 130 if "roberta" in kind else 128
    numbers = {
        f"{name}_token_id": getattr(tokenizer, f"{name}_token_id") for name in ("pad", "bos", "eos", "cls", "sep")
    }
    config = _CONFIGS[kind](vocab_size=len(tokenizer), max_position_embeddings=positions, **_SHAPE, **numbers)
    set_seed(0)
    model = AutoModel.from_config(config)
    model.get_input_embeddings().weight.data *= 20  # what is drawn at random learns fast if words differ much
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _bert():
    trained = BertWordPieceTokenizer(lowercase=False)
    trained.train_from_iterator(_MANY, vocab_size=_SIZE, show_progress=False)
    return BertTokenizer(trained.get_vocab(), do_lower_case=False)


def _bytes(special):
    trained = ByteLevelBPETokenizer()
    trained.train_from_iterator(_MANY, vocab_size=_SIZE, special_tokens=special, show_progress=False)
    model = json.loads(trained.to_str())["model"]
    return model["vocab"], [tuple(pair) for pair in model["merges"]]


def _roberta():
    return RobertaTokenizer(*_bytes(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]))


def _modernbert():
    trained = ByteLevelBPETokenizer()
    special = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
    trained.train_from_iterator(_MANY, vocab_size=_SIZE, special_tokens=special, show_progress=False)
    backend = Tokenizer.from_str(trained.to_str())
    backend.pre_tokenizer, backend.decoder = ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    backend.post_processor = TemplateProcessing("[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)])
    names = dict(zip(("unk_token", "cls_token", "sep_token", "pad_token", "mask_token"), special, strict=True))
    return PreTrainedTokenizerFast(
        tokenizer_object=backend, model_input_names=["input_ids", "attention_mask"], model_max_length=128, **names
    )


def _pieces(special):
    """Return words, halves of long words and characters, as sentencepiece has them."""
    words = [word for text in TEXTS for word in re.findall(r"[^\W\d]+", text)]
    long = [word for word in words if len(word) > 6]
    whole = {f"▁{word}" for word in words if len(word) < 7} | {f"▁{word[:4]}" for word in long} | {w[4:] for w in long}
    scored = dict.fromkeys(sorted({*"".join(TEXTS), "▁"} - {" "}), -9.0) | dict.fromkeys(sorted(whole), -5.0)
    return [*((piece, 0.0) for piece in special), *scored.items()]


def _xlm_roberta():
    return XLMRobertaTokenizer(_pieces(["<s>", "<pad>", "</s>", "<unk>", "<mask>"]))


def _deberta():
    pieces = _pieces(["[PAD]", "<unk>", "[CLS]", "[SEP]", "[MASK]"])
    return DebertaV2Tokenizer([("[UNK]" if piece == "<unk>" else piece, score) for piece, score in pieces])


def _gemma():
    trained = SentencePieceBPETokenizer()
    special = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>"]
    trained.train_from_iterator(_MANY, vocab_size=_SIZE, special_tokens=special, show_progress=False)
    model = json.loads(trained.to_str())["model"]
    return GemmaTokenizer(model["vocab"], [tuple(pair) for pair in model["merges"]], add_bos_token=True)


_TOKENIZERS = {
    "bert": _bert,
    "roberta": _roberta,
    "xlm-roberta": _xlm_roberta,
    "deberta-v2": _deberta,
    "modernbert": _modernbert,
    "gemma": _gemma,
}
_CONFIGS = {
    "bert": BertConfig,
    "roberta": RobertaConfig,
    "xlm-roberta": XLMRobertaConfig,
    "deberta-v2": DebertaV2Config,
    "modernbert": ModernBertConfig,
    "gemma": ModernBertConfig,  # as mmBERT has it
}
