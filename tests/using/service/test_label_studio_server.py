"""A real Label Studio asks `xner serve`, with its own client of backends, and exports what comes back."""

import json
import os
import subprocess
import sys

import pytest

import xner
from tests.commands import command
from tests.studio import needed, running
from xner.corpora.corpus import Sentence
from xner.corpora.formats.options import ReadOptions
from xner.corpora.formats.reading import read

pytestmark = needed
TEXTS = [
    "Ada sees Rome near Acme Bayer",
    "🙂🙂 Ada 👩‍👩‍👧 Rome 🇩🇪 Oslo",
    "ראיתי את Ada ב Rome, مرحبا Noor",
    "王小明在北京 Ada",
    '<b>Ada</b> & "Rome" \\ud83d',
    "e\u0301Ada \r\nRome\tOslo",
    "Fiat ko Lima Oslo gol ko",
]
TYPES = ("LOC", "PER")


@pytest.fixture(scope="module")
def studio(tmp_path_factory):
    """A Label Studio that is running."""
    with running(tmp_path_factory.mktemp("studio")) as studio:
        yield studio


@pytest.fixture(scope="module")
def service(tagger_folder):
    """The address of a service that is running."""
    words = [sys.executable, "-m", "xner", "serve", str(tagger_folder), "--port", "0", "--precision", "fp32"]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        try:
            yield process.stdout.readline().split()[0]
        finally:
            process.kill()


@pytest.fixture(scope="module")
def model(tagger_folder):
    """What the run is called."""
    return "/".join(tagger_folder.resolve().parts[-2:])


@pytest.fixture(scope="module")
def suggested(tagger_folder, tmp_path_factory):
    """What `xner suggest` writes for Label Studio: the interface, and the tasks."""
    folder = tmp_path_factory.mktemp("suggested")
    (folder / "raw.txt").write_text("".join(f"{text}\n" for text in TEXTS if "\n" not in text), encoding="utf-8")
    words = ["suggest", str(tagger_folder), "--file", str(folder / "raw.txt"), "-n", "9", "--out", str(folder / "out")]
    done = command(words)
    assert done.returncode == 0, done.stderr
    interface, tasks = (
        (folder / "out" / name).read_text("utf-8") for name in ("label-studio.xml", "label-studio.json")
    )
    return interface, json.loads(tasks)


@pytest.fixture(scope="module")
def asked(studio, service):
    """A project that names things in its own way and lacks ORG, whose tasks are predicted, and its backend."""
    labels = "".join(f'<Label value="{kind}"/>' for kind in TYPES)
    interface = f'<View><Text name="doc" value="$body"/><Labels name="label" toName="doc">{labels}</Labels></View>'
    project = studio.project(interface, [{"body": text, "source": "x"} for text in TEXTS])
    backend = studio.connect(project, service).json()
    studio.retrieve(project)
    return project, backend["id"]


def test_a_backend_is_connected_and_says_its_version(studio, asked, model):
    """Without an answer to /versions, a message beside them says that the backend is too old."""
    shown = studio.backend(asked[1])
    assert (shown["readable_state"], shown["error_message"], shown["model_version"]) == ("Connected", None, model)
    assert studio.versions(asked[1]) == {"versions": [model]}


def test_each_task_has_the_prediction_of_the_run(studio, asked, tagger_folder, model):
    found = xner.load(tagger_folder, precision="fp32").predict(TEXTS)
    for task, text, entities in zip(studio.tasks(asked[0]), TEXTS, found, strict=True):
        (predicted,) = task["predictions"]
        kept = [one for one in entities if one.type in TYPES]
        assert (task["data"]["body"], predicted["model_version"]) == (text, model)
        assert predicted["score"] == min([one.score for one in kept], default=1)
        for region, entity in zip(predicted["result"], kept, strict=True):
            assert (region["from_name"], region["to_name"], region["type"]) == ("label", "doc", "labels")
            value = {"start": entity.start, "end": entity.end, "text": entity.text, "labels": [entity.type]}
            assert (region["value"], region["score"]) == (value, entity.score)
            assert text[entity.start : entity.end] == entity.text
    assert sum(map(len, found)) > len(TEXTS)


def test_a_task_that_is_opened_is_predicted(studio, service, suggested, model):
    project = studio.project(suggested[0], [{"text": TEXTS[0]}])
    studio.connect(project, service)
    assert studio.tasks(project)[0]["predictions"] == []
    (shown,) = studio.next(project)["predictions"]
    assert (shown["model_version"], bool(shown["result"])) == (model, True)


def test_suggested_tasks_bring_the_same_predictions_and_are_not_asked_for_again(studio, service, suggested, model):
    interface, tasks = suggested
    project = studio.project(interface, tasks)
    assert studio.connect(project, service).json()["model_version"] == tasks[0]["predictions"][0]["model_version"]
    studio.retrieve(project)
    for task, given in zip(studio.tasks(project), tasks, strict=True):
        (predicted,), (expected,) = task["predictions"], given["predictions"]
        assert task["data"] == given["data"]
        assert {key: predicted[key] for key in expected} == expected
        assert predicted["model_version"] == model
    assert len(studio.next(project)["predictions"]) == 1


def test_an_interface_that_labels_no_text_is_refused(studio, service):
    answer = studio.connect(studio.project("<View></View>", [{"text": "x"}]), service)
    assert (answer.status_code, "422 Client Error" in answer.text) == (400, True)


def test_who_asks_for_a_training_gets_none_and_stays_connected(studio, asked):
    studio.train(asked[1])
    assert studio.backend(asked[1])["readable_state"] == "Connected"


def test_every_export_of_accepted_corrected_and_skipped_tasks_is_read(studio, service, suggested, tmp_path):
    """The first is accepted, of the second no entity is kept, the third is skipped; nobody looks at the others."""
    project = studio.project(*suggested)
    studio.connect(project, service)  # which is told of each annotation, and refuses to hear it
    accepted, emptied, skipped, *_ = studio.tasks(project)
    regions = accepted["predictions"][0]["result"]
    studio.annotate(accepted["id"], regions)
    studio.annotate(emptied["id"], [])
    studio.annotate(skipped["id"], regions[:1], skipped=True)
    for kind in ("JSON", "JSON_MIN", "CONLL2003"):
        name = tmp_path / {"CONLL2003": "export.conll"}.get(kind, f"{kind}.json")
        name.write_bytes(studio.export(project, kind))
        sentences = list(read(name, ReadOptions()))
        assert [_spans(sentence) for sentence in sentences] == [
            [(region["value"]["labels"][0], region["value"]["text"].split()) for region in regions],
            [],
        ], kind
        assert None not in [sentence.tags for sentence in sentences]


def _spans(sentence: Sentence):
    """Return the entities of a sentence, each with its words."""
    found = []
    for word, tag in zip(sentence.tokens, sentence.tags or [], strict=False):
        if tag.startswith("B-"):
            found.append((tag[2:], []))
        if tag != "O":
            found[-1][1].append(word)
    return found
