import pytest
import steps
from steps import Reached
from store import Store


@pytest.fixture
def table(place, tmp_path, monkeypatch, capsys):
    """Runs the command on a tiny experiment; returns its table."""
    monkeypatch.setenv("XNER_CACHE", "")

    def call(*options):
        files = [
            "--experiment",
            place / "experiment.toml",
            "--out",
            tmp_path / "out",
            "--records",
            tmp_path / "records",
        ]
        steps.main([str(word) for word in (place / "data", *files, *options)])
        return capsys.readouterr().out

    return call


def test_each_teacher_is_measured_by_what_it_says(table, tmp_path):
    said = table("--sentences", 30, "--steps", 8, "--seeds", 1)
    assert "| joint | 30 | 8 |" in said and "| similarity | 30 | 8 |  |" in said
    found = {
        name: Store(tmp_path / "records").load(Reached, f"{name}-30-8-s0") for name in ("recognizer", "similarity")
    }
    assert found["recognizer"].auc is None and found["similarity"].f1 is None
    assert (found["recognizer"].decoding, found["similarity"].decoding) == ("chain 0.25", "")
    assert 0 <= found["recognizer"].f1 <= 100 and 0 <= found["similarity"].auc <= 1
    assert not list((tmp_path / "out/stages").glob("*/stage.json"))  # a stage may have hundreds of megabytes


def test_what_is_known_is_not_measured_again(table, tmp_path):
    store = Store(tmp_path / "records")
    for seed, f1 in ((0, 70.0), (1, 72.0)):
        point = Reached(teacher="recognizer", sentences=30, steps=8, seed=seed, f1=f1, decoding="legal")
        store.save(point.name, point)
    said = table("--sentences", 30, "--steps", 8, "--seeds", 2, "--teachers", "recognizer")
    assert "| recognizer | 30 | 8 | 71.00 ± 1.41 |  | 0, 1 |" in said
