"""The translator `ctranslate2`: a model in the form of CTranslate2, such as one of OPUS-MT, NLLB or Argos."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from xner.base import Settings, Sides, Translation, Translator
from xner.errors import DataError
from xner_resources.translators.model_files import folder_hash
from xner_resources.translators.pieces import Pieces, pieces_of


class CTranslate2(Translator):
    """A model in the form of CTranslate2, in a folder with its tokenizer; fast on processors."""

    class Config(Settings):
        """Which model, and how it decodes."""

        path: str = Field("", description="Its folder; {source} and {target} stand for the languages' codes.")
        source_token: str = Field("", description="What the model calls the source's language, such as eng_Latn.")
        target_token: str = Field("", description="What it calls the target's, such as spa_Latn; it is written first.")
        beams: int = Field(4, ge=1, description="Beams of the search.")
        batch_size: int = Field(32, ge=1, description="Texts that are translated at once.")
        compute_type: Literal["default", "int8", "float32"] = Field(
            "default", description="Numbers that it computes with; default: those that are stored."
        )

    config: Config

    def identity(self, sides: Sides) -> str:
        """Return a hash of the folder.

        Raises:
            DataError: there is no such model.
        """
        return folder_hash(self._folder(sides))

    def translate(self, texts: Sequence[str], sides: Sides) -> Iterator[Translation]:
        """Yield the best translation that the search finds.

        Raises:
            DataError: there is no such model, or it or its tokenizer cannot be loaded.
        """
        settings, folder = self.config, self._folder(sides)
        model, pieces = self._model(folder), pieces_of(folder, settings.source_token)
        for start in range(0, len(texts), settings.batch_size):
            yield from self._translated(texts[start : start + settings.batch_size], model, pieces)

    def _translated(self, texts: Sequence[str], model: Any, pieces: Pieces) -> Iterator[Translation]:
        first = self.config.target_token
        prefix = {"target_prefix": [[first]] * len(texts)} if first else {}
        results = model.translate_batch([pieces.cut(text) for text in texts], beam_size=self.config.beams, **prefix)
        for text, result in zip(texts, results, strict=True):
            best = result.hypotheses[0]
            made = pieces.join(best[1:] if first and best[:1] == [first] else best)
            yield Translation(" ".join(made.split()) or text)

    def _folder(self, sides: Sides) -> Path:
        if not self.config.path:
            raise DataError("ctranslate2: which model? --set resources.ctranslate2.path=FOLDER")
        source, target = sides.languages
        folder = Path(self.config.path.replace("{source}", source).replace("{target}", target)).expanduser()
        if not (folder / "model.bin").is_file():
            inside = folder / "model"  # as Argos packs its models
            where = f"; is it {inside}?" if (inside / "model.bin").is_file() else ""
            raise DataError(f"{folder}: no model of CTranslate2 here (model.bin){where} Set resources.ctranslate2.path")
        return folder

    def _model(self, folder: Path) -> Any:
        try:
            library = import_module("ctranslate2")
        except ImportError as error:
            raise DataError('ctranslate2: it is not installed: pip install "xner-resources[ctranslate2]"') from error
        try:
            return library.Translator(str(folder), device="cpu", compute_type=self.config.compute_type)
        except (RuntimeError, ValueError) as error:
            raise DataError(f"{folder}: CTranslate2 cannot load it: {str(error).splitlines()[0][:200]}") from error
