import shutil

from tests.stand_ins import FAST, keys, student_of
from xner.methods import engine, steps
from xner.plugin.code import ENGINE


def test_a_change_in_any_of_its_files_changes_the_code(tmp_path, monkeypatch):
    for file in engine.SHAPING:
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ENGINE / file, tmp_path / file)
    found = [engine.engine_code()]
    monkeypatch.setattr(engine, "ENGINE", tmp_path)
    assert engine.engine_code() == found[0]
    for file in engine.SHAPING:
        with (tmp_path / file).open("a") as code:
            code.write("# another line")
        found.append(engine.engine_code())
        assert {name for name in engine.SHAPING if found[-1][name] != found[-2][name]} == {file}


def test_the_engines_code_is_in_every_key(make_context, monkeypatch):
    found = []
    for code in ("1", "2"):
        monkeypatch.setattr(steps, "engine_code", lambda code=code: {"tagging/tagger.py": code})
        context = make_context(FAST, dry=True)
        student_of(context)
        found.append(keys(context))
    assert not {*found[0]} & {*found[1]}
