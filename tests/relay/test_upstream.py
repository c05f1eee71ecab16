import pytest

from console.client.targets import Target
from console.errors import ConnectError
from console.relay import upstream
from console.relay.upstream import Upstream
from console.relay.visit import Visit
from console.transport import Closed

KEY = "sk-planted-key-0123456789"
TARGET = Target(url="wss://service.example/v1/realtime", model="large", api_key=KEY)


@pytest.mark.parametrize(
    ("visit", "url"),
    [
        (Visit("realtime", "large", False), "wss://service.example/v1/realtime?model=large"),
        (Visit("realtime", "mini", True), "wss://service.example/v1/realtime?model=mini"),
        (
            Visit("transcription", "large", False),
            "wss://service.example/v1/realtime?intent=transcription",
        ),
    ],
)
def test_each_visit_is_led_to_what_it_may_have(visit, url):
    assert Upstream(TARGET).for_visit(visit).target.full_url() == url


def test_what_the_address_itself_says_counts():
    target = Target(url="wss://service.example/?intent=transcription")

    chosen = Upstream(target).for_visit(Visit("realtime", "mini", False))

    assert chosen.target == target


async def test_a_failure_is_one_sentence_without_the_key():
    async def fail(url, headers, timeout_s):
        raise ConnectionRefusedError

    with pytest.raises(ConnectError) as refused:
        await Upstream(TARGET, fail).open()

    assert refused.value.cause == "unreachable"
    assert KEY not in str(refused.value)


@pytest.mark.parametrize(
    ("error", "closed", "cause"),
    [
        (None, None, "timeout"),
        ({"type": "error", "error": {"code": "invalid_model"}}, None, "model"),
        ({"error": "no type"}, Closed(3000, ""), "key"),
        (None, Closed(4000, "invalid_request_error.missing_model"), "model"),
    ],
)
def test_a_session_that_was_not_begun_has_a_cause(error, closed, cause):
    assert Upstream(TARGET).refused(error, closed).cause == cause


@pytest.mark.parametrize(
    ("cause", "retryable", "code", "said"),
    [
        ("key", False, 1011, "The relay's own key was not accepted"),
        ("quota", False, 1011, "out of credit. Tell whoever runs the relay."),
        ("server", True, 1013, "the sentence"),
    ],
)
def test_clients_are_told_what_concerns_them(cause, retryable, code, said):
    error = ConnectError("the sentence", cause=cause, retryable=retryable)

    refusal, close_code = upstream.told(error)

    assert (refusal.code, close_code) == (f"relay_upstream_{cause}", code)
    assert said in refusal.message
