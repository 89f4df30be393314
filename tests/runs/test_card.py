import pytest
from huggingface_hub import ModelCard

from tests.scored import score
from xner.corpora.labels import LabelSet
from xner.runs.config import build
from xner.runs.written.card import write_card
from xner.runs.written.outside import Outside
from xner.training.checkpoints import CHOSEN_ON
from xner.using.export_card import write_export_card

LABELS = LabelSet(("LOC", "PER"))
CONFIG = build({"method": "tsl", "source.languages": ["en", "fr"], "target.language": "sw", "seed": 7})
USE = Outside(True, 32, "chain 0.25", 100, 71.234, 71.2, 68.5)
METRICS = score([["B-PER", "O"], ["B-LOC"]], [["B-PER", "O"], ["O"]], "demo sw/test").model_copy(
    update={"decoding": "legal"}
)


@pytest.fixture
def card(tmp_path):
    def write(config=CONFIG, metrics=METRICS, notes=()):
        write_card(tmp_path, config, metrics, LABELS, USE, notes)
        return ModelCard.load(tmp_path / "README.md")

    return write


def test_the_front_matter_is_what_the_hub_reads(card):
    data = card().data
    assert (data.language, data.pipeline_tag, data.library_name) == ("sw", "token-classification", "transformers")
    assert {"xner", "cross-lingual"} <= set(data.tags)
    assert data.model_name == "tsl-en-fr-sw"
    values = {result.metric_type: result.metric_value for result in data.eval_results}
    assert values == {"precision": 100.0, "recall": 50.0, "f1": 66.67}
    assert {(r.dataset_type, r.dataset_name) for r in data.eval_results} == {("demo", "demo sw/test")}


def test_what_must_stand_beside_every_score_stands_there(card):
    text = card(notes=("a dictionary of 85 %", "and more")).text
    assert text.index("| PER |") < text.index("\na dictionary of 85 %\n") < text.index("\nand more\n")
    assert card().text.rstrip().endswith("|")


def test_scores_belong_to_the_corpus_that_was_scored(card):
    data = card(build({"target.dataset": "raw", "target.test_dataset": "wikiann"})).data
    assert {result.dataset_type for result in data.eval_results} == {"wikiann"}


def test_the_text_says_what_it_is_and_how_it_was_scored(card):
    text = card().text
    assert "# sw: LOC, PER\n" in text
    assert "`tsl` from labelled `en, fr` text and unlabelled `sw` text; no `sw` label was used" in text
    assert "On demo sw/test (2 sentences; conlleval: " in text
    assert "decoding: legal; checkpoint: last step; one seed, 7):" in text
    table = text[text.index("| | precision") :].strip().splitlines()
    assert table == [
        "| | precision | recall | F1 | entities |",
        "|---|--:|--:|--:|--:|",
        "| all | 100.00 | 50.00 | 66.67 | 2 |",
        "| LOC | 0.00 | 0.00 | 0.00 | 1 |",
        "| PER | 100.00 | 100.00 | 100.00 | 1 |",
    ]
    assert 'model=".", aggregation_strategy="first", stride=32)\n' in text
    assert "A pipeline takes each word's best tag (`argmax`); " in text
    assert "`xner` chooses tags as `xner_decoding` in `config.json` says: `chain 0.25`.\n" in text
    assert (
        "as running text: this 71.20 (`argmax`), `xner predict` 71.23 (`chain 0.25`), "
        "a pipeline with the text as it is 68.50 (`argmax`).\n"
    ) in text


def test_what_is_mixed_into_the_method_is_named(card):
    made = card(build(CONFIG.model_dump(), {"student.weighting": "entropy"}))
    assert "trained by [xner](https://pypi.org/project/xner/) with the method\n`tsl+entropy` from" in made.text
    assert made.data.model_name == "tsl+entropy-en-fr-sw"


def test_a_leak_is_told(card):
    leak = METRICS.model_copy(update={"chosen_on": CHOSEN_ON["target-dev"]})
    text = card(CONFIG.model_copy(update={"checkpoint": "target-dev"}), leak).text
    assert "unlabelled `sw` text; labels of `sw` chose the checkpoints." in text
    assert "no `sw` label was used" not in text
    assert "checkpoint: TARGET DEV, a leak: labels of the target chose it; one seed, 7):" in text


def test_no_path_of_this_machine_stands_in_it(card):
    config = build({"target.dataset": "/home/ada/mydata"})
    made = card(config, METRICS.model_copy(update={"corpus": "mydata sw/test"}))
    assert "/home" not in made.content and {r.dataset_type for r in made.data.eval_results} == {"mydata"}


def test_without_scores_it_says_so_and_claims_none(card):
    made = card(metrics=None)
    assert "It has not been scored: the target has no labelled test split." in made.text
    assert "precision" not in made.text
    assert made.data.eval_results is None
    assert "model-index" not in made.content


@pytest.mark.parametrize(("int8", "weights"), [(True, "int8"), (False, "fp32")])
def test_the_card_of_an_export_claims_no_scores_of_its_own(card, tmp_path, int8, weights):
    (tmp_path / "out").mkdir()
    text = card().text
    write_export_card(tmp_path, tmp_path / "out", "onnx", int8, None)
    made = ModelCard.load(tmp_path / "out" / "README.md")
    assert (made.data.language, made.data.library_name, made.data.eval_results) == ("sw", "onnx", None)
    assert "model-index" not in made.content
    assert made.text.strip().startswith(f"# ONNX, {weights} weights")
    assert "its scores were measured in PyTorch" in made.text
    assert made.text.endswith(text)


def test_the_card_of_an_export_of_a_student_without_one(tmp_path):
    (tmp_path / "out").mkdir()
    write_export_card(tmp_path, tmp_path / "out", "onnx", False, None)
    made = ModelCard.load(tmp_path / "out" / "README.md")
    assert (made.data.pipeline_tag, made.data.library_name) == ("token-classification", "onnx")
    assert "What follows" not in made.text


def test_that_code_of_the_encoder_ran_is_said(card):
    said = "trained with `encoders.hub.trust_remote_code = true`: Python code that came with the encoder ran"
    assert said in card(build({"encoders.hub.trust_remote_code": True})).text
    assert "trust_remote_code" not in card().text
    assert "trust_remote_code" not in card(build({"encoders.hub.trust_remote_code": False})).text
