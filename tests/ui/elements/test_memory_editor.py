from console.app.view_model import MemoryState
from console.ui.elements.memory_editor import MemoryEditor
from tests.fakes import settle
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


class Holder:
    def __init__(self):
        self.told: list[tuple[object, ...]] = []

    def set(self, key, name, text):
        self.told.append(("set", key, name, text))

    def remove(self, key):
        self.told.append(("remove", key))

    def clear(self):
        self.told.append(("clear",))

    def take_in(self, text):
        self.told.append(("take_in", text))

    def too_large(self, size_bytes):
        self.told.append(("too_large", size_bytes))

    def no_text(self):
        self.told.append(("no_text",))

    def export(self):
        self.told.append(("export",))

    def keep(self, is_kept):
        self.told.append(("keep", is_kept))

    async def offer(self, is_offered):
        self.told.append(("offer", is_offered))


async def built(holder):
    made = []
    async with user_simulation(root=lambda: made.append(MemoryEditor(holder))) as user:
        await user.open("/")
        return made[0]


async def test_texts_are_shown_as_they_are_and_all_else_as_json() -> None:
    editor = await built(Holder())

    editor.show({"name": "Ada", "pets": ["cat"]}, MemoryState(is_kept=True, where="here"))

    assert editor.props["entries"] == [
        {"key": "name", "text": "Ada", "json": False},
        {"key": "pets", "text": '["cat"]', "json": True},
    ]
    assert (editor.props["kept"], editor.props["offered"]) == (True, False)
    assert editor.props["where"] == "here"


async def test_what_is_wrong_stands_at_its_memory_until_it_is_taken_back() -> None:
    editor = await built(Holder())

    editor.tell("Too long.", "name")
    assert editor.props["problem"] == {"key": "name", "sentence": "Too long."}

    editor.tell()
    editor.added()
    assert editor.props["problem"] == {"key": "", "sentence": ""}
    assert editor.props["added"] == 1


async def test_what_somebody_does_is_told_and_nonsense_is_not() -> None:
    holder = Holder()
    editor = await built(holder)

    tell(editor, "set", {"key": "a", "name": "b", "text": "c"})
    tell(editor, "set", {"key": None, "name": "b", "text": "c"})
    tell(editor, "set", {"key": 1, "name": "b", "text": "c"})
    for name in ("remove", "import"):
        tell(editor, name, "x")
        tell(editor, name, 3)
    tell(editor, "refused", {"why": "size", "size": 500_000})
    tell(editor, "refused", {"why": "text", "size": 5})
    tell(editor, "refused", {"why": "size", "size": "many"})
    tell(editor, "clear", None)
    tell(editor, "export", None)
    tell(editor, "keep", True)
    tell(editor, "offer", "yes")
    await settle()

    assert holder.told == [
        ("set", "a", "b", "c"),
        ("set", None, "b", "c"),
        ("remove", "x"),
        ("take_in", "x"),
        ("too_large", 500_000),
        ("no_text",),
        ("clear",),
        ("export",),
        ("keep", True),
        ("offer", False),
    ]
