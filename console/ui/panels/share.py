"""A dialog for the owner: the link for others, as text and as a code, and what it gives them."""

from __future__ import annotations

import json
from typing import Final

from nicegui import ui

from console.lan.link_card import TRUST, qr_picture, short_fingerprint
from console.ui.panels.dialog import PageDialog
from console.ui.share_offer import ShareOffer

NOBODY: Final = "Only this machine can open the console. To let others in, start it with:"
COMMAND: Final = "python main.py --lan"
RIGHTS: Final = (
    "Whoever has this link is a guest: they talk in sessions of their own, and see and export "
    "these alone. They see neither the key nor your sessions, and the limits hold for them."
)
WARNING: Final = (
    "Their browser will warn: the certificate is made by this machine, and nobody else vouches "
    "for it. Let them compare its SHA-256 fingerprint, then go on."
)
_INPUT_ID: Final = "rc-share-link"


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
            ui.label(COMMAND).classes("rc-command")
        with ui.element("div").classes("rc-dialog__foot"):
            self._dialog.close_button()

    def _build_link(self) -> None:
        links = self._offer.links
        self._picture = ui.element("img").classes("rc-share__code")
        with ui.element("div").classes("rc-share__row"):
            self._link = ui.input("Link for guests").props(
                f"readonly outlined dense id={_INPUT_ID} spellcheck=false"
            )
            self._link.classes("rc-share__link")
            copy = ui.button("Copy", icon="content_copy", color=None)
            copy.props("no-caps outline").classes("rc-button")
            copy.on("click", js_handler=_copying())
        if len(links) > 1:
            # The same link: a network may know the machine by one of its names, or by none.
            ui.select(
                {link: link.partition("/?")[0] for link in links},
                value=links[0],
                label="Address",
                on_change=lambda event: self._show(str(event.value)),
            ).props("outlined dense options-dense").classes("rc-share__address")
        self._show(links[0])

    def _show(self, link: str) -> None:
        self._link.value = link
        self._picture.props["src"] = qr_picture(link)
        self._picture.props["alt"] = f"QR code of the link at {link.partition('/?')[0]}"

    def _build_trust(self) -> None:
        ui.label(WARNING).classes("rc-dialog__about")
        _fingerprint("Fingerprint of the certificate", self._offer.fingerprint)
        with ui.expansion("Get rid of the warning").props("dense").classes("rc-share__trust"):
            ui.link("Download the authority's certificate", self._offer.authority_url)
            ui.label("and install it. It can vouch for local networks and this machine only.")
            _fingerprint("Its fingerprint", self._offer.authority_fingerprint)
            with ui.element("dl").classes("rc-share__systems"):
                for system, steps in TRUST:
                    with ui.element("dt"):
                        ui.label(system)
                    with ui.element("dd"):
                        ui.label(steps)


def _fingerprint(name: str, fingerprint: str) -> None:
    shown = ui.label(short_fingerprint(fingerprint)).classes("rc-share__fingerprint")
    shown.props(f'role=group aria-label="{name}"')


def _copying() -> str:
    """Return the script of the button: it copies the link, or selects it where it may not."""
    return f"""() => {{
      const field = document.getElementById({json.dumps(_INPUT_ID)});
      field.select();
      // Pages by http have no clipboard of the newer kind.
      if (navigator.clipboard) navigator.clipboard.writeText(field.value).catch(() => {{}});
      else document.execCommand("copy");
    }}"""
