import hashlib
import json

import pytest

from xner.errors import UsageError
from xner.store.integrity import digests
from xner.store.integrity.digests import checks_content, damages, digests_of, read_digests, sha256_of


@pytest.fixture
def folder(tmp_path):
    """A folder as a stage's, with a file of its own, one that is shared, and one that is left out."""
    (tmp_path / "shared").mkdir()
    shared = tmp_path / "shared" / f"{hashlib.sha256(b'weights').hexdigest()}.safetensors"
    shared.write_bytes(b"weights")
    folder = tmp_path / "stage"
    for name in ("inner", "scratch"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_bytes(b"0123456789")
    (folder / "inner" / "link").symlink_to(f"../../shared/{shared.name}")
    return folder


def test_each_file_has_its_size_and_digest(folder):
    taken = digests_of(folder, "scratch")
    assert taken == {
        "inner/file": {"size": 10, "sha256": hashlib.sha256(b"0123456789").hexdigest()},
        "inner/link": {"size": 7, "sha256": hashlib.sha256(b"weights").hexdigest()},
    }
    (folder / "later").write_text("does not matter")
    assert list(damages(folder, taken, content=True)) == []


@pytest.mark.parametrize(
    ("content", "by_size", "by_content"),
    [
        (b"012345678", "it has 9 bytes; 10 were written", "it has 9 bytes; 10 were written"),
        (b"012345678X", None, "its bytes are not those that were written"),
        (None, "it is not there", "it is not there"),
    ],
)
def test_what_is_wrong_with_a_file(folder, content, by_size, by_content):
    taken, file = digests_of(folder), folder / "inner" / "file"
    file.unlink() if content is None else file.write_bytes(content)
    assert dict(damages(folder, taken, content=False)) == ({file: by_size} if by_size else {})
    assert dict(damages(folder, taken, content=True)) == {file: by_content}


def test_what_is_wrong_with_what_is_shared_is_said_of_the_shared_file(folder):
    taken, link = digests_of(folder), folder / "inner" / "link"
    file = link.resolve()
    file.write_bytes(b"weighty")
    assert dict(damages(folder, taken, content=True)) == {file: "its bytes are not those that were written"}
    assert list(damages(folder, taken, content=False)) == []
    file.write_bytes(b"weight")
    assert dict(damages(folder, taken, content=False)) == {file: "it has 6 bytes; 7 were written"}
    file.unlink()
    assert dict(damages(folder, taken, content=False)) == {link: f"the shared file {file.name} is not there"}


def test_a_copy_of_what_was_shared_is_as_good(folder):
    taken, link = digests_of(folder), folder / "inner" / "link"
    link.unlink()
    link.write_bytes(b"weights")
    assert list(damages(folder, taken, content=True)) == []


def test_what_cannot_be_read_is_damaged(folder, monkeypatch):
    def refuse(file):
        raise OSError(5, "Input/output error")

    taken = digests_of(folder, "scratch")
    monkeypatch.setattr(digests, "sha256_of", refuse)
    assert set(dict(damages(folder, taken, content=True)).values()) == {"it cannot be read: Input/output error"}


def test_a_file_is_read_once_unless_it_changes(folder, monkeypatch):
    file, read, real = folder / "inner" / "file", [], digests._sha256
    monkeypatch.setattr(digests, "_sha256", lambda path: read.append(path) or real(path))
    first = sha256_of(file)
    assert sha256_of(file) == first and read == [file]
    file.write_bytes(b"012345678X")
    assert sha256_of(file) == hashlib.sha256(b"012345678X").hexdigest() != first


@pytest.mark.parametrize("text", ["", "{", "[]", '{"digests": 1}', '{"digests": {"a": 1}}', '{"digests": {"a": {}}}'])
def test_what_holds_no_digests(tmp_path, text):
    (tmp_path / "stage.json").write_text(text)
    with pytest.raises(ValueError, match=r"."):
        read_digests(tmp_path / "stage.json")


@pytest.mark.parametrize(("known", "found"), [({"title": "a"}, None), ({"digests": {}}, {})])
def test_a_record_of_before_has_none(tmp_path, known, found):
    (tmp_path / "stage.json").write_text(json.dumps(known))
    assert read_digests(tmp_path / "stage.json") == found


@pytest.mark.parametrize(("said", "content"), [(None, True), ("", True), ("content", True), ("size", False)])
def test_how_much_is_compared(monkeypatch, said, content):
    monkeypatch.delenv("XNER_CACHE_CHECK", raising=False)
    if said is not None:
        monkeypatch.setenv("XNER_CACHE_CHECK", said)
    assert checks_content() is content


def test_a_check_that_there_is_not(monkeypatch):
    monkeypatch.setenv("XNER_CACHE_CHECK", "sizes")
    with pytest.raises(UsageError, match=r"^XNER_CACHE_CHECK sizes: expected one of: content, size$"):
        checks_content()
