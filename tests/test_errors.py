"""Bad input of every kind: one line that says what, where and what to do; nothing is left behind."""

import re
import shutil
import sys

import pytest

from xner.cli import main as cli
from xner.errors import DataError, UsageError, XnerError, did_you_mean, require, told

TRAIN = "train --method direct --src en --tgt xx --encoder enc --dataset "
DATA = f"{TRAIN}data "

NAMES = {
    "train --method mtm": "there is no 'mtm' among the methods: advce, .*direct, mtmt, .* Did you mean 'mtmt'\\?$",
    "train --method other/mtmt": "there is no 'other/mtmt' among the methods: advce, .*consensus, direct, mtmt, ",
    f"{DATA.replace('direct', 'mtst')} --set weightings.reliability.bta=1": "there is no setting 'weightings.reliab",
    "train --encoder e5-smal": "there is no 'e5-smal' among the encoders: e5-small, hub. Did you mean 'e5-small'\\?$",
    "train --dataset dem": "there is no 'dem' among the corpora: .*demo.* Did you mean 'demo'\\?$",
    "train --preset papr": "the method 'mtmt' has no preset 'papr'; its presets: paper, authors$",
    "train --method tsl --preset paper": "the method 'tsl' has no preset 'paper'; its presets: none$",
    "train --set student.epoch=2": "there is no setting 'student.epoch'. Did you mean 'epochs'\\?",
    "train --set student.epochs": "--set student.epochs: expected SETTING=VALUE, for example --set student.epochs=2$",
    "train --set =2": "--set =2: expected SETTING=VALUE",
    "train --set student.epochs=many": "student.epochs = 'many': input should be a valid number",
    "train --set teachers.recogniser.epochs=1": "there is no 'recogniser' among the teachers: .*'recognizer'\\?$",
    f"{DATA} --set teachers.recognizer.epoch=1": "there is no setting 'teachers.recognizer.epoch'. Did you mean",
    "train --map PERS": "--map PERS: expected OLD=NEW, for example --map PERS=PER$",
    "train --map =PER": "--map =PER: expected OLD=NEW",
    "train --map PERS=": "--map PERS=: expected OLD=NEW",
    f"{DATA} --labels PER --map LOC=GPE": "the label map leads to 'GPE', which is not among the labels: PER$",
    "compare --methods direct,mtm": "there is no 'mtm' among the methods: .* Did you mean 'mtmt'\\?$",
    "compare --methods direct, ": "there is no '' among the methods: ",
    "compare --seeds three": "--seeds three: expected a number of seeds such as 3, .* such as 0,7 \\(one alone: 7,\\)$",
    "compare --seeds 0,x": "--seeds 0,x: expected a number of seeds",
    "compare --seeds 4294967296,0": "seed = 4294967296: input should be less than 4294967296$",
    "compare --jobs 0": "--jobs 0: expected a number of processes such as 4, or ray$",
    "compare --jobs many": "--jobs many: expected a number of processes such as 4, or ray$",
    "predict run text --format xml": "--format xml: there is no such format; there are: text, jsonl, conll$",
    "predict run": "give either texts, as in .*, or --file, and not both$",
    "predict run text --file x.txt": "give either texts",
    "evaluate enc --map PERS": "--map PERS: expected OLD=NEW",
    "export enc --to tflite": "--to tflite: there is no such format; there are: onnx, transformers$",
    "list method-s": "there is no kind 'method-s'; there are: encoders, .*Did you mean 'methods'\\?$",
    "describe method": "describe which of the methods\\? There are: advce, advpicker, colada, consensus, direct, mtmt",
    "describe method mtm": "there is no 'mtm' among the methods: .* Did you mean 'mtmt'\\?$",
    "describe run extra": "xner describe run takes no name; leave 'extra' out$",
    "train --encoder nowhere": "no file or folder 'nowhere', and there is no 'nowhere' among the encoders: e5",
    "train --dataset nowhere": "no file or folder 'nowhere', and there is no 'nowhere' among the corpora: conll2002, ",
    "describe thing": "there is no kind 'thing'; there are: encoders, corpora",
    "data show dem": "there is no 'dem' among the corpora: .* Did you mean 'demo'\\?$",
}


@pytest.mark.parametrize(("command", "message"), NAMES.items())
def test_a_request_that_does_not_fit_is_exit_code_2(fails, command, message):
    assert re.match(message, fails(command, 2))


