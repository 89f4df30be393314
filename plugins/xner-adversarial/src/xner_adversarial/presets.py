"""The published settings of both methods, as far as they are known; with the source of each value.

"code" is that of Chen et al. (AdvPicker, ACL 2021), which its authors published. Of Keung et al. (AdvCE, EMNLP 2019)
no code and no settings are known to us, so `advce` has those of AdvPicker's first stage, the nearest published ones.
"""

_TRAINING: dict[str, object] = {
    "learning_rate": 6e-5,  # code
    "head_rate": 1.0,  # code: one rate for all
    "epochs": 10,  # code
    "batch_size": 32,  # code
    "schedule": "linear",  # code
    "warmup": 0.05,  # code
    "weight_decay": 0.01,  # code
    "max_grad_norm": 0.0,  # code of the first stage; of the student it is not known to us
    "subwords": 0,  # code: first sub-words alone
}
_ADVERSARIAL: dict[str, object] = _TRAINING | {
    "text_batch": 32,  # code
    "update": "flipped",  # both papers
    "generator_scale": 0.01,  # code: 6e-7
    "discriminator_rate": 5e-3,  # code
}
_ENCODER: dict[str, object] = {
    "encoder": "google-bert/bert-base-multilingual-cased",  # both papers
    "max_length": 128,  # code
}


def _of(part: str, settings: dict[str, object]) -> dict[str, object]:
    return {f"{part}.{name}": value for name, value in settings.items()}


ADVCE: dict[str, object] = {
    **_ENCODER,
    "freeze": "none",  # the paper does not say
    **_of("teachers.adversarial", _ADVERSARIAL | {"level": "sentence", "hidden": 0}),  # remembered of the paper
}
ADVPICKER: dict[str, object] = {
    **_ENCODER,
    "freeze": 3,  # code: all embeddings, too
    "decoding.rule": "legal",  # code, but there a sentence may begin with I-
    "methods.advpicker.teachers": 5,  # code
    **_of("teachers.token-adversarial", _ADVERSARIAL | {"level": "token", "hidden": 500}),  # code
    "refiners.language-picking.keep": 0.8,  # code
    **_of("student", _TRAINING),
    "student.start": "encoder",  # code
    "student.tag_loss": "mse_prob",  # code: its mean over tags, which AdamW does not tell from the sum
}
