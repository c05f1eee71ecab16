"""A certificate of this machine's own making, for the names and addresses that others are told.

Two certificates: an authority that somebody may choose to trust, and the one that the console
shows, signed by it. The authority can vouch for addresses of local networks and for this
machine's own names only, so that its key, were it stolen, is worth nothing elsewhere. What a
browser compares is the fingerprint of the second.
"""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from console.errors import ConfigurationError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LEAF_DAYS: Final = 397
"""The longest that browsers take from authorities which everybody knows; ours stays within."""
AUTHORITY_DAYS: Final = 3650
RENEWED_DAYS: Final = 30
"""With fewer days left than these, it is made anew."""
AUTHORITY_FILE: Final = "authority.pem"
AUTHORITY_KEY_FILE: Final = "authority.key"
CERTIFICATE_FILE: Final = "console.pem"
KEY_FILE: Final = "console.key"
INSTALL_AGAIN: Final = (
    "Its authority is new, too: whoever has installed the one before installs this one."
)
_BACKDATED: Final = timedelta(hours=1)
"""For machines whose clocks are behind ours."""
_LOCAL_NETWORKS: Final[tuple[Network, ...]] = tuple(
    ipaddress.ip_network(each)
    for each in (
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
        "127.0.0.0/8", "fc00::/7", "fe80::/10", "::1/128",
    )
)  # fmt: skip
_LOCAL_DOMAINS: Final = ("localhost", "local")
_CURVE: Final = ec.SECP256R1


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