PLACES = {
    f"{TRAIN}nowhere.conll": "nowhere.conll: no such file or folder, and no corpus of that name; see `xner list corp",
    f"{TRAIN}./nowhere": "./nowhere: no such file or folder",
    f"{DATA} --src-dataset data/em": "data/em: no such file or folder",
    f"{DATA} --tgt yy": "data: no language 'yy'; it has en, xx, zz.",
    f"{DATA} --src enn": "data: no language 'enn'; it has en, xx, zz. Did you mean 'en'?",
    f"{DATA} --set source.split=trian": "data/en: no split 'trian'; it has dev, test, train",
    f"{DATA} --set target.test_dataset=data --set target.test_split=tst": "data/xx: no split 'tst'; it has dev, test",
    "train --tgt dee --encoder enc": "demo: there is no language 'dee'; it has en, de, ",
    f"{DATA} --encoder data": "data: there is no encoder here; expected config.json, weights and a tokenizer",
    f"{DATA} --config my.toml": "my.toml: no such file or folder",
    f"{DATA} --set encoders.e5-small.file=x.bin --encoder e5-small": "x.bin: no such file; correct encoders.e5-small",
    "predict nowhere text": "nowhere: no such run folder; `xner train` makes one",
    "predict data text": "data: there is no tagger here; expected a folder with config.json and model.safetensors",
    "predict enc text": "enc: its 2 classes have no names: LABEL_0, LABEL_1; say what",
    "evaluate data": "data: there is no tagger here",
    "export nowhere": "nowhere: no such run folder; `xner train` makes one",
    "export data": "data: there is no tagger here; expected a folder with config.json and model.safetensors",
    "data show data --lang yy": "data: no language 'yy'; it has en, xx, zz.",
    "data show nowhere.conll": "nowhere.conll: no such file or folder, and no corpus of that name",
}


@pytest.mark.parametrize(("command", "message"), PLACES.items())
def test_something_that_is_not_there_is_exit_code_1(fails, command, message):
    assert fails(command, 1).startswith(message)


BAD_FILES = {
    "Ada\tB-PER\nRome\n": "data/en/train.conll:2: one column, expected a word and a tag as in line 1",
    "Ada\nRome\tB-LOC\n": "data/en/train.conll:2: 2 columns, expected one as in line 1; label all words or none",
    "a\tB-X\n\nAda\tPER\n": "data/en/train.conll:3: 'PER' is not a tag: expected O or a prefix and a type such as",
    "Ada\tB-\n": "data/en/train.conll:1: none of the 2 columns has tags such as O and B-PER, the last is 'B-'; set ",
    "": "data/en/train.conll: the file is empty; expected at least one sentence with a word",
    "\n\n": "data/en/train.conll: the file is empty; expected at least one sentence with a word",
    "Ada\nin\n": "data en/train: has no labels, but a source must; expected one tag for each word",
    "Ada\tO\nin\tO\n": "data en/train: has no entity to learn from; expected tags such as B-PER",
    b"Ada\tB-PER\nM\xfcller\tI-PER\n": "data/en/train.conll:2: 'utf-8' codec can't decode",
    "\tB-PER\n": "data/en/train.conll:1: the word in column 0 is empty; correct it or set token_column",
}


@pytest.mark.parametrize(("content", "message"), BAD_FILES.items())
def test_a_bad_corpus_file_is_named_with_the_line(fails, world, content, message):
    (world / "data" / "en" / "train.conll").write_bytes(content if isinstance(content, bytes) else content.encode())
    assert fails(DATA, 1).startswith(message)


def test_a_label_unknown_to_the_run_comes_with_the_options_that_mend_it(fails, world):
    (world / "data" / "xx" / "test.conll").write_text("Ada\tB-PERS\nx\tB-DATE\n")
    assert fails(DATA, 1) == (
        "data xx/test: no place for the label 'DATE'. The corpus has DATE, PERS; the run has LOC, ORG, PER. Map it "
        "with --map DATE=TYPE, drop it with --map DATE=O, or drop all such labels with --map '*=O'"
    )
    assert fails(f"{DATA} --labels PER", 1).startswith("data en/train: no place for the label 'LOC'.")


def test_a_corrupt_config_is_named_with_the_line(fails, world):
    (world / "my.toml").write_text('method = "mtmt"\nseed 3\n')
    assert fails(f"{DATA} --config my.toml", 1).startswith("my.toml:2: not a TOML file: ")
    (world / "my.toml").write_bytes(b"\xff\xfe")
    assert fails(f"{DATA} --config my.toml", 1).startswith("my.toml: cannot read the settings: ")
    (world / "my.toml").write_text("[student]\nepoch = 2\n")
    message = fails(f"{DATA} --config my.toml --set student.epochs=1", 2)
    assert message.startswith("my.toml: there is no setting 'student.epoch'. Did you mean 'epochs'?")
    assert fails(f"{DATA} --set student.epoch=1", 2).startswith("there is no setting 'student.epoch'.")


@pytest.mark.parametrize("command", [DATA, DATA.replace("train --method", "compare --methods")])
def test_a_folder_that_cannot_be_written(fails, world, command):
    """The tests may run as root, who may write anywhere; but not even root makes a folder in a file."""
    (world / "file").touch()
    assert (
        fails(f"{command} --out file/run", 1)
        == "file/run: cannot write here: Not a directory; choose another place with --out"
    )


def test_a_folder_that_holds_something_else(fails, world):
    assert fails(f"{DATA} --out data", 1) == (
        "data: is there already and holds something else; choose another --out, or remove it"
    )
    assert (world / "data" / "en" / "train.conll").is_file()


