"""What the terminal says once the console listens: links, a QR code, what browsers will say."""

from __future__ import annotations

from collections.abc import Iterable

from console.app.reach import Reach
from console.lan.certificate import OwnCertificate
from console.lan.link_card import qr_lines, short_fingerprint
from console.ui.trust_route import PATH


def ready_text(
    reach: Reach, owner_link: str, guest_links: Iterable[str], *, with_qr: bool, remark: str = ""
) -> str:
    """Return the lines to print.

    Args:
        reach: Where the console is reached.
        owner_link: For whoever has started it.
        guest_links: For others, the likeliest to work first; may be empty.
        with_qr: Whether the first of them is shown as a code, too, as in a terminal.
        remark: What else is worth a sentence.
    """
    lines = [f"Console ready at {owner_link}"]
    lines += [each for each in (remark, reach.remark) if each]
    links = list(guest_links)
    if links:
        lines += _for_others(links, with_qr=with_qr)
    if reach.own_certificate is not None:
        lines += _about_certificate(reach.own_certificate, reach.guest_bases[0])
    return "\n".join(lines) + "\n"


def _for_others(links: list[str], *, with_qr: bool) -> list[str]:
    lines = ["", "For others, as guests:", f"  {links[0]}"]
    if len(links) > 1:
        bases = ", ".join(each.partition("/?")[0] for each in links[1:])
        lines.append(f"  (also at {bases})")
    return [*lines, "", *qr_lines(links[0])] if with_qr else lines


def _about_certificate(certificate: OwnCertificate, base: str) -> list[str]:
    first, second = short_fingerprint(certificate.fingerprint).splitlines()
    lines = [
        "",
        "Browsers will warn: the certificate is made by this machine, and nobody else vouches for "
        "it.",
        "Compare its SHA-256 fingerprint, then go on:",
        f"  {first}",
        f"  {second}",
        f"To be rid of the warning, install {base}{PATH} as a trusted authority.",
    ]
    return [*lines, certificate.remark] if certificate.remark else lines
