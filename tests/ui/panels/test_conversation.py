from console.ui.elements.conversation import Conversation
from tests.ui.demo_session import DemoSession, opened_page


async def test_the_conversation_pane_shows_this_session_and_deletes_what_is_asked() -> None:
    session = DemoSession("abc")
    async with opened_page(session) as user:
        user.find(kind=Conversation).trigger("discarded", "item_1")
        (found,) = user.find(kind=Conversation).elements

        assert found.props["session"] == "abc"
        await session.asked(["delete_item", "item_1"])


async def test_the_conversation_pane_passes_on_what_the_user_decides() -> None:
    session = DemoSession()
    async with opened_page(session) as user:
        user.find(kind=Conversation).trigger("decided", {"id": "item_1", "approve": False})
        user.find(kind=Conversation).trigger("decided", {"id": "item_1", "approve": "yes"})

        await session.asked(["decide_approval", "item_1", False])
