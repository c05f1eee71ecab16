import re

from nicegui import ui

from console.ui.elements.browser_shelf import BrowserShelf
from console.ui.panels.saved_values import NOT_LASTING, SavedValues, Words
from tests.ui.composer_rig import keep_in, tell
from tests.ui.simulated_user import user_simulation

VALUE = {"type": "realtime", "instructions": "Be brief."}


class Page:
    def __init__(self) -> None:
        self.current: object = VALUE
        self.taken: list[object] = []
        self.said: list[tuple[str, bool]] = []

    def build(self) -> None:
        self.saved = SavedValues(
            BrowserShelf("rc-test"),
            Words("session", "Saved sessions", "Presets"),
            current=lambda: self.current,  # type: ignore[arg-type,return-value]  # what a test says
            suggest=lambda: "new",
            on_taken=self.taken.append,
            tell=lambda sentence, is_wrong=False: self.said.append((sentence, is_wrong)),
            more=lambda kept: [],
        )
        self.saved.build_naming()

    def press(self, user, label: str) -> None:
        for each in user.client.elements.values():
            if each.props.get("aria-label") == label:
                tell(each, "click", {})

    async def save_as(self, user, name: str) -> None:
        self.press(user, "Save this session")
        (field,) = (each for each in user.client.elements.values() if isinstance(each, ui.input))
        field.value = name
        await self.saved._save()


async def test_a_value_is_saved_by_name_taken_up_and_deleted() -> None:
    page, storage = Page(), {"kept": ""}
    async with user_simulation(root=page.build) as user:
        await user.open("/")
        keep_in(user, storage)
        await page.save_as(user, "short")
        assert page.said == [("Saved as short.", False)]
        assert "Be brief." in storage["kept"]

        tell(page.saved.menu, "chosen", "saved:short")
        assert page.taken == [VALUE]

        await page.saved._delete()
        assert page.said[-1] == ("short is not saved any more.", False)
        assert page.saved.menu.props["groups"] == []


async def test_what_is_no_json_or_has_no_name_is_not_saved() -> None:
    page = Page()
    async with user_simulation(root=page.build) as user:
        await user.open("/")
        keep_in(user, {})
        await page.save_as(user, "  ")
        page.current = None
        await page.save_as(user, "short")

        assert [is_wrong for _, is_wrong in page.said] == [True, True]
        assert "no JSON yet" in page.said[1][0]


async def test_a_browser_that_keeps_nothing_is_told_of() -> None:
    page = Page()
    async with user_simulation(root=page.build) as user:
        await user.open("/")
        user.javascript_rules[re.compile(r'.*"(read|write)"', re.DOTALL)] = lambda _: None
        await page.save_as(user, "short")

        assert page.said == [(NOT_LASTING, False)]
