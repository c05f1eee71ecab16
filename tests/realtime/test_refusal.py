from console.realtime.refusal import Refusal


def test_a_refusal_is_told_with_the_id_of_the_event_that_it_answers():
    refusal = Refusal("No such voice.", param="session.voice")

    assert refusal.wire("event_1") == {
        "type": "invalid_request_error",
        "code": "invalid_value",
        "message": "No such voice.",
        "param": "session.voice",
        "event_id": "event_1",
    }


def test_a_close_names_its_cause_by_kind_and_code():
    refusal = Refusal("Too old.", code="session_expired")

    assert refusal.close_reason == "invalid_request_error.session_expired"


def test_a_close_without_a_code_names_the_kind_alone():
    assert Refusal("No.", code=None, kind="server_error").close_reason == "server_error"
