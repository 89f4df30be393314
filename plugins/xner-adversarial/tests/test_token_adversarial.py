import pytest

from xner.testing import TeacherContract
from xner_adversarial.adversarial import Adversarial
from xner_adversarial.token_adversarial import TokenAdversarial


class TestTokenAdversarial(TeacherContract):
    component = "token-adversarial"

    @pytest.fixture
    def settings(self):
        return {"epochs": 1}


def test_it_is_the_other_teacher_with_another_discriminator():
    one, other = (kind.Config().model_dump() for kind in (Adversarial, TokenAdversarial))
    assert {name: (one[name], other[name]) for name in one if one[name] != other[name]} == {
        "level": ("sentence", "token"),
        "hidden": (0, 500),
    }
