"""A link for others: its QR code, and how to trust the certificate behind it."""

from __future__ import annotations

from typing import Final

import segno

BORDER: Final = 2
"""Light modules around the code; readers want some, terminals have few."""
_DARK_ON_LIGHT: Final = "\x1b[30;107m"
_PLAIN: Final = "\x1b[0m"
_HALVES: Final = {(0, 0): " ", (1, 0): "▀", (0, 1): "▄", (1, 1): "█"}

TRUST: Final = (
    (
        "iPhone, iPad",
        "Open the file in Safari and allow the profile. Install it in Settings, General, VPN & "
        "Device Management; then switch it on in General, About, Certificate Trust Settings.",
    ),
    (
        "Android",
        "Settings, Security, Encryption & credentials, Install a certificate, CA certificate; "
        "choose the file.",
    ),
    ("Windows", "Open the file: Install Certificate, Current User, Trusted Root Authorities."),
    ("macOS", "Open the file in Keychain Access, then set it to Always Trust."),
    (
        "Linux, Firefox",
        "In the browser's settings look for Certificates, Authorities, Import; choose the file.",
    ),
)
"""How the authority is made to be trusted, by system."""


def qr_lines(url: str) -> list[str]:
    """Return the QR code of `url` for a terminal, as lines of half blocks.

    They set their own colours, so that the code is dark on light on every terminal.
    """
    rows = [list(row) for row in segno.make_qr(url, error="l").matrix_iter(border=BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    return [
        _DARK_ON_LIGHT
        + "".join(_HALVES[int(top), int(low)] for top, low in zip(upper, lower, strict=True))
        + _PLAIN
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


def qr_picture(url: str) -> str:
    """Return the QR code of `url` as the address of a picture that holds it (SVG in `data:`)."""
    code = segno.make_qr(url, error="m")
    return code.svg_data_uri(scale=4, border=4, dark="#000", light="#fff", omitsize=True)


def short_fingerprint(fingerprint: str) -> str:
    """Return a fingerprint in lines that can be compared by eye: 16 pairs each."""
    pairs = fingerprint.split(":")
    half = len(pairs) // 2
    return " ".join(pairs[:half]) + "\n" + " ".join(pairs[half:])
