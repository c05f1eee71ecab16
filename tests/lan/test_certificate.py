import contextlib
import errno
import os
import shutil
import ssl
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from console.errors import ConfigurationError
from console.lan.authority import AUTHORITY_FILE, AUTHORITY_KEY_FILE
from console.lan.certificate import (
    CERTIFICATE_FILE,
    INSTALL_AGAIN,
    KEY_FILE,
    days_left_of,
    days_until_valid_of,
    ensure_certificate,
    hosts_in,
    read_certificate,
    why_unfit,
)

NOW_S = 1_800_000_000.0
DAY_S = 86_400.0
HOSTS = ("192.168.1.5", "fd00::5", "studio.local", "studio", "localhost", "127.0.0.1")
FILES = (AUTHORITY_FILE, AUTHORITY_KEY_FILE, CERTIFICATE_FILE, KEY_FILE)


@pytest.fixture
def directory(tmp_path):
    return tmp_path / "lan"


def leaf(directory: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((directory / CERTIFICATE_FILE).read_bytes())


def connect(directory: Path, host: str, authority: Path | None = None) -> None:
    """Do what a browser does that trusts the authority, without a network."""
    client = ssl.create_default_context(cafile=str(authority or directory / AUTHORITY_FILE))
    client.verify_flags |= ssl.VerifyFlags.VERIFY_X509_STRICT
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(directory / CERTIFICATE_FILE, directory / KEY_FILE)
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(down, up, server_hostname=host),
        server.wrap_bio(up, down, server_side=True),
    ]
    for end in ends * 4:
        with contextlib.suppress(ssl.SSLWantReadError):
            end.do_handshake()


@pytest.mark.parametrize("host", HOSTS)
def test_a_browser_that_trusts_the_authority_accepts_every_name_and_address(directory, host):
    ensure_certificate(directory, HOSTS, time.time())

    connect(directory, host)


def test_a_name_that_was_not_printed_is_not_vouched_for(directory):
    ensure_certificate(directory, HOSTS, time.time())

    with pytest.raises(ssl.SSLCertVerificationError, match=r"(?i)hostname mismatch"):
        connect(directory, "other.local")


def test_the_certificate_is_as_browsers_want_it(directory):
    ensure_certificate(directory, HOSTS, NOW_S)
    made = leaf(directory)
    extensions = made.extensions

    life = made.not_valid_after_utc - made.not_valid_before_utc
    assert life.days <= 397
    assert made.not_valid_before_utc.timestamp() < NOW_S
    key = made.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert key.curve.name == "secp256r1"
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    names = extensions.get_extension_for_class(x509.SubjectAlternativeName)
    assert [str(each.value) for each in names.value] == list(HOSTS)
    assert not names.critical
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_keys_are_for_this_user_alone(directory):
    old = os.umask(0)
    try:
        ensure_certificate(directory, HOSTS, NOW_S)
    finally:
        os.umask(old)

    assert directory.stat().st_mode & 0o777 == 0o700
    assert {(directory / name).stat().st_mode & 0o777 for name in FILES} == {0o600}
    assert sorted(each.name for each in directory.iterdir()) == sorted(FILES)


def test_the_next_start_shows_the_same_certificate(directory):
    first = ensure_certificate(directory, HOSTS, NOW_S)
    second = ensure_certificate(directory, HOSTS[:2], NOW_S + 300 * DAY_S)

    assert "there was none" in first.remark
    assert second.remark == ""
    assert second.fingerprint == first.fingerprint
    assert (first.days_left, second.days_left) == (396, 96)
    assert first.fingerprint.count(":") == 31


@pytest.mark.parametrize(
    ("age_days", "why"),
    [(366, ""), (367, "left of the one that was there"), (500, "the last one has expired")],
)
def test_it_is_renewed_when_less_than_thirty_days_are_left(directory, age_days, why):
    first = ensure_certificate(directory, HOSTS, NOW_S)

    later = ensure_certificate(directory, HOSTS, NOW_S + age_days * DAY_S)

    assert (later.fingerprint != first.fingerprint) is bool(why)
    assert why in later.remark
    # Who trusts the authority has nothing to do.
    assert later.authority_fingerprint == first.authority_fingerprint


def test_a_new_address_is_added_and_the_authority_stays(directory):
    first = ensure_certificate(directory, HOSTS, NOW_S)

    second = ensure_certificate(directory, [*HOSTS, "10.0.0.9"], NOW_S)

    assert "does not hold for 10.0.0.9" in second.remark
    assert INSTALL_AGAIN not in second.remark
    assert "10.0.0.9" in second.hosts
    assert second.authority_fingerprint == first.authority_fingerprint


