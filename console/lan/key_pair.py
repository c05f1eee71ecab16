"""A certificate and its key, as files that this user alone may read."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A certificate and the key that belongs to it."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Unusable(Exception):
    """A file is broken or not ours; the text says how."""


def read_pair(certificate_file: Path, key_file: Path) -> KeyPair:
    """Read a certificate and its key.

    Raises:
        FileNotFoundError: One of them is not there.
        Unusable: They cannot be read, do not belong together, or others may read the key.
    """
    certificate = read_certificate_file(certificate_file)
    if os.name == "posix" and key_file.stat().st_mode & 0o077:
        raise Unusable(f"others could read {key_file.name}")
    try:
        key = serialization.load_pem_private_key(_read(key_file), password=None)
    except (ValueError, TypeError) as error:
        raise Unusable(f"{key_file.name} was broken") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Unusable(f"{key_file.name} was not of our making")
    if key.public_key() != certificate.public_key():
        raise Unusable(f"{key_file.name} did not belong to {certificate_file.name}")
    return KeyPair(certificate, key)


def read_certificate_file(file: Path) -> x509.Certificate:
    """Read the first certificate of a PEM file.

    Raises:
        OSError: It is not there, or this user may not read it.
        Unusable: It holds none, or is no file.
    """
    try:
        return x509.load_pem_x509_certificate(_read(file))
    except ValueError as error:
        raise Unusable(f"{file.name} was broken") from error


def _read(file: Path) -> bytes:
    if not file.is_file() and file.exists():
        raise Unusable(f"{file.name} was no file")
    return file.read_bytes()


def write_pair(
    pair: KeyPair,
    certificate_file: Path,
    key_file: Path,
    *,
    chain: Sequence[x509.Certificate] = (),
) -> None:
    """Write a certificate, those that vouch for it after it, and its key; each whole or not at all.

    Raises:
        OSError: They cannot be written; what was there before stays.
    """
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
