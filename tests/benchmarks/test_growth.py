import pytest

from tests.benchmarks.growth import Found, outlook

# sentences, words, seconds, MB, MB without mapped files, MB of signals; labelling and student
SMALL = Found(10_000, 96_561, (52.3, 28.3), (956, 2_481), (813, 2_003), 73.4)
LARGE = Found(100_000, 951_512, (550, 296), (1_175, 3_656), (1_023, 2_506), 723)


def test_the_outlook_goes_on_from_the_last_two_sizes():
    rows = {name: values for name, *values in outlook(SMALL, LARGE).rows}
    assert rows == {
        "signals on disk, GB": [pytest.approx(649.6 / 9 * 1000 / 1024), None],
        "labelling, hours": [pytest.approx(497.7 / 9 * 1000 / 3600), None],
        "student, one epoch, hours": [pytest.approx(4 * 267.7 / 9 * 1000 / 3600), None],
        "labelling, anonymous memory, GB": [
            pytest.approx(210 / 9 * 1000 / 1024),
            pytest.approx(1_023**3 / 813**2 / 1024),
        ],
        "student, anonymous memory, GB": [
            pytest.approx(503 / 9 * 1000 / 1024),
            pytest.approx(2_506**3 / 2_003**2 / 1024),
        ],
    }