def test_an_address_beyond_local_networks_needs_another_authority(directory):
    first = ensure_certificate(directory, HOSTS, NOW_S)

    second = ensure_certificate(directory, [*HOSTS, "203.0.113.7"], NOW_S)

    assert "may not vouch for 203.0.113.7" in second.remark
    assert INSTALL_AGAIN in second.remark
    assert INSTALL_AGAIN not in first.remark
    assert second.authority_fingerprint != first.authority_fingerprint


def test_an_authority_that_would_die_before_the_certificate_is_replaced(directory):
    first = ensure_certificate(directory, HOSTS, NOW_S)

    second = ensure_certificate(directory, HOSTS, NOW_S + 3300 * DAY_S)

    assert "grown old" in second.remark
    assert second.authority_fingerprint != first.authority_fingerprint


def test_what_a_clock_has_made_that_was_ahead_is_replaced(directory):
    """Browsers refuse it until then, and it has more days left than any."""
    ahead = ensure_certificate(directory, HOSTS, NOW_S + 900 * DAY_S)
    found = read_certificate(directory, NOW_S)

    now = ensure_certificate(directory, HOSTS, NOW_S)

    assert found is not None
    assert found.days_until_valid == 900
    assert why_unfit(found, HOSTS) == "it is not valid yet: the clock was ahead when it was made"
    assert now.fingerprint != ahead.fingerprint
    assert "its authority was made by a clock that was ahead" in now.remark
    assert now.remark.endswith(INSTALL_AGAIN)
    assert leaf(directory).not_valid_before_utc.timestamp() < NOW_S


def test_a_certificate_of_a_clock_that_was_ahead_is_replaced_though_the_authority_is_older(
    directory,
):
    first = ensure_certificate(directory, HOSTS, NOW_S)
    ahead = ensure_certificate(directory, HOSTS, NOW_S + 500 * DAY_S)

    now = ensure_certificate(directory, HOSTS, NOW_S + 10 * DAY_S)

    assert now.fingerprint != ahead.fingerprint
    assert now.authority_fingerprint == first.authority_fingerprint
    assert "the one that was there is not valid yet" in now.remark


def test_it_is_told_in_how_many_days_a_certificate_becomes_valid(directory):
    made = ensure_certificate(directory, HOSTS, NOW_S)
    file = made.certificate_file

    assert days_until_valid_of(file, NOW_S - 1.5 * DAY_S) == 2
    assert days_until_valid_of(file, NOW_S) == 0
    assert days_until_valid_of(directory / "nothing.pem", NOW_S) == 0


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\nAA\n"])
def test_a_broken_file_is_replaced_and_said(directory, name, content):
    ensure_certificate(directory, HOSTS, NOW_S)
    (directory / name).write_bytes(content)

    assert f"{name} was broken" in ensure_certificate(directory, HOSTS, NOW_S).remark
    assert ensure_certificate(directory, HOSTS, NOW_S).remark == ""


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_made_again(directory, name):
    ensure_certificate(directory, HOSTS, NOW_S)
    (directory / name).unlink()

    assert "there was none" in ensure_certificate(directory, HOSTS, NOW_S).remark
    assert ensure_certificate(directory, HOSTS, NOW_S).remark == ""


def test_a_folder_in_the_place_of_a_file_is_put_aside(directory):
    ensure_certificate(directory, HOSTS, NOW_S)
    (directory / KEY_FILE).unlink()
    (directory / KEY_FILE).mkdir(mode=0o700)

    assert f"{KEY_FILE} was no file" in ensure_certificate(directory, HOSTS, NOW_S).remark
    assert ensure_certificate(directory, HOSTS, NOW_S).remark == ""


def test_files_of_somebody_else_are_replaced(directory, tmp_path):
    other = tmp_path / "other"
    ensure_certificate(directory, HOSTS, NOW_S)
    ensure_certificate(other, HOSTS, NOW_S)
    for name in (CERTIFICATE_FILE, KEY_FILE):
        shutil.copy(other / name, directory / name)

    assert "not of our making" in ensure_certificate(directory, HOSTS, NOW_S).remark


def test_a_key_of_another_certificate_is_replaced(directory, tmp_path):
    other = tmp_path / "other"
    ensure_certificate(directory, HOSTS, NOW_S)
    ensure_certificate(other, HOSTS, NOW_S)
    shutil.copy(other / KEY_FILE, directory / KEY_FILE)

    assert "did not belong to" in ensure_certificate(directory, HOSTS, NOW_S).remark


