"""What a tagger's config.json says of its decoding: in plain numbers, for whoever decodes it elsewhere."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import PreTrainedConfig

from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import ARGMAX, Decoder, DecodingSettings
from xner.errors import DataError

_NOTE = "xner_decoding"
_FILE = "config.json"


def note_bigrams(config: PreTrainedConfig, bigrams: Bigrams | None) -> None:
    """Write bigrams into the configuration of a model that is about to be saved; its rule is the run's affair.

    Args:
        config: of the model.
        bigrams: of its sources; None: not known.
    """
    setattr(config, _NOTE, {"bigrams": bigrams.numbers()} if bigrams else {})


def note_rule(folder: Path, settings: DecodingSettings) -> None:
    """Write the rule by which a tagger is decoded into its config.json.

    Args:
        folder: the tagger's.
        settings: the rule.
    """
    file = folder / _FILE
    config = json.loads(file.read_text(encoding="utf-8"))
    config[_NOTE] = {**config.get(_NOTE, {}), **settings.model_dump()}
    file.write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def noted_decoder(config: PreTrainedConfig, labels: LabelSet, where: str) -> Decoder:
    """Return the decoder that a configuration speaks of; one that says nothing is read as argmax.

    Args:
        config: of the model.
        labels: its label set.
        where: what it is called in messages.

    Raises:
        DataError: what it says is not what xner writes.
    """
    noted = getattr(config, _NOTE, None) or {}
    try:
        settings = DecodingSettings(**{name: noted[name] for name in ("rule", "strength") if name in noted})
        return Decoder(labels, settings if "rule" in noted else ARGMAX, _bigrams(noted, labels))
    except (TypeError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise DataError(f"{where}: '{_NOTE}' of its config.json is damaged: {reason}") from error


def bigrams_of(folder: Path, labels: LabelSet) -> Bigrams | None:
    """Return the bigrams that a tagger's config.json has; None if it has none.

    Args:
        folder: the tagger's.
        labels: its label set.
    """
    return _bigrams(json.loads((folder / _FILE).read_text(encoding="utf-8")).get(_NOTE) or {}, labels)


def _bigrams(noted: Mapping[str, Any], labels: LabelSet) -> Bigrams | None:
    return Bigrams.read(labels, noted["bigrams"]) if "bigrams" in noted else None
