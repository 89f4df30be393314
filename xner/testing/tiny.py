"""A tiny encoder, tiny corpora and a workbench over them, made in memory, no network."""

import random
import string
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import torch
from transformers import BertConfig, BertModel, BertTokenizer, set_seed

from xner.corpora.corpus import Corpus, Sentence
from xner.corpora.labels import LabelSet
from xner.machine.hardware import Hardware
from xner.machine.progress import Progress
from xner.tagging.hubmodel import HubModel
from xner.training.workbench import Workbench

_NAMES = {"PER": ("Ada", "Noor", "Juan"), "LOC": ("Rome", "Oslo", "Lima"), "ORG": ("Acme", "Fiat", "Bayer")}
_WORDS = {
    "en": ("sees", "the", "in", "near", "with", "old"),
    "zz": ("QUA", "WOB", "FY", "HYX", "LUVU", "JY"),
    "xx": ("zed", "ko", "ta", "um", "pri", "gol"),
}


def tiny_encoder(folder: Path, dropout: float = 0.1) -> Path:
    """Write a BERT with 2 layers of width 32 and a character-level tokenizer as a Hugging Face folder.

    Args:
        folder: where; it serves as `--encoder FOLDER`.
        dropout: without it, two processes learn what one learns, but for the order of sums.
    """
    folder.mkdir(parents=True, exist_ok=True)
    characters = string.ascii_letters + string.digits + string.punctuation
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{c}" for c in characters)]
    (folder / "vocab.txt").write_text("\n".join(vocabulary), encoding="utf-8")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"), do_lower_case=False)
    set_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def tiny_corpus(language: str = "en", split: str = "train", size: int = 60) -> Corpus:
    """Return labelled sentences of PER, LOC and ORG; the languages share names but no other words.

    Args:
        language: "en", "zz" or "xx".
        split: also the seed: other splits have other sentences.
        size: how many.
    """
    return _corpus(language, split, size)


def tiny_folder(folder: Path, languages: Sequence[str] = ("en", "xx", "zz")) -> Path:
    """Write tiny corpora, train, dev and test, as a folder for `--dataset FOLDER`.

    Args:
        folder: where.
        languages: which.
    """
    for language in languages:
        (folder / language).mkdir(parents=True, exist_ok=True)
        for split in ("train", "dev", "test"):
            rows = (
                "".join(f"{t}\t{g}\n" for t, g in zip(s.tokens, s.tags or [], strict=True))
                for s in _sentences(language, split)
            )
            (folder / language / f"{split}.conll").write_text("\n".join(rows), encoding="utf-8")
    return folder


def tiny_workbench(encoder: Path, folder: Path) -> Workbench:
    """Return a workbench for the tiny corpora: all weights learn, in fp32 on the CPU, with seed 0.

    Args:
        encoder: a Hugging Face folder, such as `tiny_encoder` writes.
        folder: for checkpoints; each training needs one of its own.
    """
    return Workbench(
        HubModel(HubModel.Config(path=str(encoder))),
        LabelSet(("LOC", "ORG", "PER")),
        max_length=64,
        freeze="none",
        seed=0,
        hardware=Hardware(torch.device("cpu"), bf16=False),
        progress=Progress(quiet=True),
        folder=folder,
    )


@cache
def _corpus(language: str, split: str, size: int) -> Corpus:
    return Corpus.from_sentences("tiny", language, split, _sentences(language, split, size))


def _sentences(language: str, split: str, size: int = 60) -> list[Sentence]:
    draw = random.Random(f"{language} {split}")
    return [_sentence(draw, _WORDS[language]) for _ in range(size)]


def _sentence(draw: random.Random, words: tuple[str, ...]) -> Sentence:
    tokens: list[str] = []
    tags: list[str] = []
    for _ in range(draw.randint(1, 3)):
        kind = draw.choice(list(_NAMES))
        names = draw.sample(_NAMES[kind], draw.randint(1, 2))
        common = draw.sample(words, draw.randint(1, 2))
        tokens += [*common, *names]
        tags += [*("O" for _ in common), f"B-{kind}", *(f"I-{kind}" for _ in names[1:])]
    return Sentence(tokens, tags)
