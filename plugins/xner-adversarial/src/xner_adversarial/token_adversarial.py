"""The teacher `token-adversarial`: `adversarial` with AdvPicker's discriminator."""

from pydantic import Field

from xner_adversarial.adversarial import Adversarial
from xner_adversarial.discriminator import AdversarialSettings, Level


class TokenAdversarialSettings(AdversarialSettings):
    """How a tagger learns against a discriminator of sub-words, and how the discriminator does."""

    level: Level = Field("token", description="What has a language: a sentence's mean state, or every sub-word's.")
    hidden: int = Field(500, ge=0, description="Units of the discriminator's ReLU layer; 0: it is linear.")


class TokenAdversarial(Adversarial):
    """Learns the source's tags while no sub-word is to show its language (the code of Chen et al., ACL 2021)."""

    Config = TokenAdversarialSettings
    config: TokenAdversarialSettings
