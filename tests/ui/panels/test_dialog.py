"""Dialogs: built when they are opened first, closed by the browser itself."""

from nicegui import ui

from console.ui.panels.dialog import PageDialog
from tests.ui.simulated_user import user_simulation


async def test_a_dialog_is_built_once_and_when_it_is_opened_first() -> None:
    n_built = 0
    made: list[PageDialog] = []

    def build() -> None:
        nonlocal n_built
        n_built += 1
        ui.label("What is in it")
        with made[0].foot:
            ui.button("All off")

    def page() -> None:
        made.append(PageDialog("Sound", build, name="Sound of this page", classes="rc-sound"))

    async with user_simulation(root=page) as user:
        await user.open("/")
        (dialog,) = made
        assert not dialog.is_built
        await user.should_not_see("What is in it")

        assert user.client is not None
        with user.client:
            dialog.open()
            dialog.open()

        assert n_built == 1
        assert dialog.is_open
        await user.should_see("What is in it")
        (element,) = user.find(kind=ui.dialog).elements
        assert element.props["aria-label"] == "Sound of this page"
        labels = [each.text for each in user.find(kind=ui.button).elements]
        assert sorted(labels) == ["All off", "Close"]
        user.find("Close").click()
        assert not dialog.is_open


async def test_a_dialog_that_is_opened_by_what_goes_away_stays() -> None:
    made: list[PageDialog] = []
    notices: list[ui.element] = []

    def page() -> None:
        made.append(PageDialog("Key", lambda: None))
        with ui.element("div") as notice:
            ui.button("Change key", on_click=made[0].open)
        notices.append(notice)

    async with user_simulation(root=page) as user:
        await user.open("/")
        user.find("Change key").click()
        notices[0].delete()

        await user.should_see("Key")
        assert made[0].is_open
