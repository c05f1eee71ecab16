from console.ui.elements.json_text import JsonText
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def test_what_is_typed_is_told_and_what_is_set_replaces_it_each_time() -> None:
    texts: list[JsonText] = []
    typed: list[str] = []

    def build() -> None:
        texts.append(JsonText("JSON", limit=9, on_typed=typed.append))

    async with user_simulation(root=build) as user:
        await user.open("/")
        (text,) = texts
        assert text.text == ""
        text.show("{}")
        first = text.props["shown"]
        text.show("{}")
        for args in ("[1]", None, 3):
            tell(text, "typed", args)
        text.tell(is_invalid=True)

    assert typed == ["[1]"]
    assert text.text == "{}"
    assert text.props["shown"] != first, "else what was typed since would stay"
    assert text.props["invalid"] is True
    assert text.props["limit"] == 9
