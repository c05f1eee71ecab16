from console.ui.elements.conversation import Conversation
from tests.ui.demo_session import DemoSession, opened_page


async def test_the_conversation_pane_shows_this_session_and_deletes_what_is_asked() -> None:
    session = DemoSession("abc")
    async with opened_page(session) as user:
        user.find(kind=Conversation).trigger("discarded", "item_1")
        (found,) = user.find(kind=Conversation).elements

        assert found.props["session"] == "abc"
        await session.asked(["delete_item", "item_1"])
