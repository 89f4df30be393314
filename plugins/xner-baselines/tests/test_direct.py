from dataclasses import replace

import pytest
from safetensors.torch import load_file

from xner.corpora.corpus import Corpus
from xner.corpora.folder import Folder, FolderConfig
from xner.errors import UsageError
from xner.store.stages import TAGGER
from xner.teachers.recognizer import Recognizer
from xner.testing import MethodContract


class TestDirect(MethodContract):
    component = "direct"


def test_end_to_end(train):
    run = train("direct", ("teachers.recognizer",), epochs=10, learning_rate=5e-3, batch_size=16)
    assert [stage.title for stage in run.stages] == ["teacher recognizer on en"]
    assert run.metrics.sentences == 60 and run.metrics.overall.f1 > 30  # the names are shared, the words are not


def test_it_is_the_recognizer(train, tiny_workbench, data_folder, tmp_path):
    run = train("direct", ("teachers.recognizer",), batch_size=8)
    source = Folder(FolderConfig(path=str(data_folder))).load("en", "train")
    teacher = Recognizer(Recognizer.Config(epochs=1, batch_size=8))
    teacher.fit(source, replace(tiny_workbench, max_length=run.config.max_length))
    teacher.save(tmp_path)
    one, other = (load_file(f / "model.safetensors") for f in (tmp_path / TAGGER, run.folder / "student"))
    assert one.keys() == other.keys()
    assert all((one[name] == other[name]).all() for name in one)


def test_another_teacher_that_tags(train):
    run = train("direct", ("teachers.joint",), {"methods.direct.teacher": "joint"}, batch_size=8)
    assert [stage.title for stage in run.stages] == ["teacher joint on en"]
    assert run.metrics.sentences == 60


def test_a_teacher_that_does_not_tag_is_refused(train):
    with pytest.raises(UsageError, match=r"^methods\.direct\.teacher = 'similarity': this teacher gives no tags$"):
        train("direct", ("teachers.similarity",), {"methods.direct.teacher": "similarity"})


def test_the_target_has_no_part_in_it(train):
    all_sentences, few = (train("direct", ("teachers.recognizer",), {"target.limit": n}) for n in (None, 5))
    assert all_sentences.stages[0].key == few.stages[0].key


def test_several_sources_are_one_corpus(train, tiny_workbench, data_folder, tmp_path):
    run = train("direct", ("teachers.recognizer",), {"source.languages": ["en", "zz"]}, batch_size=8)
    assert [stage.title for stage in run.stages] == ["teacher recognizer on en+zz"]
    folder = Folder(FolderConfig(path=str(data_folder)))
    sentences = [sentence for language in ("en", "zz") for sentence in folder.load(language, "train")]
    teacher = Recognizer(Recognizer.Config(epochs=1, batch_size=8))
    workbench = replace(tiny_workbench, max_length=run.config.max_length)
    teacher.fit(Corpus.from_sentences("both", "en+zz", "train", sentences), workbench)
    teacher.save(tmp_path)
    one, other = (load_file(f / "model.safetensors") for f in (tmp_path / TAGGER, run.folder / "student"))
    assert all((one[name] == other[name]).all() for name in one)
