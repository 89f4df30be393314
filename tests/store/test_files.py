import os

import pytest

from xner.errors import DataError
from xner.store.files import missing, whole_folder, writing


def write(target, text="new\n"):
    with writing(target) as file:
        file.write(text)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "x.conll"
    path.write_text("old")
    with pytest.raises(RuntimeError), writing(path) as file:
        file.write("new")
        raise RuntimeError("stop")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_replaced_with_the_same_bytes_on_every_system(tmp_path):
    (tmp_path / "x").write_text("old and longer")
    write(str(tmp_path / "x"), "ä\n")
    assert (tmp_path / "x").read_bytes() == b"\xc3\xa4\n"


def test_writing_through_a_link_and_to_a_device(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new\n"
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write(tmp_path / "pipe")
    assert os.read(reader, 100) == b"new\n"
    os.close(reader)
    assert not (tmp_path / "pipe").is_file()


def test_where_one_cannot_write(tmp_path):
    (tmp_path / "file").touch()
    for target in (tmp_path / "no" / "x", tmp_path, tmp_path / "file" / "x"):
        with pytest.raises(DataError) as caught:
            write(target)
        assert str(caught.value).startswith(f"{target}: cannot be written: ")


def test_what_is_missing_may_be_misspelt(tmp_path):
    (tmp_path / "train.conll").touch()
    said = str(missing(tmp_path / "trian.conll"))
    assert said == f"{tmp_path / 'trian.conll'}: no such file or folder. Did you mean 'train.conll'?"
    assert str(missing(tmp_path / "no" / "x")).endswith(f"; '{tmp_path / 'no'}' does not exist either")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def earlier(folder):
    folder.mkdir()
    (folder / "old").touch()
    return folder


def test_what_was_gathered_replaces_all_of_the_earlier_result(tmp_path):
    folder = earlier(tmp_path / "mtmt")
    with whole_folder(folder) as partial:
        (partial / "new").touch()
        assert names(folder) == ["old"]  # until all is there
    assert names(folder) == ["new"]
    assert names(tmp_path) == ["mtmt"]


@pytest.mark.parametrize("there", [True, False])
def test_what_cannot_be_gathered_leaves_nothing_and_takes_nothing_away(tmp_path, there):
    folder = earlier(tmp_path / "mtmt") if there else tmp_path / "mtmt"
    with pytest.raises(OSError, match="No space left"), whole_folder(folder) as partial:
        (partial / "new").touch()
        raise OSError(28, "No space left on device")
    assert names(tmp_path) == (["mtmt"] if there else [])
    assert not there or names(folder) == ["old"]
