"""An authority of this machine's own, and what it signs.

Somebody may choose to trust it. It can vouch for addresses of local networks and for this
machine's own names only, so that its key, were it stolen, is worth nothing elsewhere.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from console.lan.key_pair import KeyPair, Unusable, read_pair, write_pair

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LEAF_DAYS: Final = 397
"""The longest that browsers take from authorities which everybody knows; ours stays within."""
AUTHORITY_DAYS: Final = 3650
AUTHORITY_FILE: Final = "authority.pem"
AUTHORITY_KEY_FILE: Final = "authority.key"
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


def ensure_authority(directory: Path, hosts: Sequence[str], now: datetime) -> tuple[KeyPair, str]:
    """Return the authority that is kept in a folder, made anew if need be.

    It is made anew when there is none, when it may not vouch for each of the hosts, when it would
    end before what it signs, when it begins later, or when its files are broken, open to others, or
    not of our making.

    Args:
        directory: Where its files are.
        hosts: Names and IP addresses, without brackets, that it is to vouch for.
        now: With a time zone.

    Returns:
        The authority, and why it was made anew; empty if it was there already.

    Raises:
        OSError: The files cannot be written.
    """
    certificate_file, key_file = directory / AUTHORITY_FILE, directory / AUTHORITY_KEY_FILE
    try:
        pair = read_pair(certificate_file, key_file)
        _check_authority(pair.certificate, hosts, now)
    except FileNotFoundError:
        why = "there was none"
    except Unusable as error:
        why = str(error)
    else:
        return pair, ""
    pair = _new_authority(hosts, now)
    write_pair(pair, certificate_file, key_file)
    return pair, why


def issue(authority: KeyPair, hosts: Sequence[str], now: datetime) -> KeyPair:
    """Make a certificate that the authority has signed.

    Args:
        authority: As `ensure_authority` returns it for these hosts.
        hosts: Names and IP addresses, without brackets.
        now: With a time zone.
    """
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
    return KeyPair(certificate, key)


def _check_authority(certificate: x509.Certificate, hosts: Sequence[str], now: datetime) -> None:
    try:
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
        permitted = certificate.extensions.get_extension_for_class(x509.NameConstraints).value
    except x509.ExtensionNotFound as error:
        raise Unusable("its authority is not of our making") from error
    if not basic.ca or certificate.subject != certificate.issuer:
        raise Unusable("its authority is not of our making")
    # It must outlive what it signs.
    if certificate.not_valid_after_utc < now + timedelta(days=LEAF_DAYS):
        raise Unusable("its authority had grown old")
    if certificate.not_valid_before_utc > now:
        raise Unusable("its authority was made by a clock that was ahead")
    subtrees = permitted.permitted_subtrees or []
    outside = [each for each in hosts if not any(_is_within(each, tree) for tree in subtrees)]
    if outside:
        raise Unusable(f"its authority may not vouch for {', '.join(outside)}")


def _is_within(host: str, tree: x509.GeneralName) -> bool:
    address = _address(host)
    if isinstance(tree, x509.IPAddress):
        network = tree.value
        assert isinstance(network, Network)  # of a constraint, which is never a single address
        return address is not None and address in network
    return address is None and (host == tree.value or host.endswith(f".{tree.value}"))


def _new_authority(hosts: Sequence[str], now: datetime) -> KeyPair:
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
    return KeyPair(certificate, key)


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
