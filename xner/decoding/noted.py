"""What a tagger's config.json says of its decoding: in plain numbers, for whoever decodes it elsewhere."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from xner.corpora.labels import LabelSet
from xner.decoding.bigrams import Bigrams
from xner.decoding.decoder import ARGMAX, Decoder, DecodingSettings
from xner.errors import DataError

if TYPE_CHECKING:
    from types import SimpleNamespace

    from transformers import PreTrainedConfig

_NOTE = "xner_decoding"
_FILE = "config.json"


def note_bigrams(config: "PreTrainedConfig", bigrams: Bigrams | None) -> None:
    """Write bigrams into the configuration of a model that is about to be saved; its rule is the run's affair.

    Args:
        config: of the model.
        bigrams: of its sources; None: not known.
    """
    setattr(config, _NOTE, {"bigrams": bigrams.noted()} if bigrams else {})


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


def noted_decoder(config: "PreTrainedConfig | SimpleNamespace", labels: LabelSet, where: str) -> Decoder:
    """Return the decoder that a configuration speaks of; one that says nothing is read as argmax.

    Args:
        config: of the model.
        labels: its label set.
        where: what it is called in messages.

    Raises:
        DataError: what it says is not what xner writes.
    """
    noted = _table(getattr(config, _NOTE, None), where)
    given = {name: noted[name] for name in DecodingSettings.model_fields if name in noted}
    try:
        settings = DecodingSettings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        raise _damaged(where, f"{first['loc'][0]} = {first['input']!r}: {first['msg']}") from None
    return Decoder(labels, settings if "rule" in given else ARGMAX, _bigrams(noted, labels, where))


def bigrams_of(folder: Path, labels: LabelSet) -> Bigrams | None:
    """Return the bigrams that a tagger's config.json has of a label set; None if it has none.

    Args:
        folder: the tagger's.
        labels: the label set.

    Raises:
        DataError: what it says is not what xner writes.
    """
    config = json.loads((folder / _FILE).read_text(encoding="utf-8"))
    return _bigrams(_table(config.get(_NOTE), str(folder)), labels, str(folder))


def _table(noted: object, where: str) -> Mapping[str, Any]:
    if noted is None or isinstance(noted, Mapping):
        return noted or {}
    raise _damaged(where, f"a table is expected, and not {noted!r}")


def _bigrams(noted: Mapping[str, Any], labels: LabelSet, where: str) -> Bigrams | None:
    """Return the bigrams, unless they are of other tags: those of a tagger whose types were renamed."""
    if "bigrams" not in noted:
        return None
    try:
        found = Bigrams.read(noted["bigrams"])
    except ValueError as error:
        raise _damaged(where, str(error).partition("\n")[0]) from None
    return found if found.labels == labels else None


def _damaged(where: str, reason: str) -> DataError:
    return DataError(f"{where}: '{_NOTE}' of its config.json is damaged: {reason}")
