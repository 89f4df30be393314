"""Where a pretrained model comes from, to the commit; its code runs and pickles are read only if that was asked for."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import torch
from huggingface_hub import hf_hub_download
from transformers import (
    AutoConfig,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PreTrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from xner.errors import DataError
from xner.tagging.limits import TOKENIZER_FILES, check_files, check_vocabulary

_COMMIT = re.compile(r"[0-9a-f]{40}")
_FILES = ("*.safetensors", "*.bin", "config.json", *TOKENIZER_FILES)
_SECONDS = 10


@dataclass(frozen=True)
class Origin:
    """A folder, or a commit of a repository of the hub.

    Args:
        path: folder or hub id.
        commit: of the repository; None for a folder, or for whatever the hub has today.
        trusted: run Python code that comes with the model.
        code: the commit of that code, where it is in another repository.
        pickled: read weights that are pickled, too.
    """

    path: str
    commit: str | None = None
    trusted: bool = False
    code: str | None = None
    pickled: bool = False

    @classmethod
    def of(
        cls,
        path: str,
        revision: str | None = None,
        trusted: bool = False,
        what: str = "encoder",
        pickled: bool = False,
    ) -> "Origin":
        """Find the commit that a branch or tag means now; without a network, the one in the Hugging Face cache.

        Args:
            path: folder or hub id.
            revision: branch, tag or commit.
            trusted: run Python code that comes with the model.
            what: it is to be; for messages.
            pickled: read weights that are pickled, too.

        Raises:
            DataError: there is no such repository or revision, or it can be found neither there nor in the cache.
        """
        commit = None if Path(path).is_dir() else commit_of(path, revision, what=what)
        return cls(path, commit, trusted, _commit_of_code(path, commit) if trusted else None, pickled)

    @property
    def identity(self) -> str:
        """A text that changes when the model does: hub id and commit, or a hash of the files in a folder.

        Raises:
            DataError: there is no model in the folder.
        """
        there = f"{self.path}@{self.commit}" if self.commit else self._digest()
        return f"{there}, code {self.code or 'of its own'}" if self.trusted else there

    def _digest(self) -> str:
        folder = Path(self.path)
        if not (folder / "config.json").is_file():
            raise DataError(f"{folder}: there is no encoder here; expected config.json, weights and a tokenizer")
        digest, patterns = hashlib.sha256(), (*_FILES, "*.py") if self.trusted else _FILES
        for file in sorted({file for pattern in patterns for file in folder.glob(pattern)}):
            with file.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
        return digest.hexdigest()


def commit_of(repository: str, revision: str | None = None, file: str = "config.json", what: str = "encoder") -> str:
    """Return the commit that a branch or tag of a repository means: on the hub, or without a network in the cache.

    Args:
        repository: hub id.
        revision: branch, tag or commit; None: the main branch.
        file: one that is there; it is fetched, so that the cache keeps what the branch meant.
        what: it is to be; for messages.

    Raises:
        DataError: neither the hub nor the cache knows.
    """
    if revision and _COMMIT.fullmatch(revision):
        return revision
    try:
        place = hf_hub_download(repository, file, revision=revision, etag_timeout=_SECONDS)
    except (OSError, ValueError) as error:
        raise cannot_load(what, repository, error) from error
    return Path(place).parents[file.count("/")].name


def cannot_load(what: str, path: str | Path, error: Exception) -> DataError:
    """Return the error for what a library could not load.

    Args:
        what: what it was to be.
        path: folder or hub id.
        error: what the library raised.
    """
    if "trust_remote_code" in str(error):
        return DataError(
            f"{path}: this model brings Python code of its own, which was not run; read it, and only if you trust it, "
            "set encoders.hub.trust_remote_code=true (for predict, serve and export: --trust-remote-code)"
        )
    reason = str(error).partition("\n")[0].rstrip(": ")
    if "with `safetensors`" in reason or ("safetensors" in reason and any(Path(path).glob("*.bin"))):
        return DataError(
            f"{path}: its weights are pickled (.bin), and a pickle may hide code that runs when it is read; "
            "take a copy that has model.safetensors, or if you trust its maker, set encoders.hub.allow_pickle=true "
            "(for predict, serve and export: --allow-pickle)"
        )
    if Path(path).is_dir() and what == "tagger":
        return DataError(f"{path}: cannot be loaded as a tagger: {reason}; `xner train` makes one")
    return DataError(
        f"cannot load the {what} '{path}': {reason} (expected a folder or a hub id such as "
        "FacebookAI/xlm-roberta-base; without a network, load it once with one, or use the embedded --encoder e5-small)"
    )


def configuration(origin: Origin) -> PreTrainedConfig:
    """Read what a model says of itself; no weights are loaded.

    Raises:
        DataError: there is no model, or it brings code of its own.
    """
    try:
        found: PreTrainedConfig = AutoConfig.from_pretrained(origin.path, revision=origin.commit, **_code(origin))
    except (OSError, ValueError) as error:
        raise cannot_load("tagger", origin.path, error) from error
    return found


def pretrained_tagger(origin: Origin, dtype: torch.dtype) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Read a tagger's model and tokenizer.

    Args:
        origin: where they are.
        dtype: of the weights.

    Raises:
        DataError: there is none, it has no tokenizer, it brings code of its own, or its weights are pickled.
    """
    path, revision, code = origin.path, origin.commit, _code(origin)
    if revision is None and not (Path(path) / "config.json").is_file():
        raise DataError(f"{path}: there is no tagger here; expected a folder with config.json and model.safetensors")
    check_files(path)
    try:
        model = AutoModelForTokenClassification.from_pretrained(
            path, revision=revision, dtype=dtype, use_safetensors=weights(origin.pickled), **code
        )
        tokenizer = AutoTokenizer.from_pretrained(path, revision=revision, **code)
    except Exception as error:  # tokenizers raises Exception itself
        raise cannot_load("tagger", path, error) from error
    check_vocabulary(path, tokenizer)
    return model, tokenizer


def weights(pickled: bool) -> bool | None:
    """Return what transformers takes as `use_safetensors`: only these, or (None) the others, too, where there are none.

    Args:
        pickled: read pickled weights, too; transformers lets torch unpickle tensors and plain values alone.
    """
    return None if pickled else True


def _code(origin: Origin) -> dict[str, object]:
    # said in any case: if nothing is said, transformers asks on stdin
    return {"trust_remote_code": origin.trusted, "code_revision": origin.code}


def _commit_of_code(path: str, commit: str | None) -> str | None:
    """Return the commit of the code of a model, where it is in a repository that is not its own."""
    try:
        settings, _ = PreTrainedConfig.get_config_dict(path, revision=commit)
    except Exception as error:
        raise cannot_load("encoder", path, error) from error
    places = {str(place) for place in settings.get("auto_map", {}).values()}
    others = {repository: name for repository, mark, name in (place.partition("--") for place in places) if mark}
    others.pop(path, None)
    if len(others) > 1:
        raise DataError(f"{path}: its code is in several repositories ({', '.join(others)}), which cannot be pinned")
    return next((commit_of(there, file=f"{name.partition('.')[0]}.py") for there, name in others.items()), None)
