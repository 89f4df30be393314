"""What this plugin offers; records only."""

from collections.abc import Iterable

from xner.hookspecs import Offer, hookimpl


@hookimpl
def xner_methods() -> Iterable[Offer]:
    """Yield the methods whose teachers learn against a language discriminator."""
    yield Offer("advce", "xner_adversarial.advce:AdvCE", "An adversarial tagger, as it is (Keung et al., EMNLP 2019)")
    yield Offer(
        "advpicker",
        "xner_adversarial.advpicker:AdvPicker",
        "An adversarial tagger, and a student of the sentences least like one language (Chen et al., ACL 2021)",
    )


@hookimpl
def xner_teachers() -> Iterable[Offer]:
    """Yield the adversarial tagger, against a discriminator of sentences and of sub-words."""
    yield Offer(
        "adversarial", "xner_adversarial.adversarial:Adversarial", "Tags, from states that do not show their language"
    )
    yield Offer(
        "token-adversarial",
        "xner_adversarial.token_adversarial:TokenAdversarial",
        "The same, against a discriminator of every sub-word",
    )


@hookimpl
def xner_refiners() -> Iterable[Offer]:
    """Yield what picks sentences, and what picks a teacher for each."""
    yield Offer(
        "language-picking",
        "xner_adversarial.language_picking:LanguagePicking",
        "Leaves out the sentences whose language the discriminator is surest of",
    )
    yield Offer(
        "surest-teacher",
        "xner_adversarial.surest_teacher:SurestTeacher",
        "Each sentence's signals are those of the teacher that is surest of its tags",
    )
