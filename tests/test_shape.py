"""How tools/shape.py counts, on a small package."""

import pytest

from tools.shape import measured

FILES = {
    "shaped/__init__.py": '"""What it is."""\n',
    "shaped/high/__init__.py": "",
    "shaped/high/a.py": "from shaped.low import b\n\n\ndef one():\n    return b\n",
    "shaped/high/c.py": "",
    "shaped/low/__init__.py": '"""What it is."""\nNUMBER = 1\n',
    "shaped/low/b.py": "class B:\n    def two(self):\n        def three():\n            'Do'\n\n        return three\n",
    "shaped/low/d.py": "",
    "shaped/aside/__init__.py": "",
    "shaped_more/__init__.py": "import shaped.high.a\n",
}
LAYERS = ["high", "low | aside"]


@pytest.fixture
def measures(tmp_path, monkeypatch):
    def write_and_measure(layers=LAYERS, **changed):
        others = {f"shaped/{name.replace('_', '/')}.py": text for name, text in changed.items()}
        for place, text in (FILES | others).items():
            (tmp_path / place).parent.mkdir(exist_ok=True)
            (tmp_path / place).write_text(text)
        monkeypatch.syspath_prepend(tmp_path)
        return {measure.name: measure for measure in measured([tmp_path / "shaped", tmp_path / "shaped_more"], layers)}

    return write_and_measure


def test_a_tree_in_shape(measures):
    found = measures()
    assert [(measure.value, measure.over) for measure in found.values()] == [
        (0, []),
        (0, []),
        (3, []),
        (pytest.approx(5.2), []),
        (pytest.approx(4.4), []),
        (5, []),
    ]


def test_imports_for_types_close_circles_and_run_upwards_too(measures):
    typed = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from shaped.high import a\n"
    found = measures(low_b=typed)
    assert found["circles of files"].over == ["shaped.high.a, shaped.low.b (2)"]
    assert found["imports upwards or aside between packages"].over == ["shaped.low.b -> shaped.high.a (1)"]


def test_packages_of_one_layer_do_not_import_each_other(measures):
    name = "imports upwards or aside between packages"
    beside = "import shaped.aside\nimport shaped.low.b\n"
    assert measures(low_d=beside)[name].over == ["shaped.low.d -> shaped.aside (1)"]
    assert measures(["high", "low", "aside"], low_d=beside)[name].value == 0


def test_what_is_too_large_is_named_the_largest_first(measures):
    found = measures(high_c="def long():\n" + "    pass\n" * 40 + "def longer():\n" + "    pass\n" * 41)
    longest = found["lines of the longest function"]
    assert longest.value == 42
    assert [name.rpartition("c.py:")[2] for name in longest.over] == ["42 longer (42)", "1 long (41)"]


def test_an_init_counts_as_a_file_of_its_package_if_it_has_code(measures):
    sizes = measures()["files of the largest package"].sizes
    assert {place.rpartition("/")[2]: size for place, size in sizes.items()} == {"high": 2, "low": 3, "shaped_more": 1}