@dataclass(frozen=True, slots=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class _Unusable(Exception):
    """A file is broken or not ours; the text says how."""


def ensure_certificate(directory: Path, hosts: Sequence[str], now_s: float) -> OwnCertificate:
    """Return a certificate for `hosts`, made or renewed if need be.

    It is made anew when there is none, when it does not hold for each of the hosts, when fewer
    than 30 days are left, or when its files are broken, open to others, or not of our making.

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
        authority, why_authority = _authority(directory, hosts, now)
        why = why_authority or _why_renew(directory, authority, hosts, now)
        if why:
            _write_leaf(directory, authority, hosts, now)
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
    except (OSError, _Unusable):
        return None


def days_left_of(file: Path, now_s: float) -> int | None:
    """Return for how many days the first certificate of a PEM file is valid yet.

    A negative number says that it has expired, None that the file cannot be read.
    """
    now = datetime.fromtimestamp(now_s, UTC)
    try:
        return _days_left(x509.load_pem_x509_certificates(_read(file))[0], now)
    except (OSError, ValueError, _Unusable):
        return None


def hosts_in(file: Path) -> tuple[str, ...]:
    """Return the names and addresses that the first certificate of a PEM file holds for.

    Names with a wildcard are left out, since nobody can open them; so is everything of a file that
    cannot be read.
    """
    try:
        found = _hosts_of(x509.load_pem_x509_certificates(_read(file))[0])
    except (OSError, ValueError, _Unusable):
        return ()
    return tuple(each for each in found if "*" not in each)


def why_unfit(certificate: OwnCertificate, hosts: Sequence[str]) -> str:
    """Return why the next start would make another certificate, or nothing."""
    missing = _missing(certificate.hosts, hosts)
    if missing:
        return f"it does not hold for {missing}"
    return _why_old(certificate.days_left)


def _why_old(days_left: int) -> str:
    if days_left >= RENEWED_DAYS:
        return ""
    if days_left < 0:
        return "it has expired"
    return f"{days_left} {'day is' if days_left == 1 else 'days are'} left of it"


def _missing(held: Sequence[str], wanted: Sequence[str]) -> str:
    return ", ".join(each for each in wanted if each not in set(held))


# ---------------------------------------------------------------- the authority


def _authority(directory: Path, hosts: Sequence[str], now: datetime) -> tuple[_Pair, str]:
    """Return the authority, and why it was made anew, if it was."""
    certificate_file, key_file = directory / AUTHORITY_FILE, directory / AUTHORITY_KEY_FILE
    try:
        pair = _read_pair(certificate_file, key_file)
        _check_authority(pair.certificate, hosts, now)
    except FileNotFoundError:
        why = "there was none"
    except _Unusable as error:
        why = str(error)
    else:
        return pair, ""
    pair = _new_authority(hosts, now)
    _write_pair(certificate_file, key_file, pair)
    return pair, why


def _check_authority(certificate: x509.Certificate, hosts: Sequence[str], now: datetime) -> None:
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        permitted = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound as error:
        raise _Unusable("its authority is not of our making") from error
    if not basic.ca or certificate.subject != certificate.issuer:
        raise _Unusable("its authority is not of our making")
    # It must outlive what it signs.
    if certificate.not_valid_after_utc < now + timedelta(days=LEAF_DAYS):
        raise _Unusable("its authority had grown old")
    subtrees = permitted.permitted_subtrees or []
    outside = [each for each in hosts if not any(_is_within(each, tree) for tree in subtrees)]
    if outside:
        raise _Unusable(f"its authority may not vouch for {', '.join(outside)}")


def _is_within(host: str, tree: x509.GeneralName) -> bool:
    address = _address(host)
    if isinstance(tree, x509.IPAddress):
        network = tree.value
        assert isinstance(network, Network)  # of a constraint, which is never a single address
        return address is not None and address in network
    return address is None and (host == tree.value or host.endswith(f".{tree.value}"))


def _new_authority(hosts: Sequence[str], now: datetime) -> _Pair:
    key = ec.generate_private_key(_CURVE())
    # The number tells authorities of different machines apart in a browser's list.
    name = _name(f"Realtime Console, own authority {os.urandom(3).hex()}")
    certificate = (
        _builder(name, name, key.public_key(), now, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(signs_certificates=True), critical=True)
        .add_extension(_constraints(hosts), critical=True)
        .sign(key, hashes.SHA256())
    )
    return _Pair(certificate, key)


def _constraints(hosts: Sequence[str]) -> x509.NameConstraints:
    networks = list(_LOCAL_NETWORKS)
    domains = list(_LOCAL_DOMAINS)
    for host in hosts:
        address = _address(host)
        if address is None:
            if not any(host == each or host.endswith(f".{each}") for each in domains):
                domains.append(host)
        elif not any(address in each for each in networks):
            networks.append(ipaddress.ip_network(address))
    return x509.NameConstraints(
        permitted_subtrees=[
            *(x509.DNSName(each) for each in domains),
            *(x509.IPAddress(each) for each in networks),
        ],
        excluded_subtrees=None,
    )


# ---------------------------------------------------------------- the certificate


def _why_renew(directory: Path, authority: _Pair, hosts: Sequence[str], now: datetime) -> str:
    """Return why the certificate that is there will not do, or nothing."""
    try:
        pair = _read_pair(directory / CERTIFICATE_FILE, directory / KEY_FILE)
    except FileNotFoundError:
        return "there was none"
    except _Unusable as error:
        return str(error)
    try:
        pair.certificate.verify_directly_issued_by(authority.certificate)
    except (ValueError, TypeError, InvalidSignature):
        return "the one that was there is not of our making"
    missing = _missing(_hosts_of(pair.certificate), hosts)
    if missing:
        return f"the one that was there does not hold for {missing}"
    old = _why_old(_days_left(pair.certificate, now))
    return old.replace("of it", "of the one that was there").replace("it has", "the last one has")


def _write_leaf(directory: Path, authority: _Pair, hosts: Sequence[str], now: datetime) -> None:
    key = ec.generate_private_key(_CURVE())
    certificate = (
        _builder(
            _name("Realtime Console"),
            authority.certificate.subject,
            key.public_key(),
            now,
            LEAF_DAYS,
        )
        .add_extension(x509.SubjectAlternativeName([_general(each) for each in hosts]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), False
        )
        .sign(authority.key, hashes.SHA256())
    )
    _write_pair(
        directory / CERTIFICATE_FILE,
        directory / KEY_FILE,
        _Pair(certificate, key),
        chain=[authority.certificate],
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
) -> x509.CertificateBuilder:
    begin = now - _BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _general(host: str) -> x509.GeneralName:
    address = _address(host)
    return x509.DNSName(host) if address is None else x509.IPAddress(address)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    kinds = (x509.DNSName, x509.IPAddress)
    return tuple(str(each.value).lower() for each in found if isinstance(each, kinds))


def _days_left(certificate: x509.Certificate, now: datetime) -> int:
    return (certificate.not_valid_after_utc - now).days


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex(":").upper()


def _described(directory: Path, now: datetime, remark: str) -> OwnCertificate:
    certificate_file, key_file = directory / CERTIFICATE_FILE, directory / KEY_FILE
    leaf = _read_pair(certificate_file, key_file).certificate
    authority = _read_certificate(directory / AUTHORITY_FILE)
    return OwnCertificate(
        certificate_file=certificate_file,
        key_file=key_file,
        authority_file=directory / AUTHORITY_FILE,
        hosts=_hosts_of(leaf),
        fingerprint=_fingerprint(leaf),
        authority_fingerprint=_fingerprint(authority),
        days_left=_days_left(leaf, now),
        remark=remark,
    )


# ---------------------------------------------------------------- files


def _read_pair(certificate_file: Path, key_file: Path) -> _Pair:
    """Read a certificate and its key.

    Raises:
        FileNotFoundError: One of them is not there.
        _Unusable: They cannot be read, do not belong together, or others may read the key.
    """
    certificate = _read_certificate(certificate_file)
    if os.name == "posix" and key_file.stat().st_mode & 0o077:
        raise _Unusable(f"others could read {key_file.name}")
    try:
        key = serialization.load_pem_private_key(_read(key_file), password=None)
    except (ValueError, TypeError) as error:
        raise _Unusable(f"{key_file.name} was broken") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise _Unusable(f"{key_file.name} was not of our making")
    if key.public_key() != certificate.public_key():
        raise _Unusable(f"{key_file.name} did not belong to {certificate_file.name}")
    return _Pair(certificate, key)


def _read_certificate(file: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(_read(file))
    except ValueError as error:
        raise _Unusable(f"{file.name} was broken") from error


def _read(file: Path) -> bytes:
    if not file.is_file() and file.exists():
        raise _Unusable(f"{file.name} was no file")
    return file.read_bytes()


def _write_pair(
    certificate_file: Path, key_file: Path, pair: _Pair, chain: Sequence[x509.Certificate] = ()
) -> None:
    key = pair.key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    certificates = b"".join(
        each.public_bytes(serialization.Encoding.PEM) for each in (pair.certificate, *chain)
    )
    # Between the two a crash leaves files that do not belong together; the next start sees that.
    _replace(key_file, key)
    _replace(certificate_file, certificates)


def _replace(file: Path, content: bytes) -> None:
    """Put `content` in the place of `file`, whole or not at all, for this user alone."""
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        if file.is_dir():
            file.rename(file.with_name(f"{file.name}.{os.urandom(4).hex()}"))
        Path(temporary).replace(file)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
