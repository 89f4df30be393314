"""The contract of encoders."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor
from transformers import set_seed

from xner.corpora.labels import LabelSet
from xner.tagging.tagger import Tagger
from xner.tagging.windows import collate
from xner.teachers.recognizer import GoldTags
from xner.testing.contract import Contract
from xner.testing.tiny import tiny_corpus
from xner.training.workbench import Workbench


class EncoderContract(Contract):
    """What every encoder must do."""

    kind = "encoders"

    def workbench(self, settings: Mapping[str, object], tiny_workbench: Workbench) -> Workbench:
        """Return a workbench over the encoder."""
        return replace(tiny_workbench, encoder=self.make(settings))

    def test_the_model_has_a_class_for_each_tag(self, settings: Mapping[str, object]) -> None:
        labels = LabelSet(("LOC", "PER"))
        model, tokenizer = self.make(settings).load(labels)
        assert model.config.id2label == dict(enumerate(labels.tags)), "the model's `id2label` is not the label set"
        assert model.config.label2id == labels.ids, "the model's `label2id` is not the label set"
        assert tokenizer.is_fast, "its tokenizer is not a fast one, so it cannot say which word a piece is of"
        assert tokenizer.pad_token_id is not None, "its tokenizer has nothing to fill up batches with"

    def test_every_word_gets_a_tag(self, settings: Mapping[str, object], tiny_workbench: Workbench) -> None:
        corpus = tiny_corpus(size=6)
        tagged = list(self.workbench(settings, tiny_workbench).new_tagger().tag(corpus))
        assert [len(said.best) for said in tagged] == [len(s.tokens) for s in corpus], (
            "there is not a tag for each word"
        )

    def test_the_same_seed_gives_the_same_model(
        self, settings: Mapping[str, object], tiny_workbench: Workbench
    ) -> None:
        first, again, other = (self._weights(settings, seed) for seed in (0, 0, 1))
        assert first.keys() == again.keys() and all(torch.equal(first[name], again[name]) for name in first), (
            "the model differs from one time to the next"
        )
        assert any(not torch.equal(first[name], other[name]) for name in first), "its tag head is not a fresh one"

    def test_the_gradient_reaches_its_layers(self, settings: Mapping[str, object], tiny_workbench: Workbench) -> None:
        tagger = self.workbench(settings, tiny_workbench).new_tagger()
        batch = collate(list(tagger.windower.windows(tiny_corpus(size=4))), tagger.tokenizer.pad_token_id or 0)
        GoldTags(tagger)(batch).backward()
        reached = [n for n, w in tagger.model.base_model.named_parameters() if w.grad is not None and w.grad.any()]
        assert reached, "no gradient of the tags' loss reaches the pretrained part of the model"

    def test_saved_and_loaded_it_tags_the_same(
        self, settings: Mapping[str, object], tiny_workbench: Workbench, tmp_path: Path
    ) -> None:
        tagger = self.workbench(settings, tiny_workbench).new_tagger()
        tagger.save(tmp_path / "saved")
        again = Tagger.load(tmp_path / "saved", tiny_workbench.hardware)
        again.decoding = tagger.decoding  # a run notes it, not the tagger
        for one, other in zip(tagger.tag(tiny_corpus(size=6)), again.tag(tiny_corpus(size=6)), strict=True):
            assert one.best == other.best, "its tags are other ones after `save_pretrained` and `from_pretrained`"
            assert torch.allclose(torch.tensor(one.scores), torch.tensor(other.scores), atol=1e-4)

    def test_its_identity_is_its_own(self, settings: Mapping[str, object]) -> None:
        one, other = (self.make(settings).identity() for _ in range(2))
        assert isinstance(one, str) and one, "its identity is no text, so stages cannot be keyed by it"
        assert one == other, "its identity differs from one time to the next, so no stage would be found again"

    def _weights(self, settings: Mapping[str, object], seed: int) -> dict[str, Tensor]:
        set_seed(seed)
        model, _ = self.make(settings).load(LabelSet(("LOC", "PER")))
        return dict(model.state_dict())
