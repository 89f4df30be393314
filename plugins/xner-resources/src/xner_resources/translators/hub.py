"""The translator `hub`: a translation model of the hub, or in a folder, by transformers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from xner.base import Settings, Sides, Translation, Translator
from xner.errors import DataError
from xner_resources.translators.model_files import folder_hash, hub_commit

if TYPE_CHECKING:
    import torch


class Hub(Translator):
    """A sequence-to-sequence model in the form of transformers, such as those of OPUS-MT, NLLB, M2M and T5."""

    class Config(Settings):
        """Which model, and how it decodes."""

        path: str = Field("", description="Hub id or folder; {source} and {target} stand for the languages' codes.")
        revision: str | None = Field(None, description="Branch, tag or commit on the hub.")
        source_token: str = Field("", description="What the model calls the source's language, such as eng_Latn.")
        target_token: str = Field("", description="What it calls the target's, such as spa_Latn; it is written first.")
        prefix: str = Field("", description="Stands before every text, such as 'translate English to German: '.")
        beams: int = Field(4, ge=1, description="Beams of the search.")
        batch_size: int = Field(16, ge=1, description="Texts that are translated at once.")
        max_tokens: int = Field(256, ge=1, description="Longest text and longest translation in sub-words.")

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return the model's commit, or a hash of its folder.

        Raises:
            DataError: there is no such model.
        """
        path = self._path(sides)
        if Path(path).is_dir():
            return folder_hash(Path(path))
        return f"{path}@{hub_commit(path, self.config.revision)}"

    def translate(self, texts: Sequence[str], sides: Sides) -> Iterator[Translation]:
        """Yield the best translation that the search finds.

        Raises:
            DataError: there is no such model, or it cannot be loaded.
        """
        import torch

        settings = self.config
        model, tokenizer = self._load(self._path(sides), sides.workbench.hardware.device)
        first = {"forced_bos_token_id": _token(tokenizer, settings.target_token)} if settings.target_token else {}
        for start in range(0, len(texts), settings.batch_size):
            batch = [settings.prefix + text for text in texts[start : start + settings.batch_size]]
            limits = {"truncation": True, "max_length": settings.max_tokens}
            inputs = tokenizer(batch, return_tensors="pt", padding=True, **limits)
            there = {name: inputs[name].to(model.device) for name in ("input_ids", "attention_mask")}
            with torch.inference_mode():
                made = model.generate(
                    **there, num_beams=settings.beams, do_sample=False, max_new_tokens=settings.max_tokens, **first
                )
            for text, ids in zip(texts[start:], made, strict=False):
                yield Translation(" ".join(tokenizer.decode(ids, skip_special_tokens=True).split()) or text)

    def _path(self, sides: Sides) -> str:
        if not self.config.path:
            raise DataError("hub: which model? --set resources.hub.path=FOLDER, or a hub id")
        source, target = sides.languages
        path = self.config.path.replace("{source}", source).replace("{target}", target)
        return str(Path(path).expanduser()) if path.startswith("~") else path

    def _load(self, path: str, device: "torch.device") -> tuple[Any, Any]:
        from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

        how: dict[str, Any] = {"revision": self.config.revision, "trust_remote_code": False}
        try:
            tokenizer = AutoTokenizer.from_pretrained(path, **how)  # nosec B615 # its revision is a setting
            model = AutoModelForSeq2SeqLM.from_pretrained(path, use_safetensors=True, **how)  # nosec B615 # as above
        except Exception as error:  # tokenizers raises Exception itself
            reason = str(error).strip().splitlines()[0][:200]
            raise DataError(f"{path}: no translation model of transformers can be loaded: {reason}") from error
        if self.config.source_token:
            _token(tokenizer, self.config.source_token)
            tokenizer.src_lang = self.config.source_token
        return model.eval().to(device), tokenizer


def _token(tokenizer: Any, name: str) -> int:
    """Return the number of a language's token.

    Raises:
        DataError: the model has no such token.
    """
    number = tokenizer.convert_tokens_to_ids(name)
    if number is None or number == tokenizer.unk_token_id:
        raise DataError(f"hub: the model's tokenizer has no token '{name}'; see the model's card for its languages")
    return int(number)
