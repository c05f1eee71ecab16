import os
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from console.lan.authority import ensure_authority, issue
from console.lan.key_pair import Unusable, read_certificate_file, read_pair, write_pair

NOW = datetime(2027, 1, 15, tzinfo=UTC)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "files").mkdir()
    return tmp_path / "files" / "some.pem", tmp_path / "files" / "some.key"


@pytest.fixture
def authority(tmp_path):
    return ensure_authority(tmp_path, ["localhost"], NOW)[0]


@pytest.fixture
def pair(authority):
    return issue(authority, ["localhost"], NOW)


def test_what_is_written_is_read_again(files, pair, authority):
    old = os.umask(0)
    try:
        write_pair(pair, *files, chain=[authority.certificate])
    finally:
        os.umask(old)

    read = read_pair(*files)

    assert read.certificate == pair.certificate
    assert read.key.private_numbers() == pair.key.private_numbers()
    assert {each.stat().st_mode & 0o777 for each in files} == {0o600}
    assert files[0].read_bytes().count(b"BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize("which", [0, 1])
def test_a_file_that_is_missing_broken_or_no_file_is_told_apart(files, pair, which):
    write_pair(pair, *files)
    file = files[which]
    for content in (b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAA\n"):
        file.write_bytes(content)
        with pytest.raises(Unusable, match=f"{file.name} was broken"):
            read_pair(*files)

    file.unlink()
    with pytest.raises(FileNotFoundError):
        read_pair(*files)

    file.mkdir(mode=0o700)
    with pytest.raises(Unusable, match=f"{file.name} was no file"):
        read_pair(*files)


def test_a_pipe_is_not_waited_for(files, pair):
    write_pair(pair, *files)
    files[0].unlink()
    os.mkfifo(files[0])

    with pytest.raises(Unusable, match="was no file"):
        read_certificate_file(files[0])


def test_a_key_of_another_certificate_or_of_another_kind_is_refused(files, pair, authority):
    write_pair(pair, *files)
    other = issue(authority, ["localhost"], NOW)
    write_pair(other, files[0].with_name("other.pem"), files[1].with_name("other.key"))
    with pytest.raises(Unusable, match=r"some\.key did not belong to other\.pem"):
        read_pair(files[0].with_name("other.pem"), files[1])

    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    files[1].write_bytes(pem)
    with pytest.raises(Unusable, match=r"some\.key was not of our making"):
        read_pair(*files)


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_may_touch_is_refused(files, pair, mode):
    write_pair(pair, *files)
    files[1].chmod(mode)

    with pytest.raises(Unusable, match=r"others could read some\.key"):
        read_pair(*files)


def test_a_folder_in_the_place_of_a_file_is_put_aside(files, pair):
    files[1].mkdir()
    (files[1] / "kept").write_text("of somebody")

    write_pair(pair, *files)

    assert read_pair(*files).certificate == pair.certificate
    aside = [each for each in files[1].parent.iterdir() if each.is_dir()]
    assert [(each / "kept").read_text() for each in aside] == ["of somebody"]


def test_what_cannot_be_written_leaves_what_was_there(files, pair, authority, monkeypatch):
    write_pair(pair, *files)

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(OSError, match="No space left"):
        write_pair(issue(authority, ["localhost"], NOW), *files)

    assert read_pair(*files).certificate == pair.certificate
    assert sorted(files[0].parent.iterdir()) == sorted(files)
