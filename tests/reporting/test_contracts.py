"""The contract of each of the engine's own sections."""

from xner.testing import SectionContract


class TestGroups(SectionContract):
    component = "groups"


class TestConfusion(SectionContract):
    component = "confusion"


class TestCalibration(SectionContract):
    component = "calibration"


class TestChanges(SectionContract):
    component = "changes"


class TestMistakes(SectionContract):
    component = "mistakes"


class TestCurves(SectionContract):
    component = "curves"
