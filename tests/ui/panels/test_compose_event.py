import json

from console.app.reference.kept_events import MAX_SAVED, KeptEvents
from tests.app.reference.rig import catalogue
from tests.ui.composer_rig import opened_composer
from tests.ui.demo_session import DemoSession

DELETE = {"type": "conversation.item.delete", "item_id": "item_1"}


async def test_every_client_event_can_be_chosen_composed_and_sent() -> None:
    async with opened_composer() as page:
        sent = page.session.composer.sent
        for count, event_type in enumerate(catalogue().of("client"), 1):
            page.choose("Event to compose", event_type)
            assert json.loads(page.json.text)["type"] == event_type
            page.press("Send event")
            if any(each["problem"] for each in page.form.shown):  # a variable without a value
                await page.user.should_see("Send anyway")
                page.press("Send anyway")
            await page.user.should_see(f"Sent as event_{count}.")

            assert sent[-1]["type"] == event_type


async def test_form_and_json_are_two_sides_of_one_event() -> None:
    async with opened_composer() as page:
        page.type(DELETE)
        assert page.row("item_id")["value"] == "item_1"

        page.edit("item_id", value="item_2")

        assert json.loads(page.json.text) == {**DELETE, "item_id": "item_2"}


async def test_what_is_wrong_is_said_and_only_sent_when_it_is_wanted_anyway() -> None:
    async with opened_composer() as page:
        page.type({"type": "session.update", "session": {"type": "realtime", "voice": "marin"}})
        assert "no field here" in page.row("session", "voice")["problem"]
        await page.user.should_see(
            "session.voice: is no field here; did you mean audio.output.voice?"
        )

        page.press("Send event")
        await page.user.should_see("Send anyway")
        assert page.session.composer.sent == []

        page.press("Send anyway")
        await page.user.should_see("Sent as event_1.")
        assert page.session.composer.sent[0]["session"]["voice"] == "marin"


async def test_a_change_takes_the_consent_back() -> None:
    async with opened_composer() as page:
        page.type({"type": "conversation.item.delete"})
        page.press("Send event")
        await page.user.should_see("Send anyway")

        page.type({"type": "conversation.item.retrieve"})

        await page.user.should_see("Send event")


async def test_what_is_no_json_is_never_sent_and_stays_as_it_was_typed() -> None:
    async with opened_composer() as page:
        page.type('{"type": ')
        await page.user.should_see("This is no JSON: line 1, column 10")
        assert page.json.props["invalid"] is True

        for _ in range(2):
            page.press("Send event")

        await page.user.should_see("Send event")
        assert page.session.composer.sent == []


async def test_a_refusal_of_the_line_is_said() -> None:
    session = DemoSession()
    session.composer.refusal = "Not connected: connect first, then send."
    async with opened_composer(session) as page:
        page.type({"type": "response.cancel"})

        page.press("Send event")

        await page.user.should_see("Not connected: connect first, then send.")
        assert page.kept == []


async def test_variables_are_filled_in_as_it_is_sent() -> None:
    async with opened_composer() as page:
        page.type({"type": "response.cancel", "event_id": "{{$random_id}}"})

        page.press("Send event")
        await page.user.should_see("Sent as event_1.")

        assert page.session.composer.sent[0]["event_id"].startswith("rc_")
        assert KeptEvents.parse(page.storage["kept"]).sent[0]["event_id"] == "{{$random_id}}"


async def test_what_was_sent_is_offered_again_the_newest_first() -> None:
    async with opened_composer() as page:
        for count, event in enumerate((DELETE, {"type": "response.cancel"}), 1):
            page.type(event)
            page.press("Send event")
            await page.user.should_see(f"Sent as event_{count}.")
        assert page.kept == ["response.cancel", "conversation.item.delete: item_1"]

        page.choose("Saved events", "sent:1")

        assert json.loads(page.json.text) == DELETE


async def test_an_event_is_saved_by_name_taken_up_and_deleted() -> None:
    storage: dict[str, str] = {}
    async with opened_composer(storage=storage) as page:
        page.type(DELETE)
        page.save_as("Remove the first")
        await page.user.should_see("Saved as Remove the first.")
        assert KeptEvents.parse(storage["kept"]).saved == {"Remove the first": DELETE}

    async with opened_composer(storage=storage) as page:
        assert page.kept == ["Remove the first"]
        page.choose("Saved events", "saved:Remove the first")
        assert json.loads(page.json.text) == DELETE

        page.press("Delete this saved event")
        await page.user.should_see("Remove the first is not saved any more.")
        assert page.kept == []


async def test_what_cannot_be_saved_is_said() -> None:
    full = KeptEvents({str(n): DELETE for n in range(MAX_SAVED)})
    async with opened_composer(storage={"kept": full.dump()}) as page:
        page.save_as("One more")
        await page.user.should_see("100 are saved already. Delete one first.")

        page.type("{")
        page.save_as("Half")
        await page.user.should_see("This is no JSON yet, so it cannot be saved.")


async def test_a_browser_that_keeps_nothing_is_said_so() -> None:
    async with opened_composer() as page:
        page.user.javascript_rules = {rule: (lambda _: None) for rule in page.user.javascript_rules}
        page.type(DELETE)
        page.save_as("Mine")

        await page.user.should_see("This browser keeps nothing for this page")
        assert page.kept == ["Mine"]


async def test_documentation_of_a_field_opens_and_closes() -> None:
    async with opened_composer() as page:
        page.type(DELETE)
        assert page.row("item_id")["docs"] is None

        page.edit("item_id", action="explain")
        assert page.row("item_id")["docs"]

        page.edit("item_id", action="explain")
        assert page.row("item_id")["docs"] is None


async def test_the_event_that_is_composed_is_explained() -> None:
    async with opened_composer() as page:
        page.choose("Event to compose", "response.create")

        page.press("What is this event")

        assert page.reference.open_type == "response.create"
