from tests.stand_ins import Mute
from xner.plugin.code import code_of, digests


def frozen():
    return frozenset(code_of(Mute()).items())


def test_a_change_in_a_plugins_code_is_noticed(tmp_path, monkeypatch):
    module = tmp_path / "package" / "part.py"
    module.parent.mkdir()
    module.write_text("1")
    monkeypatch.setattr("xner.plugin.code.inspect.getfile", lambda kind: str(module))
    found = {frozen()}
    (module.parent / "helper.py").write_text("a module beside it")
    found.add(frozen())
    module.write_text("2")
    found.add(frozen())
    assert len(found) == 3


def test_a_plugin_of_one_module_has_no_package_around_it(tmp_path, monkeypatch):
    """What else is installed beside it, in site-packages, is not its code."""
    module = tmp_path / "alone.py"
    module.write_text("1")
    monkeypatch.setattr("xner.plugin.code.inspect.getfile", lambda kind: str(module))
    monkeypatch.setattr(Mute, "__module__", "alone")
    found = {frozen()}
    (tmp_path / "other.py").write_text("a package of somebody else")
    found.add(frozen())
    assert len(found) == 1
    module.write_text("2")
    assert frozen() not in found


def test_each_file_goes_by_its_name(tmp_path):
    for name in "ab":
        (tmp_path / name).write_text(name)
    files = [tmp_path / "a", tmp_path / "b"]
    found = digests(files, tmp_path)
    assert found == digests(files[::-1], tmp_path) and [*found] == ["a", "b"]
    (tmp_path / "b").rename(tmp_path / "c")
    assert digests([tmp_path / "a", tmp_path / "c"], tmp_path) != found


def test_sections_of_a_plugin_shape_nothing(tmp_path, monkeypatch):
    module = tmp_path / "package" / "part.py"
    (module.parent / "sections").mkdir(parents=True)
    module.write_text("1")
    monkeypatch.setattr("xner.plugin.code.inspect.getfile", lambda kind: str(module))
    found = {frozen()}
    (module.parent / "sections" / "picture.py").write_text("looks at what came out")
    found.add(frozen())
    assert len(found) == 1
    (module.parent / "sections.py").write_text("not in that folder")
    assert frozen() not in found
