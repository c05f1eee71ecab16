from console.app.reference.checks import Problem
from console.app.reference.form import Edit, Form
from console.app.reference.form_draft import MAX_CHARACTERS
from console.ui.elements.event_form import EventForm
from tests.app.reference.rig import catalogue
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation

FORM = Form(
    catalogue().of("client")["session.update"].shape,
    {"type": "session.update", "session": {"type": "realtime", "tools": []}},
)


async def shown_form(*problems: Problem) -> tuple[EventForm, list[Edit]]:
    forms: list[EventForm] = []
    edits: list[Edit] = []
    build = lambda: forms.append(EventForm("It", on_edit=edits.append))  # noqa: E731
    async with user_simulation(root=build) as user:
        await user.open("/")
        forms[0].show(FORM.rows(), problems)
        raw = {"path": ["session", "tools"], "action": "append"}
        for args in (raw, None, {"path": "x"}, {"action": "explain", "path": ["nowhere"]}):
            tell(forms[0], "edit", args)
    return forms[0], edits


async def test_only_edits_are_told() -> None:
    form, edits = await shown_form()
    assert form.props["limit"] == MAX_CHARACTERS

    assert edits == [Edit(("session", "tools"), "append")]


async def test_a_problem_is_told_at_its_line_or_the_next_around_it() -> None:
    form, _ = await shown_form(
        Problem(("session", "tools"), "is wrong"),
        Problem(("session", "tools"), "is wrong twice"),
        Problem(("session", "gone", 3), "is missing"),
    )

    told = {tuple(each["path"]): each["problem"] for each in form.shown if each["problem"]}
    assert told == {("session", "tools"): "is wrong", ("session",): "is missing"}


async def test_documentation_is_sent_only_when_it_is_opened() -> None:
    form, _ = await shown_form()
    documented = [each for each in form.shown if each["documented"]]
    assert len(documented) > 10
    assert all(each["docs"] is None for each in documented)

    tell(form, "edit", {"action": "explain", "path": ["session", "tools"]})
    (opened,) = (each for each in form.shown if each["docs"])
    assert opened["path"] == ["session", "tools"]

    form.forget()
    form.show(FORM.rows())
    assert not any(each["docs"] for each in form.shown)
