import pytest

from console.ui.elements.conversation import Conversation
from tests.ui.simulated_user import user_simulation


@pytest.mark.parametrize(("sent", "deleted"), [("item_1", ["item_1"]), (None, []), ({"a": 1}, [])])
async def test_only_the_id_of_an_item_asks_for_a_deletion(sent, deleted) -> None:
    asked: list[str] = []

    def build() -> None:
        Conversation("abc", on_delete=asked.append, on_decide=lambda item_id, approve: None)

    async with user_simulation(root=build) as user:
        await user.open("/")
        user.find(kind=Conversation).trigger("discarded", sent)

    assert asked == deleted
