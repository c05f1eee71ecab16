import logging
import os
import stat

import pytest

from console.errors import ConfigurationError
from console.state import (
    check_toolkit_storage,
    open_state_directory,
    storage_secret,
    write_private,
)


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_the_chosen_directory_is_made_for_its_owner_alone(tmp_path):
    wanted = tmp_path / "a" / "b"

    assert open_state_directory(str(wanted)) == wanted
    assert mode(wanted) == 0o700


def test_a_directory_that_was_open_to_others_is_closed(tmp_path):
    tmp_path.chmod(0o755)

    open_state_directory(str(tmp_path))

    assert mode(tmp_path) == 0o700


def test_without_a_choice_it_is_the_systems_place(tmp_path, monkeypatch):
    monkeypatch.setattr("console.state.user_state_path", lambda *_, **__: tmp_path / "own")

    assert open_state_directory() == tmp_path / "own"


@pytest.mark.parametrize("obstacle", ["file", "below a file", "NUL"])
def test_a_chosen_directory_that_cannot_be_is_named(tmp_path, obstacle):
    file = tmp_path / "file"
    file.touch()
    wanted = {"file": str(file), "below a file": str(file / "x"), "NUL": str(tmp_path / "a\0b")}

    with pytest.raises(ConfigurationError, match=r"cannot be written to.*--state-dir"):
        open_state_directory(wanted[obstacle])


def test_without_a_usable_place_a_passing_one_serves_and_that_is_said(
    tmp_path, monkeypatch, caplog
):
    caplog.set_level(logging.WARNING)
    (tmp_path / "file").touch()
    monkeypatch.setattr("console.state.user_state_path", lambda *_, **__: tmp_path / "file" / "x")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    directory = open_state_directory()

    assert directory.is_dir()
    assert mode(directory) == 0o700
    assert "nothing is kept this time" in caplog.text


def test_the_secret_is_the_same_at_every_start_and_another_elsewhere(tmp_path):
    first = storage_secret(tmp_path)
    (tmp_path / "other").mkdir()

    assert storage_secret(tmp_path) == first
    assert len(bytes.fromhex(first)) == 32
    assert storage_secret(tmp_path / "other") != first
    assert mode(tmp_path / "storage.secret") == 0o600


@pytest.mark.parametrize("content", [b"", b"abc", b"zz" * 32, b"\xff\xfe", b"00" * 31])
def test_a_secret_that_was_spoilt_is_put_aside_and_made_anew(tmp_path, content, caplog):
    (tmp_path / "storage.secret").write_bytes(content)

    secret = storage_secret(tmp_path)

    assert len(bytes.fromhex(secret)) == 32
    assert storage_secret(tmp_path) == secret
    assert (tmp_path / "storage.secret.corrupt").read_bytes() == content
    assert caplog.text.count("was damaged and is put aside as storage.secret.corrupt") == 1


def test_a_directory_in_the_secrets_place_is_put_aside_too(tmp_path):
    (tmp_path / "storage.secret").mkdir()

    assert storage_secret(tmp_path) == storage_secret(tmp_path)
    assert (tmp_path / "storage.secret.corrupt").is_dir()


@pytest.mark.parametrize(
    ("make", "kind"),
    [(os.mkfifo, "a pipe"), (lambda path: path.symlink_to("/dev/zero"), "a device")],
)
def test_a_pipe_or_device_in_the_secrets_place_is_refused_and_stays(tmp_path, make, kind):
    make(tmp_path / "storage.secret")

    with pytest.raises(ConfigurationError, match=f"it is {kind}, .*Move it away, and the next"):
        storage_secret(tmp_path)

    assert [each.name for each in tmp_path.iterdir()] == ["storage.secret"]


def test_a_secret_that_cannot_be_put_aside_is_said_with_what_to_do(tmp_path):
    for name in ("storage.secret", "storage.secret.corrupt"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()

    with pytest.raises(ConfigurationError, match=r"storage.secret, which signs cookies.*not empty"):
        storage_secret(tmp_path)


def test_what_the_pages_keep_is_no_pipe(tmp_path):
    pages = tmp_path / "pages"

    assert check_toolkit_storage(pages) == pages
    pages.mkdir()
    (pages / "storage-general.json").touch()
    (pages / "folder").mkdir()
    assert check_toolkit_storage(pages) == pages
    os.mkfifo(pages / "storage-user-1.json")
    with pytest.raises(ConfigurationError, match=r"storage-user-1.json is a pipe, and a file"):
        check_toolkit_storage(pages)


def test_the_place_of_what_the_pages_keep_is_a_directory(tmp_path):
    (tmp_path / "pages").touch()

    with pytest.raises(ConfigurationError, match=r"pages, where pages keep.*Not a directory"):
        check_toolkit_storage(tmp_path / "pages")


def test_a_file_where_the_directory_should_be_is_named_as_such(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="cannot be written to: it is no directory"):
        open_state_directory(str(tmp_path / "file"))


def test_a_secret_that_others_could_read_is_closed_to_them(tmp_path):
    storage_secret(tmp_path)
    (tmp_path / "storage.secret").chmod(0o644)

    storage_secret(tmp_path)

    assert mode(tmp_path / "storage.secret") == 0o600


def test_a_private_file_is_replaced_as_a_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "file"
    write_private(path, b"old")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("console.state.os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_private(path, b"new")

    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["file"]
    assert mode(path) == 0o600
