import os
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from console.lan.authority import (
    AUTHORITY_DAYS,
    AUTHORITY_FILE,
    AUTHORITY_KEY_FILE,
    LEAF_DAYS,
    ensure_authority,
    issue,
)
from console.lan.key_pair import KeyPair, write_pair

NOW = datetime(2027, 1, 15, tzinfo=UTC)
HOSTS = ("192.168.1.5", "fd00::5", "studio.local", "localhost")
FILES = (AUTHORITY_FILE, AUTHORITY_KEY_FILE)


def test_it_may_vouch_for_local_networks_and_own_names_only(tmp_path):
    authority, why = ensure_authority(tmp_path, ["203.0.113.7", "studio.example.org"], NOW)

    extensions = authority.certificate.extensions
    constraints = extensions.get_extension_for_class(x509.NameConstraints)
    permitted = {str(each.value) for each in constraints.value.permitted_subtrees or []}
    basic = extensions.get_extension_for_class(x509.BasicConstraints).value
    assert why == "there was none"
    assert constraints.critical
    assert {"local", "localhost", "studio.example.org", "203.0.113.7/32"} <= permitted
    assert "192.168.0.0/16" in permitted
    assert not {"example.org", "org", "0.0.0.0/0", "::/0"} & permitted
    assert (basic.ca, basic.path_length) == (True, 0)


def test_it_is_kept_for_the_next_start(tmp_path):
    first, _ = ensure_authority(tmp_path, HOSTS, NOW)

    second, why = ensure_authority(tmp_path, [*HOSTS, "10.0.0.9", "b.local"], NOW)

    assert why == ""
    assert second.certificate == first.certificate
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(FILES)


@pytest.mark.parametrize(
    ("hosts", "outside"),
    [
        (["203.0.113.7"], "203.0.113.7"),
        (["192.168.1.5", "studio", "2001:db8::1"], "studio, 2001:db8::1"),
        (["notlocal", "local.example"], "notlocal, local.example"),
    ],
)
def test_it_is_made_anew_for_what_it_may_not_vouch_for(tmp_path, hosts, outside):
    first, _ = ensure_authority(tmp_path, HOSTS, NOW)

    second, why = ensure_authority(tmp_path, hosts, NOW)

    assert why == f"its authority may not vouch for {outside}"
    assert second.certificate != first.certificate
    assert ensure_authority(tmp_path, hosts, NOW)[1] == ""


def test_it_outlives_what_it_signs(tmp_path):
    first, _ = ensure_authority(tmp_path, HOSTS, NOW)
    last_day = NOW + timedelta(days=AUTHORITY_DAYS - LEAF_DAYS - 1)

    assert ensure_authority(tmp_path, HOSTS, last_day)[1] == ""
    signed = issue(first, HOSTS, last_day).certificate
    assert signed.not_valid_after_utc < first.certificate.not_valid_after_utc

    assert ensure_authority(tmp_path, HOSTS, last_day + timedelta(days=1))[1] == (
        "its authority had grown old"
    )


@pytest.mark.parametrize("name", FILES)
def test_one_of_which_a_file_is_broken_is_made_anew(tmp_path, name):
    ensure_authority(tmp_path, HOSTS, NOW)
    (tmp_path / name).write_bytes(b"garbage")

    assert ensure_authority(tmp_path, HOSTS, NOW)[1] == f"{name} was broken"
    assert ensure_authority(tmp_path, HOSTS, NOW)[1] == ""


def test_what_is_no_authority_is_not_taken_for_one(tmp_path):
    authority, _ = ensure_authority(tmp_path, HOSTS, NOW)
    write_pair(issue(authority, HOSTS, NOW), *(tmp_path / each for each in FILES))

    assert ensure_authority(tmp_path, HOSTS, NOW)[1] == "its authority is not of our making"


@pytest.mark.skipif(os.name != "posix", reason="rights of files are those of POSIX")
def test_a_key_that_others_could_read_is_not_used_again(tmp_path):
    first, _ = ensure_authority(tmp_path, HOSTS, NOW)
    (tmp_path / AUTHORITY_KEY_FILE).chmod(0o640)

    second, why = ensure_authority(tmp_path, HOSTS, NOW)

    assert why == f"others could read {AUTHORITY_KEY_FILE}"
    assert second.certificate != first.certificate


def test_what_it_signs_is_signed_by_it_alone(tmp_path):
    authority, _ = ensure_authority(tmp_path / "", HOSTS, NOW)
    made = issue(authority, ("192.168.1.5",), NOW)

    made.certificate.verify_directly_issued_by(authority.certificate)
    assert isinstance(made, KeyPair)
    assert made.key.public_key() == made.certificate.public_key()
    (tmp_path / "other").mkdir()
    other, _ = ensure_authority(tmp_path / "other", HOSTS, NOW)
    with pytest.raises((ValueError, InvalidSignature)):
        made.certificate.verify_directly_issued_by(other.certificate)
