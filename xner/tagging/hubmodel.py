"""The encoder `hub`: any pretrained encoder in the format of Hugging Face."""

from functools import cached_property

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
from xner.plugin.component import Settings
from xner.tagging.encoder import Encoder
from xner.tagging.hub import Origin, cannot_load, weights
from xner.tagging.limits import check_files, check_vocabulary


class HubModel(Encoder):
    """A model of the Hugging Face hub, or a folder that `save_pretrained` wrote."""

    class Config(Settings):
        """Where the model is."""

        path: str = Field(description="Hub id (owner/name) or folder.")
        revision: str | None = Field(None, description="Branch, tag or commit of the hub repository.")

        trust_remote_code: bool = Field(False, description="Run Python code that comes with the model; read it first.")
        allow_pickle: bool = Field(False, description="Read weights that are pickled (.bin) where it has no others.")

    config: "HubModel.Config"

    def load(self, labels: LabelSet) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """Load model and tokenizer; the tag head is new.

        Raises:
            DataError: there is no such model, it cannot be fetched, it has no tokenizer, or it brings code of its own.
        """
        place = self.origin
        return load_pretrained(place.path, labels, place.commit, place.trusted, place.code, place.pickled)

    @cached_property
    def origin(self) -> Origin:
        """Where it comes from; a branch is looked up once, so that all stages of a run have the same commit."""
        trusted, pickled = self.config.trust_remote_code, self.config.allow_pickle
        return Origin.of(self.config.path, self.config.revision, trusted, pickled=pickled)

    @property
    def trusted(self) -> bool:
        """Whether code that comes with the model is run."""
        return self.config.trust_remote_code

    @property
    def pickled(self) -> bool:
        """Whether pickled weights are read."""
        return self.config.allow_pickle

    def identity(self) -> str:
        """Return the hub id and its commit, or a hash of the files in a folder.

        Raises:
            DataError: there is no encoder in the folder, or the commit cannot be found.
        """
        return self.origin.identity


def load_pretrained(
    path: str,
    labels: LabelSet,
    revision: str | None = None,
    trust_remote_code: bool = False,
    code_revision: str | None = None,
    allow_pickle: bool = False,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a pretrained encoder with a new tag head.

    Args:
        path: hub id or folder.
        labels: the label set; it becomes the model's `id2label`.
        revision: branch, tag or commit on the hub.
        trust_remote_code: run Python code that comes with it; otherwise such a model is refused.
        code_revision: the commit of that code, where it is in another repository.
        allow_pickle: read pickled weights where it has no others; otherwise such a model is refused.

    Raises:
        DataError: there is no such model, it cannot be fetched, it has no tokenizer, it brings code of its own, or its
            weights are pickled.
    """
    check_files(path)
    # said in any case: if nothing is said, transformers asks on stdin
    code = {"trust_remote_code": trust_remote_code, "code_revision": code_revision}
    try:
        config = AutoConfig.from_pretrained(path, revision=revision, **code)
        config.num_labels = len(labels.tags)
        config.id2label, config.label2id = dict(enumerate(labels.tags)), labels.ids
        # byte-level tokenizers need to be told that words arrive already split
        prefix = {"add_prefix_space": True} if config.model_type in ("roberta", "gpt2", "longformer", "bart") else {}
        tokenizer = AutoTokenizer.from_pretrained(path, revision=revision, use_fast=True, **prefix, **code)
        # a checkpoint may carry a head for other classes; the head here is always new
        how = {"ignore_mismatched_sizes": True, "dtype": torch.float32, "use_safetensors": weights(allow_pickle)}
        model = AutoModelForTokenClassification.from_pretrained(path, revision=revision, config=config, **how, **code)
    except Exception as error:  # tokenizers raises Exception itself
        raise cannot_load("encoder", path, error) from error
    check_vocabulary(path, tokenizer)
    return model, tokenizer
