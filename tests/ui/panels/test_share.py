"""The dialog about links for others."""

from dataclasses import replace

from nicegui import ui
from nicegui.testing import User

from console.lan.link_card import qr_picture
from console.signals import Signal
from console.ui.panels.share import COMMAND, NOBODY, RENEW, RENEWAL, RENEWED, SURE, ShareDialog
from console.ui.sharing import ShareOffer
from tests.ui.simulated_user import user_simulation

OFFER = ShareOffer(
    links=("https://10.0.0.1:1/?token=t", "https://a.local:1/?token=t"),
    fingerprint=":".join(["AB"] * 32),
    authority_fingerprint=":".join(["CD"] * 32),
    authority_url="https://10.0.0.1:1/trust/realtime-console.crt",
)


class Given:
    """Gives away what a test says, and another token each time that it is asked for one."""

    def __init__(self, offer: ShareOffer) -> None:
        self.offer = offer
        self.renewed: Signal[ShareOffer] = Signal("renewed")

    def renew(self) -> None:
        links = tuple(f"{each}t" for each in self.offer.links)
        self.offer = replace(self.offer, links=links)
        self.renewed.emit(self.offer)


def dialog_of(offer: ShareOffer):
    return user_simulation(root=lambda: ShareDialog(Given(offer)).open())


def shown(user: User) -> tuple[str, str]:
    (link,) = user.find(ui.input).elements
    (picture,) = (each for each in user.find(ui.element).elements if each.tag == "img")
    return str(link.value), str(picture.props["src"])


async def test_the_link_is_there_as_text_and_as_a_code_with_what_it_gives() -> None:
    async with dialog_of(OFFER) as user:
        await user.open("/")

        assert shown(user) == (OFFER.links[0], qr_picture(OFFER.links[0]))
        await user.should_see("is a guest")
        await user.should_see("Copy")


async def test_another_address_gives_the_same_link_there() -> None:
    async with dialog_of(OFFER) as user:
        await user.open("/")
        (address,) = user.find(ui.select).elements
        address.value = 1

        assert shown(user) == (OFFER.links[1], qr_picture(OFFER.links[1]))


async def test_the_browsers_warning_is_explained_with_what_to_compare_and_to_install() -> None:
    async with dialog_of(OFFER) as user:
        await user.open("/")

        await user.should_see("Their browser will warn")
        await user.should_see(" ".join(["AB"] * 16))
        await user.should_see(" ".join(["CD"] * 16))
        (download,) = user.find(ui.link).elements
        assert download.props["href"] == OFFER.authority_url
        await user.should_see("Certificate Trust Settings")


async def test_without_a_certificate_of_our_making_nothing_is_said_of_it() -> None:
    offer = ShareOffer(links=("http://10.0.0.1:1/?token=t",), remark="No microphone there.")
    async with dialog_of(offer) as user:
        await user.open("/")

        await user.should_see("No microphone there.")
        await user.should_not_see("Their browser will warn")
        await user.should_not_see("Address")


async def test_where_nobody_else_can_come_the_way_is_told() -> None:
    async with dialog_of(ShareOffer()) as user:
        await user.open("/")

        await user.should_see(NOBODY)
        await user.should_not_see(RENEW)
        (command,) = user.find(ui.input).elements
        assert command.value == COMMAND


async def test_a_new_link_is_made_at_the_second_click_and_shown_at_the_address_chosen() -> None:
    given = Given(OFFER)
    async with user_simulation(root=lambda: ShareDialog(given).open()) as user:
        await user.open("/")
        (address,) = user.find(ui.select).elements
        address.value = 1
        await user.should_see(RENEWAL)
        user.find(RENEW).click()
        await user.should_see(SURE)
        await user.should_see(RENEWAL)
        assert given.offer == OFFER

        user.find(SURE).click()

        await user.should_see(RENEWED)
        await user.should_see(RENEW)
        assert given.offer != OFFER
        assert shown(user) == (given.offer.links[1], qr_picture(given.offer.links[1]))


async def test_a_link_that_was_renewed_on_another_page_is_there_when_the_dialog_is_opened_again():
    given = Given(OFFER)
    dialogs: list[ShareDialog] = []
    async with user_simulation(root=lambda: dialogs.append(ShareDialog(given))) as user:
        await user.open("/")
        given.renew()
        with user:
            dialogs[0].open()

        assert shown(user)[0] == given.offer.links[0]
        await user.should_not_see(RENEWED)
