"""The encoder `hub`: any pretrained encoder in the format of Hugging Face."""

import hashlib
from pathlib import Path
from typing import ClassVar

import torch
from pydantic import Field
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from xner.corpora.labels import LabelSet
from xner.errors import DataError
from xner.plugin.component import Settings
from xner.tagging.encoder import Encoder
from xner.tagging.limits import TOKENIZER_FILES, check_files, check_vocabulary


class HubModel(Encoder):
    """A model of the Hugging Face hub, or a folder that `save_pretrained` wrote."""

    class Config(Settings):
        """Where the model is."""

        path: str = Field(description="Hub id (owner/name) or folder.")
        revision: str | None = Field(None, description="Branch, tag or commit of the hub repository.")

    config: "HubModel.Config"
    _weights: ClassVar[tuple[str, ...]] = ("*.safetensors", "*.bin", "config.json", *TOKENIZER_FILES)

    def load(self, labels: LabelSet) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """Load model and tokenizer; the tag head is new.

        Raises:
            DataError: there is no such model, or it cannot be fetched.
        """
        return load_pretrained(self.config.path, labels, self.config.revision)

    def identity(self) -> str:
        """Return the hub id and revision, or a hash of the files in a folder.

        Raises:
            DataError: there is no encoder in the folder.
        """
        folder = Path(self.config.path)
        if not folder.is_dir():
            return super().identity()
        if not (folder / "config.json").is_file():
            raise DataError(f"{folder}: there is no encoder here; expected config.json, weights and a tokenizer")
        digest = hashlib.sha256()
        for file in sorted({file for pattern in self._weights for file in folder.glob(pattern)}):
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return digest.hexdigest()


def load_pretrained(
    path: str, labels: LabelSet, revision: str | None = None
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a pretrained encoder with a new tag head.

    Args:
        path: hub id or folder.
        labels: the label set; it becomes the model's `id2label`.
        revision: branch, tag or commit on the hub.

    Raises:
        DataError: there is no such model, it cannot be fetched, or it has no tokenizer.
    """
    check_files(path)
    names = dict(enumerate(labels.tags))
    try:
        config = AutoConfig.from_pretrained(path, revision=revision)
        config.num_labels = len(names)
        config.id2label, config.label2id = names, labels.ids
        # byte-level tokenizers need to be told that words arrive already split
        prefix = {"add_prefix_space": True} if config.model_type in ("roberta", "gpt2", "longformer", "bart") else {}
        tokenizer = AutoTokenizer.from_pretrained(path, revision=revision, use_fast=True, **prefix)
        # a checkpoint may carry a head for other classes; the head here is always new
        model = AutoModelForTokenClassification.from_pretrained(
            path, revision=revision, config=config, ignore_mismatched_sizes=True, dtype=torch.float32
        )
    except Exception as error:  # tokenizers raises Exception itself
        reason = str(error).partition("\n")[0].rstrip(": ")
        raise DataError(
            f"cannot load the encoder '{path}': {reason} (expected a folder or a hub id such as "
            "FacebookAI/xlm-roberta-base; "
            "without a network, load it once with one, or use the embedded --encoder e5-small)"
        ) from error
    check_vocabulary(path, tokenizer)
    return model, tokenizer
