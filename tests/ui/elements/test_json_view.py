from console.ui.elements.json_view import JsonView
from tests.ui.simulated_user import user_simulation


async def test_the_view_shows_the_value_that_was_set_last() -> None:
    views: list[JsonView] = []
    async with user_simulation(root=lambda: views.append(JsonView({"a": 1}))) as user:
        await user.open("/")
        assert views[0].value == {"a": 1}

        views[0].value = ["b"]

        assert views[0].props["value"] == ["b"]
