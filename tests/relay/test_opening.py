import pytest

from console.relay.opening import KeptSettingsRefused, Opening, settings_refused

OWN = "relay_1"
CREATED = {"type": "session.created", "session": {"id": "s", "instructions": "old"}}
ERROR = {"type": "error", "error": {"message": "no"}}
OTHER = {"type": "conversation.created"}


def test_without_settings_all_passes_from_the_first_event_on():
    opening = Opening("realtime", {}, OWN)

    assert not opening.has_settings
    assert opening.take(CREATED) == ([], [CREATED])
    assert opening.has_begun


def test_an_error_that_comes_first_is_told_after_the_session():
    opening = Opening("realtime", {}, OWN)

    assert opening.take(ERROR) == ([], [])
    assert opening.error == ERROR
    assert opening.take(CREATED) == ([], [CREATED, ERROR])


def test_where_no_session_is_told_of_errors_keep_their_place():
    opening = Opening("realtime", {}, OWN)
    opening.take(ERROR)

    assert opening.take(OTHER) == ([], [ERROR, OTHER])


def test_with_settings_the_session_begins_as_the_service_has_made_it():
    opening = Opening("realtime", {"instructions": "new"}, OWN)
    opening.take(OTHER)
    up, down = opening.take(CREATED)
    assert down == []
    assert up == [
        {
            "type": "session.update",
            "event_id": OWN,
            "session": {"type": "realtime", "instructions": "new"},
        }
    ]
    assert opening.take({"type": "rate_limits.updated"}) == ([], [])
    assert not opening.has_begun

    _, down = opening.take({"type": "session.updated", "session": {"id": "s", "voice": "marin"}})

    assert opening.has_begun
    assert [each["type"] for each in down] == [
        "session.created",
        "conversation.created",
        "rate_limits.updated",
    ]
    assert down[0]["session"] == {"id": "s", "voice": "marin"}


def test_settings_that_are_refused_are_for_the_owner():
    opening = Opening("realtime", {"instructions": "new"}, OWN)
    opening.take(CREATED)

    with pytest.raises(KeptSettingsRefused, match="no"):
        opening.take(ERROR)
    assert "no" not in settings_refused().message.split()
