"""Measurement: Hugging Face's own way to train a tagger, as in the example run_ner.py of transformers."""

import tempfile
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from transformers import (
    DataCollatorForTokenClassification,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    Trainer,
    TrainingArguments,
    set_seed,
)

from tests.scored import score
from xner.corpora.corpus import Corpus
from xner.plugin.manager import Plugins
from xner.runs.components import Components
from xner.runs.loading import RunCorpora, load_corpora
from xner.runs.mixing import configure
from xner.tagging.encoder import Encoder

_MAX_LENGTH = 128
_IGNORED = -100


def train(settings: Mapping[str, Any], epochs: int, bf16: bool = False, tuned: bool = False) -> dict[str, float]:
    """Train on a run's source sentences, and score on its test split.

    Args:
        settings: of the run, by dotted name; its corpora, encoder and seed are used.
        epochs: passes over the sentences.
        bf16: with bfloat16 autocast and frozen word embeddings; else all is the default of `TrainingArguments`.
        tuned: with xner's rates, batch size and warm-up.

    Returns:
        "seconds" of training, from the sentences to the model on disk; "loading": of loading the model before; "f1".
    """
    config = configure(Plugins.load(), settings)
    components = Components(Plugins.load(), config)
    data, encoder = load_corpora(config, components), components.encoder()
    set_seed(config.seed)
    started = time.perf_counter()
    model, tokenizer = encoder.load(data.labels)
    loaded = time.perf_counter()
    if bf16:
        model.get_input_embeddings().requires_grad_(False)
    with tempfile.TemporaryDirectory() as folder:
        trainer = Trainer(
            model,
            _arguments(folder, config.seed, epochs, bf16, tuned),
            train_dataset=_prepare(data.sources[0], data, tokenizer),
            data_collator=DataCollatorForTokenClassification(tokenizer),
            processing_class=tokenizer,
            optimizers=(_two_rates(model, encoder) if tuned else None, None),
        )
        trainer.train()
        trainer.save_model()
        trained = time.perf_counter()
    return {"seconds": trained - loaded, "loading": loaded - started, "f1": _f1(trainer, data, tokenizer)}


def _arguments(folder: str, seed: int, epochs: int, bf16: bool, tuned: bool) -> TrainingArguments:
    return TrainingArguments(
        output_dir=folder,
        num_train_epochs=epochs,
        seed=seed,
        bf16=bf16,
        use_cpu=not torch.cuda.is_available(),
        save_strategy="no",
        report_to="none",
        disable_tqdm=True,
        per_device_train_batch_size=32 if tuned else 8,  # 8 and no warm-up are the defaults
        warmup_steps=0.1 if tuned else 0,
    )


def _prepare(corpus: Corpus, data: RunCorpora, tokenizer: PreTrainedTokenizerBase) -> Dataset:
    """Cut words into sub-words; the first of each word has its label, all others -100."""

    def align(batch: dict[str, list[Any]]) -> dict[str, Any]:
        encoded = tokenizer(batch["tokens"], truncation=True, max_length=_MAX_LENGTH, is_split_into_words=True)
        labels = []
        for row, tags in enumerate(batch["tags"]):
            words = encoded.word_ids(row)
            first = [word is not None and word != before for word, before in zip(words, [None, *words], strict=False)]
            labels.append(
                [data.labels.ids[tags[word]] if own else _IGNORED for word, own in zip(words, first, strict=True)]
            )
        return {**encoded, "labels": labels}

    return corpus.data.map(align, batched=True, remove_columns=corpus.data.column_names)


def _two_rates(model: PreTrainedModel, encoder: Encoder) -> torch.optim.Optimizer:
    """Return AdamW with xner's rate for the encoder and its factor for the tag head."""
    learning = [(name, weight) for name, weight in model.named_parameters() if weight.requires_grad]
    groups = [
        {
            "params": [weight for name, weight in learning if name.startswith("classifier") == head],
            "lr": encoder.learning_rate * (encoder.head_rate if head else 1),
        }
        for head in (False, True)
    ]
    return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)


def _f1(trainer: Trainer, data: RunCorpora, tokenizer: PreTrainedTokenizerBase) -> float:
    """Score on the test split; a word that was cut off has the tag O."""
    assert data.test is not None
    logits, labels, _ = trainer.predict(_prepare(data.test, data, tokenizer))
    predicted = []
    for sentence, scores, own in zip(data.test, np.asarray(logits), np.asarray(labels), strict=True):
        tags = [data.labels.tags[number] for number in scores[own != _IGNORED].argmax(-1)]
        predicted.append(tags + ["O"] * (len(sentence.tokens) - len(tags)))
    return score([s.tags or [] for s in data.test], predicted, str(data.test)).overall.f1