def test_a_cache_that_cannot_be_written(world, monkeypatch, capsys):
    (world / "file").touch()
    monkeypatch.setenv("XNER_CACHE", str(world / "file" / "cache"))
    monkeypatch.setattr(sys, "argv", ["xner", *DATA.split()])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    assert stop.value.code == 1
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"xner: {world}/file/cache: cannot write here; set XNER_CACHE to a folder that you may write"
    )
    assert list((world / "runs").iterdir()) == []


@pytest.fixture
def student(tiny_workbench, world):
    tiny_workbench.new_tagger().save(world / "student")


@pytest.mark.usefixtures("student")
@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("predict student --file no.txt", 1, "no.txt: no such file or folder"),
        ("predict student --file no.conll", 1, "no.conll: no such file or folder"),
        ("predict student --file data", 1, "data: is a folder; expected a file"),
        ("predict student --file enc/vocab.bin", 1, "enc/vocab.bin: no such file or folder. Did you mean 'vocab.txt'?"),
        ("predict student --file enc/model.safetensors", 1, "enc/model.safetensors: cannot tell the format from '."),
        ("predict student --file latin.txt", 1, "latin.txt:1: 'utf-8' codec can't decode byte 0xfc"),
        (["predict", "student", "caf\udce9"], 1, "'caf\\udce9' is not text: it has '\\udce9' in it; give it as UTF-8"),
        ("evaluate student --dataset raw.conll", 1, "raw.conll de/test: has no labels to score against; `xner pred"),
        ("evaluate student --dataset gpe.conll", 1, "gpe.conll de/test: no place for the label 'GPE'. The corpus has"),
        ("evaluate student --dataset data --tgt yy", 1, "data: no language 'yy'; it has en, xx, zz."),
        ("evaluate student --dataset data --tgt xx --split tst", 1, "data/xx: no split 'tst'; it has dev, test, train"),
        ("export student --out data", 1, "data: is there already and holds something else; choose another --out"),
        ("export student --out latin.txt/x", 1, "latin.txt/x: cannot write here: Not a directory; choose another"),
        ("evaluate student --dataset dem", 2, "there is no 'dem' among the corpora: "),
    ],
)
def test_a_tagger_with_bad_input(fails, world, command, code, message):
    (world / "latin.txt").write_bytes("Müller im Haus\n".encode("latin-1"))
    (world / "raw.conll").write_text("Ada\nin\n")
    (world / "gpe.conll").write_text("Rome\tB-GPE\n")
    assert fails(command, code).startswith(message)


@pytest.mark.usefixtures("student")
@pytest.mark.parametrize("command", ["export student --int8", "predict student/onnx Ada"])
def test_onnx_without_the_extra(fails, world, monkeypatch, command):
    shutil.copytree(world / "student", world / "student" / "onnx")
    (world / "student" / "onnx" / "model.onnx").touch()
    for name in ("onnx", "onnxruntime"):
        monkeypatch.setitem(sys.modules, name, None)
    assert fails(command, 1).endswith('; install it with: pip install "xner[onnx]"')


def test_an_encoder_that_cannot_be_had_is_one_line_after_the_progress(world, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["xner", *f"{DATA} --encoder nobody/nothing".split()])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    err = capsys.readouterr().err
    assert stop.value.code == 1
    assert "Traceback" not in err
    assert [line[:48] for line in err.splitlines() if line.startswith("xner: ")] == [
        "xner: cannot load the encoder 'nobody/nothing': "
    ]
    assert list((world / "runs").iterdir()) == []


def test_a_comparison_whose_cells_all_fail_leaves_nothing(world, monkeypatch, capsys):
    command = DATA.replace("train --method", "compare --methods") + "--tgt yy"
    monkeypatch.setattr(sys, "argv", ["xner", *command.split()])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    out, err = capsys.readouterr()
    assert (stop.value.code, out) == (1, "")
    assert [line for line in err.splitlines() if line.startswith("xner: ")] == [
        "xner: data: no language 'yy'; it has en, xx, zz."
    ]
    assert list((world / "runs").iterdir()) == []


def test_the_tree_of_errors_and_its_exit_codes():
    assert (XnerError.exit_code, UsageError.exit_code, DataError.exit_code) == (1, 2, 1)
    assert issubclass(UsageError, XnerError)
    assert issubclass(DataError, XnerError)


def test_did_you_mean():
    assert did_you_mean("mtm", ["direct", "mtmt"]) == " Did you mean 'mtmt'?"
    assert did_you_mean("zzz", iter(["direct", "mtmt"])) == ""
    assert did_you_mean("x", []) == ""


def test_what_an_extra_brings_is_imported_or_named():
    assert require("serve", "json") is sys.modules["json"]
    with pytest.raises(XnerError) as caught:
        require("onnx", "nowhere.inside")
    assert str(caught.value) == 'this needs the package nowhere; install it with: pip install "xner[onnx]"'


def test_names_in_a_message_end_no_line_and_paint_no_terminal():
    error = UsageError("there is no 'a\n\x1b[31mb\u2028é🙂' here")
    assert told(error) == "there is no 'a\\n\\x1b[31mb\\u2028é🙂' here"
    assert told(ValueError("a\x1b[2Jb")).startswith("ValueError: a\\x1b[2Jb (")
