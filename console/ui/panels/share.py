"""A dialog for the owner: the link for others, as text and as a code, and what it gives them."""

from __future__ import annotations

from typing import Final, Protocol

from nicegui import ui

from console import invocation
from console.lan.link_card import TRUST, qr_picture, short_fingerprint
from console.signals import Signal
from console.ui.panels.copy_field import CopyField
from console.ui.panels.dialog import PageDialog
from console.ui.panels.sure_button import SureButton
from console.ui.sharing import ShareOffer

NOBODY: Final = "Only this machine can open the console. To let others in, start it with:"
COMMAND: Final = invocation.run("--lan")
RIGHTS: Final = (
    "Whoever has this link is a guest: they talk in sessions of their own, and see and export "
    "these alone. They see neither the key nor your sessions, and the limits hold for them."
)
RENEW: Final = "Make a new link"
SURE: Final = "Really replace the link?"
RENEWAL: Final = "The present link then lets nobody in any more; who is inside stays."
RENEWED: Final = "This is a new link. The one before lets nobody in any more; who is inside stays."
WARNING: Final = (
    "Their browser will warn: the certificate is made by this machine, and nobody else vouches "
    "for it. Let them compare its SHA\N{NON-BREAKING HYPHEN}256 fingerprint, then go on."
)


class Offers(Protocol):
    """What the dialog asks of `Sharing`."""

    @property
    def offer(self) -> ShareOffer:
        """What is given away now."""

    @property
    def renewed(self) -> Signal[ShareOffer]:
        """Told what is given away from now on."""

    def renew(self) -> None:
        """Make another link for guests; the one before lets nobody in."""


class ShareDialog:
    """Opened from the head of the page; built when it is."""

    def __init__(self, sharing: Offers) -> None:
        self._sharing = sharing
        self._address = 0
        """The place, among the links, of the one that is shown."""
        self._dialog = PageDialog("Share this console", self._build, classes="rc-share")
        ui.context.client.on_delete(sharing.renewed.connect(lambda _: self._renewed()))

    def open(self) -> None:
        """Show the dialog."""
        self._dialog.open()
        if self._sharing.offer.links:
            self._show_link()
            self._told.text = RENEWAL

    def _build(self) -> None:
        offer = self._sharing.offer
        if offer.links:
            self._build_link(offer)
            ui.label(RIGHTS).classes("rc-dialog__about")
            if offer.remark:
                ui.label(offer.remark).classes("rc-dialog__about")
            self._build_renewal()
            if offer.fingerprint:
                self._build_trust(offer)
        else:
            ui.label(NOBODY).classes("rc-dialog__about")
            CopyField("Command", COMMAND)

    def _build_link(self, offer: ShareOffer) -> None:
        if len(offer.links) > 1:
            # The same link: a network may know the machine by one of its names, or by none.
            ui.select(
                {place: link.partition("/?")[0] for place, link in enumerate(offer.links)},
                value=self._address,
                label="Address",
                on_change=lambda event: self._choose(int(event.value)),
            ).props("outlined dense options-dense").classes("rc-share__address")
        self._picture = ui.element("img").classes("rc-share__code")
        self._link = CopyField("Link for guests")
        self._show_link()

    def _build_renewal(self) -> None:
        with ui.element("div").classes("rc-share__renewal"):
            SureButton(RENEW, SURE, self._sharing.renew)
            self._told = ui.label(RENEWAL).classes("rc-share__told").props("role=status")

    def _choose(self, address: int) -> None:
        self._address = address
        self._show_link()

    def _renewed(self) -> None:
        if self._dialog.is_open:
            self._show_link()
            self._told.text = RENEWED

    def _show_link(self) -> None:
        link = self._sharing.offer.links[self._address]
        self._link.show(link)
        self._picture.props["src"] = qr_picture(link)
        self._picture.props["alt"] = f"QR code of the link at {link.partition('/?')[0]}"

    def _build_trust(self, offer: ShareOffer) -> None:
        ui.label(WARNING).classes("rc-dialog__about")
        _fingerprint("Fingerprint of the certificate", offer.fingerprint)
        with ui.expansion("Get rid of the warning").props("dense").classes("rc-share__trust"):
            with ui.element("p"):
                ui.link("Download the authority's certificate", offer.authority_url)
                ui.label(" and install it. It vouches for local networks and this machine only.")
            ui.label("Its fingerprint:").classes("rc-dialog__about")
            _fingerprint("Fingerprint of the authority", offer.authority_fingerprint)
            with ui.element("dl").classes("rc-share__systems"):
                for system, steps in TRUST:
                    with ui.element("dt"):
                        ui.label(system)
                    with ui.element("dd"):
                        ui.label(steps)


def _fingerprint(name: str, fingerprint: str) -> None:
    shown = ui.label(short_fingerprint(fingerprint)).classes("rc-share__fingerprint")
    shown.props(f'role=group aria-label="{name}"')
