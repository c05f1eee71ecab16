import os
import socket

import pytest

from console.regular_file import check_regular, other_kind, read_regular


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.fspath(path))


KINDS = [
    (lambda path: path.mkdir(), "a directory"),
    (os.mkfifo, "a pipe"),
    (a_socket, "a socket"),
    (lambda path: path.symlink_to("/dev/zero"), "a device"),
]


@pytest.mark.parametrize(("make", "kind"), KINDS)
def test_what_is_no_file_is_named_and_not_read(tmp_path, monkeypatch, make, kind):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "x"
    make(path)

    assert other_kind(path) == kind
    for read in (check_regular, read_regular):
        with pytest.raises(OSError, match=f"it is {kind}, and a file is needed") as caught:
            read(path)
        assert caught.value.filename == str(path)


def test_a_file_is_read_also_by_a_link(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "file")

    assert read_regular(tmp_path / "link") == b"content"
    assert other_kind(tmp_path / "link") == ""


def test_where_nothing_is_there_is_nothing_else(tmp_path):
    assert other_kind(tmp_path / "absent") == ""
    with pytest.raises(FileNotFoundError):
        check_regular(tmp_path / "absent")
