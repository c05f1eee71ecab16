"""A dialog for the owner: the link for others, as text and as a code, and what it gives them."""

from __future__ import annotations

from typing import Final

from nicegui import ui

from console import invocation
from console.lan.link_card import TRUST, qr_picture, short_fingerprint
from console.ui.panels.copy_field import CopyField
from console.ui.panels.dialog import PageDialog
from console.ui.share_offer import ShareOffer

NOBODY: Final = "Only this machine can open the console. To let others in, start it with:"
COMMAND: Final = invocation.run("--lan")
RIGHTS: Final = (
    "Whoever has this link is a guest: they talk in sessions of their own, and see and export "
    "these alone. They see neither the key nor your sessions, and the limits hold for them."
)
WARNING: Final = (
    "Their browser will warn: the certificate is made by this machine, and nobody else vouches "
    "for it. Let them compare its SHA\N{NON-BREAKING HYPHEN}256 fingerprint, then go on."
)


class ShareDialog:
    """Opened from the head of the page; built when it is."""

    def __init__(self, offer: ShareOffer) -> None:
        self._offer = offer
        self._dialog = PageDialog("Share this console", self._build, classes="rc-share")

    def open(self) -> None:
        """Show the dialog."""
        self._dialog.open()

    def _build(self) -> None:
        if self._offer.links:
            self._build_link()
            ui.label(RIGHTS).classes("rc-dialog__about")
            if self._offer.remark:
                ui.label(self._offer.remark).classes("rc-dialog__about")
            if self._offer.fingerprint:
                self._build_trust()
        else:
            ui.label(NOBODY).classes("rc-dialog__about")
            CopyField("Command", COMMAND)

    def _build_link(self) -> None:
        links = self._offer.links
        if len(links) > 1:
            # The same link: a network may know the machine by one of its names, or by none.
            ui.select(
                {link: link.partition("/?")[0] for link in links},
                value=links[0],
                label="Address",
                on_change=lambda event: self._show(str(event.value)),
            ).props("outlined dense options-dense").classes("rc-share__address")
        self._picture = ui.element("img").classes("rc-share__code")
        self._link = CopyField("Link for guests")
        self._show(links[0])

    def _show(self, link: str) -> None:
        self._link.show(link)
        self._picture.props["src"] = qr_picture(link)
        self._picture.props["alt"] = f"QR code of the link at {link.partition('/?')[0]}"

    def _build_trust(self) -> None:
        ui.label(WARNING).classes("rc-dialog__about")
        _fingerprint("Fingerprint of the certificate", self._offer.fingerprint)
        with ui.expansion("Get rid of the warning").props("dense").classes("rc-share__trust"):
            with ui.element("p"):
                ui.link("Download the authority's certificate", self._offer.authority_url)
                ui.label(" and install it. It vouches for local networks and this machine only.")
            ui.label("Its fingerprint:").classes("rc-dialog__about")
            _fingerprint("Fingerprint of the authority", self._offer.authority_fingerprint)
            with ui.element("dl").classes("rc-share__systems"):
                for system, steps in TRUST:
                    with ui.element("dt"):
                        ui.label(system)
                    with ui.element("dd"):
                        ui.label(steps)


def _fingerprint(name: str, fingerprint: str) -> None:
    shown = ui.label(short_fingerprint(fingerprint)).classes("rc-share__fingerprint")
    shown.props(f'role=group aria-label="{name}"')
