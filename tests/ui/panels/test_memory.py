from nicegui import ui
from nicegui.testing import User

from console.ui.elements.json_view import JsonView
from console.ui.elements.memory_editor import MemoryEditor
from tests.fakes import settle
from tests.ui.composer_rig import tell
from tests.ui.demo_session import DemoSession, opened_page

EDITOR = {"key": None, "name": "name", "text": "Ada"}


def press(user: User, text: str) -> None:
    (button,) = (each for each in user.find(kind=ui.button).elements if each.text == text)
    tell(button, "click", {})


def editor_of(user: User) -> MemoryEditor:
    press(user, "Edit")
    (editor,) = user.find(kind=MemoryEditor).elements
    return editor


async def test_an_empty_memory_says_how_to_begin() -> None:
    async with opened_page(DemoSession()) as user:
        await user.should_see("Nothing remembered yet")
        await user.should_not_see(kind=JsonView)


async def test_the_memory_is_shown_as_it_changes() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.view.set_memory({"name": "Ada"})

        await user.should_not_see("Nothing remembered yet")
        (shown,) = user.find(kind=JsonView).elements
        assert shown.value == {"name": "Ada"}

        session.view.set_memory({})

        await user.should_see("Nothing remembered yet")


async def test_it_is_edited_in_place_of_the_json_until_one_is_done() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.tools.memory.set("city", "Oslo")
        editor = editor_of(user)
        await user.should_not_see(kind=JsonView)

        tell(editor, "set", EDITOR)
        tell(editor, "set", {"key": "city", "name": "city", "text": "Rome"})
        assert [each["text"] for each in editor.props["entries"]] == ["Rome", "Ada"]
        assert editor.props["added"] == 1
        tell(editor, "remove", "city")
        assert session.view.memory == {"name": "Ada"}

        press(user, "Done")
        await user.should_see(kind=JsonView)
        await user.should_not_see(kind=MemoryEditor)
        assert editor_of(user) is editor
        tell(editor, "clear", None)
        assert session.view.memory == {}


async def test_what_is_refused_is_told_where_it_was_typed_and_changes_nothing() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.tools.memory.set("city", "Oslo")
        editor = editor_of(user)

        tell(editor, "set", {"key": "city", "name": "", "text": "Rome"})
        assert editor.props["problem"]["key"] == "city"
        assert "needs a name" in editor.props["problem"]["sentence"]
        tell(editor, "set", {"key": None, "name": " ", "text": "Rome"})
        assert editor.props["problem"]["key"] == ""
        assert editor.props["added"] == 0
        tell(editor, "import", "{")
        assert "no JSON" in editor.props["problem"]["sentence"]
        tell(editor, "refused", {"why": "size", "size": 500_000})
        assert "500,000 bytes" in editor.props["problem"]["sentence"]
        tell(editor, "refused", {"why": "text", "size": 5})
        assert "no text in UTF-8" in editor.props["problem"]["sentence"]

        tell(editor, "import", '{"city": "Rome"}')
        assert editor.props["problem"]["sentence"] == ""
        assert session.view.memory == {"city": "Rome"}


async def test_all_of_it_is_given_as_a_file() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        session.tools.memory.set("city", "Oslo")

        tell(editor_of(user), "export", None)

        response = await user.download.next()
        assert response.json() == {"city": "Oslo"}


async def test_keeping_and_telling_are_choices_that_are_off_at_first() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        editor = editor_of(user)
        assert (editor.props["kept"], editor.props["offered"]) == (False, False)
        assert "until that ends" in editor.props["where"]

        tell(editor, "keep", True)
        tell(editor, "offer", True)
        await settle()

        state = session.view.memory_state
        assert state.is_kept
        assert state.is_offered
        assert (editor.props["kept"], editor.props["offered"]) == (True, True)
