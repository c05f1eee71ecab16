"""A certificate of this machine's own making, for the names and addresses that others are told.

Two certificates: an authority that somebody may choose to trust, and the one that the console
shows, signed by it. What a browser compares is the fingerprint of the second.
"""

from __future__ import annotations

import errno
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes

from console.errors import ConfigurationError
from console.lan.authority import AUTHORITY_FILE, ensure_authority, issue
from console.lan.key_pair import (
    KeyPair,
    Unusable,
    read_certificate_file,
    read_pair,
    write_pair,
)

RENEWED_DAYS: Final = 30
"""With fewer days left than these, it is made anew."""
CERTIFICATE_FILE: Final = "console.pem"
KEY_FILE: Final = "console.key"
INSTALL_AGAIN: Final = (
    "Its authority is new, too: whoever has installed the one before installs this one."
)


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """The certificate of the console and where it is."""

    certificate_file: Path
    """PEM: the certificate, then the authority's."""
    key_file: Path
    authority_file: Path
    hosts: tuple[str, ...]
    """Names and addresses that it holds for."""
    fingerprint: str
    """SHA-256, in pairs of hexadecimal digits, as browsers show it."""
    authority_fingerprint: str
    days_left: int
    remark: str = ""
    """What was done and why, and what is to be done; empty if it was there already."""
    days_until_valid: int = 0
    """Above 0 for one that was made by a clock that was ahead: browsers refuse it until then."""


def ensure_certificate(directory: Path, hosts: Sequence[str], now_s: float) -> OwnCertificate:
    """Return a certificate for `hosts`, made or renewed if need be.

    It is made anew when there is none, when it does not hold for each of the hosts, when fewer
    than 30 days are left, when it holds from a later day on only, or when its files are broken,
    open to others, or not of our making.

    Args:
        directory: Where the files are; made with rights for this user alone.
        hosts: Names and IP addresses, without brackets.
        now_s: Seconds since 1970 (UTC).

    Raises:
        ConfigurationError: The files cannot be written.
        ValueError: There is no host.
    """
    if not hosts:
        raise ValueError("a certificate needs a name or an address")
    now = datetime.fromtimestamp(now_s, UTC)
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.chmod(0o700)
        had_authority = (directory / AUTHORITY_FILE).exists()
        authority, why_authority = ensure_authority(directory, hosts, now)
        why = why_authority or _why_renew(directory, authority, hosts, now)
        if why:
            made = issue(authority, hosts, now)
            certificate_file, key_file = directory / CERTIFICATE_FILE, directory / KEY_FILE
            write_pair(made, certificate_file, key_file, chain=[authority.certificate])
    except OSError as error:
        raise ConfigurationError(
            f"The certificate cannot be kept in {directory}: {error.strerror or error}. "
            f"{_what_to_do(error)}, or name another folder with --state-dir."
        ) from error
    remark = f"A certificate was made for this machine: {why}." if why else ""
    if had_authority and why_authority:
        remark += f" {INSTALL_AGAIN}"
    return _described(directory, now, remark)


def _what_to_do(error: OSError) -> str:
    is_full = error.errno in {errno.ENOSPC, errno.EDQUOT}
    return "Make room on its disk" if is_full else "Make the folder writable"


def read_certificate(directory: Path, now_s: float) -> OwnCertificate | None:
    """Return the certificate that is there, or None if there is none that can be used."""
    try:
        return _described(directory, datetime.fromtimestamp(now_s, UTC), "")
    except (OSError, Unusable):
        return None


def days_left_of(file: Path, now_s: float) -> int | None:
    """Return for how many days the first certificate of a PEM file is valid yet.

    A negative number says that it has expired, None that the file cannot be read.
    """
    now = datetime.fromtimestamp(now_s, UTC)
    try:
        return _days_left(read_certificate_file(file), now)
    except (OSError, Unusable):
        return None


def days_until_valid_of(file: Path, now_s: float) -> int:
    """Return in how many days the first certificate of a PEM file becomes valid.

    0 or less says that it has, or that the file cannot be read.
    """
    now = datetime.fromtimestamp(now_s, UTC)
    try:
        return _days_until_valid(read_certificate_file(file), now)
    except (OSError, Unusable):
        return 0


def hosts_in(file: Path) -> tuple[str, ...]:
    """Return the names and addresses that the first certificate of a PEM file holds for.

    Names with a wildcard are left out, since nobody can open them; so is everything of a file that
    cannot be read.
    """
    try:
        found = _hosts_of(read_certificate_file(file))
    except (OSError, Unusable):
        return ()
    return tuple(each for each in found if "*" not in each)


def why_unfit(certificate: OwnCertificate, hosts: Sequence[str]) -> str:
    """Return why the next start would make another certificate, or nothing."""
    missing = _missing(certificate.hosts, hosts)
    if missing:
        return f"it does not hold for {missing}"
    return _why_not_now(certificate.days_left, certificate.days_until_valid)


def _why_not_now(days_left: int, days_until_valid: int) -> str:
    if days_until_valid > 0:
        return "it is not valid yet: the clock was ahead when it was made"
    if days_left >= RENEWED_DAYS:
        return ""
    if days_left < 0:
        return "it has expired"
    return f"{days_left} {'day is' if days_left == 1 else 'days are'} left of it"


def _missing(held: Sequence[str], wanted: Sequence[str]) -> str:
    return ", ".join(each for each in wanted if each not in set(held))


def _why_renew(directory: Path, authority: KeyPair, hosts: Sequence[str], now: datetime) -> str:
    """Return why the certificate that is there will not do, or nothing."""
    try:
        pair = read_pair(directory / CERTIFICATE_FILE, directory / KEY_FILE)
    except FileNotFoundError:
        return "there was none"
    except Unusable as error:
        return str(error)
    try:
        pair.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return "the one that was there is not of our making"
    missing = _missing(_hosts_of(pair.certificate), hosts)
    if missing:
        return f"the one that was there does not hold for {missing}"
    leaf = pair.certificate
    why = _why_not_now(_days_left(leaf, now), _days_until_valid(leaf, now))
    why = why.replace("of it", "of the one that was there").replace("it has", "the last one has")
    return why.replace("it is", "the one that was there is", 1)


def _hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    kinds = (x509.DNSName, x509.IPAddress)
    return tuple(str(each.value).lower() for each in found if isinstance(each, kinds))


def _days_left(certificate: x509.Certificate, now: datetime) -> int:
    return (certificate.not_valid_after_utc - now).days


def _days_until_valid(certificate: x509.Certificate, now: datetime) -> int:
    return math.ceil((certificate.not_valid_before_utc - now) / timedelta(days=1))


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _described(directory: Path, now: datetime, remark: str) -> OwnCertificate:
    certificate_file, key_file = directory / CERTIFICATE_FILE, directory / KEY_FILE
    leaf = read_pair(certificate_file, key_file).certificate
    authority = read_certificate_file(directory / AUTHORITY_FILE)
    return OwnCertificate(
        certificate_file=certificate_file,
        key_file=key_file,
        authority_file=directory / AUTHORITY_FILE,
        hosts=_hosts_of(leaf),
        fingerprint=_fingerprint(leaf),
        authority_fingerprint=_fingerprint(authority),
        days_left=_days_left(leaf, now),
        days_until_valid=_days_until_valid(leaf, now),
        remark=remark,
    )
