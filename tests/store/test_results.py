import json
from pathlib import Path

import pytest

from xner.errors import DataError
from xner.store.files import partial_of, whole_folder
from xner.store.results import claim

SETTINGS = {"seed": 1, "languages": ("en", "fr"), "limit": None}
RECORD = "manifest.json"


def result(folder, settings=SETTINGS):
    folder.mkdir(parents=True)
    (folder / RECORD).write_text(json.dumps({"settings": settings, "seconds": 3}))
    return folder


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_free_folder_is_claimed_and_nothing_is_left_there(tmp_path):
    folder = tmp_path / "runs" / "mtmt"
    assert claim(folder, SETTINGS, RECORD, explicit=False) == folder
    assert names(tmp_path / "runs") == []


def test_the_same_settings_may_replace_their_result(tmp_path):
    folder = result(tmp_path / "mtmt")
    for explicit in (True, False):
        assert claim(folder, SETTINGS, RECORD, explicit) == folder
    assert names(folder) == [RECORD]  # not yet touched


def test_another_result_is_left_alone_and_the_next_number_taken(tmp_path):
    result(tmp_path / "mtmt", {"seed": 2})
    assert claim(tmp_path / "mtmt", SETTINGS, RECORD, explicit=False) == tmp_path / "mtmt-2"
    result(tmp_path / "mtmt-2", {"seed": 3})
    assert claim(tmp_path / "mtmt", SETTINGS, RECORD, explicit=False) == tmp_path / "mtmt-3"
    result(tmp_path / "mtmt-3")
    assert claim(tmp_path / "mtmt", SETTINGS, RECORD, explicit=False) == tmp_path / "mtmt-3"


def test_a_folder_that_the_user_named_is_no_other(tmp_path):
    folder = result(tmp_path / "mtmt", {"seed": 2})
    with pytest.raises(DataError) as error:
        claim(folder, SETTINGS, RECORD, explicit=True)
    assert str(error.value) == (
        f"{folder}: is there already and holds something else; choose another --out, or remove it"
    )
    assert names(tmp_path) == ["mtmt"]


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"seed": 1}', '{"settings": {}}', b"\xff"])
def test_a_folder_with_another_record_is_not_ours(tmp_path, content):
    (tmp_path / "mtmt").mkdir()
    (tmp_path / "mtmt" / RECORD).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError, match="holds something else"):
        claim(tmp_path / "mtmt", SETTINGS, RECORD, explicit=True)


def test_a_users_file_is_never_replaced(tmp_path):
    (tmp_path / "notes").write_text("mine")
    with pytest.raises(DataError, match="holds something else"):
        claim(tmp_path / "notes", SETTINGS, RECORD, explicit=True)


def test_an_empty_folder_is_free(tmp_path):
    (tmp_path / "out").mkdir()
    folder = claim(tmp_path / "out", SETTINGS, RECORD, explicit=True)
    with whole_folder(folder) as partial:
        (partial / "x").touch()
    assert names(tmp_path / "out") == ["x"]


def test_a_place_that_cannot_be_written_fails_at_once(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError) as error:
        claim(tmp_path / "file" / "run", SETTINGS, RECORD, explicit=True)
    assert str(error.value).startswith(f"{tmp_path}/file/run: cannot write here: ")
    assert str(error.value).endswith("; choose another place with --out")


def test_what_a_killed_run_left_is_swept_away(tmp_path):
    folder = tmp_path / "mtmt"
    partial_of(folder).mkdir()
    (partial_of(folder) / "half").touch()
    assert claim(folder, SETTINGS, RECORD, explicit=True) == folder
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["..", "con", "NUL.txt", "x ", "a:b/aux"])
def test_a_name_that_no_result_can_have_everywhere(tmp_path, name):
    with pytest.raises(DataError, match=r"cannot be the name of a result's folder: .*; choose another --out$"):
        claim(tmp_path / name, SETTINGS, RECORD, explicit=True)
    assert names(tmp_path) == []


def test_the_folder_where_one_stands_is_no_place_for_a_result(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"^\.: cannot be the name of a result's folder: it is empty"):
        claim(Path(), SETTINGS, RECORD, explicit=True)


@pytest.mark.parametrize("there", [True, False])
def test_a_link_is_not_replaced_nor_what_it_leads_to(tmp_path, there):
    if there:
        result(tmp_path / "elsewhere")
    (tmp_path / "runs").mkdir()
    link = tmp_path / "runs" / "mtmt"
    link.symlink_to(tmp_path / "elsewhere")
    assert claim(link, SETTINGS, RECORD, explicit=False) == tmp_path / "runs" / "mtmt-2"
    with pytest.raises(DataError, match=r"mtmt: is a link, which a result cannot replace; choose another --out"):
        claim(link, SETTINGS, RECORD, explicit=True)
    assert names(tmp_path / "runs") == ["mtmt"]