def test_a_certificate_that_is_no_authority_is_replaced(directory):
    ensure_certificate(directory, HOSTS, NOW_S)
    shutil.copy(directory / CERTIFICATE_FILE, directory / AUTHORITY_FILE)
    shutil.copy(directory / KEY_FILE, directory / AUTHORITY_KEY_FILE)

    assert (
        "its authority is not of our making" in ensure_certificate(directory, HOSTS, NOW_S).remark
    )


@pytest.mark.parametrize("name", [AUTHORITY_KEY_FILE, KEY_FILE])
def test_a_key_that_others_could_read_is_not_used_again(directory, name):
    ensure_certificate(directory, HOSTS, NOW_S)
    (directory / name).chmod(0o644)

    assert f"others could read {name}" in ensure_certificate(directory, HOSTS, NOW_S).remark
    assert (directory / name).stat().st_mode & 0o777 == 0o600


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "lan").write_text("a file")

    with pytest.raises(ConfigurationError, match=r"cannot be kept in .*lan"):
        ensure_certificate(tmp_path / "lan", HOSTS, NOW_S)


def test_a_full_disk_is_not_said_to_want_other_rights(directory, monkeypatch):
    def no_space(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", no_space)

    with pytest.raises(ConfigurationError, match="Make room on its disk"):
        ensure_certificate(directory, HOSTS, NOW_S)


def test_a_failure_while_writing_leaves_the_certificate_as_it_was(directory, monkeypatch):
    first = ensure_certificate(directory, HOSTS, NOW_S)

    def no_space(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(ConfigurationError, match="No space left"):
        ensure_certificate(directory, [*HOSTS, "10.0.0.9"], NOW_S)

    assert sorted(each.name for each in directory.iterdir()) == sorted(FILES)
    assert ensure_certificate(directory, HOSTS, NOW_S).fingerprint == first.fingerprint


def test_without_a_host_there_is_nothing_to_vouch_for(directory):
    with pytest.raises(ValueError, match="a name or an address"):
        ensure_certificate(directory, [], NOW_S)


def test_reading_changes_nothing(directory):
    assert read_certificate(directory, NOW_S) is None
    made = ensure_certificate(directory, HOSTS, NOW_S)
    read = read_certificate(directory, NOW_S + 10 * DAY_S)
    (directory / CERTIFICATE_FILE).write_bytes(b"garbage")

    assert read is not None
    assert (read.fingerprint, read.days_left) == (made.fingerprint, 386)
    assert read_certificate(directory, NOW_S) is None


@pytest.mark.parametrize(
    ("age_days", "hosts", "why"),
    [
        (0, HOSTS, ""),
        (0, [*HOSTS, "10.0.0.9"], "it does not hold for 10.0.0.9"),
        (395, HOSTS, "1 day is left of it"),
        (390, HOSTS, "6 days are left of it"),
        (400, HOSTS, "it has expired"),
    ],
)
def test_it_is_told_why_a_certificate_will_be_made_anew(directory, age_days, hosts, why):
    ensure_certificate(directory, HOSTS, NOW_S)

    found = read_certificate(directory, NOW_S + age_days * DAY_S)

    assert found is not None
    assert why_unfit(found, hosts) == why


def test_a_certificate_tells_for_what_it_was_made(directory, tmp_path):
    ensure_certificate(directory, ("Console.Example.org", "fd00::5"), NOW_S)
    assert hosts_in(directory / CERTIFICATE_FILE) == ("console.example.org", "fd00::5")
    assert hosts_in(directory / AUTHORITY_FILE) == ()
    assert days_left_of(directory / CERTIFICATE_FILE, NOW_S) == 396
    assert days_left_of(directory / CERTIFICATE_FILE, NOW_S + 400 * DAY_S) == -4
    assert days_left_of(directory / "none.pem", NOW_S) is None

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    names = [
        x509.DNSName("*.example.org"),
        x509.RFC822Name("a@b.example"),
        x509.DNSName("b.example"),
    ]
    begin = leaf(directory).not_valid_before_utc
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin)
    signed = made.add_extension(x509.SubjectAlternativeName(names), False).sign(key, SHA256())
    file = tmp_path / "of-somebody.pem"
    file.write_bytes(signed.public_bytes(Encoding.PEM))

    assert hosts_in(file) == ("b.example",)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_what_is_no_certificate_was_made_for_nothing(tmp_path, content):
    file = tmp_path / "some.pem"
    if content is not None:
        file.write_bytes(content)

    assert hosts_in(file) == ()
