"""What the client tells its subscribers."""

from console.client.happenings import ErrorReport
from console.realtime.events import Event


def test_the_text_of_an_error_leaves_out_the_event_that_caused_it():
    report = ErrorReport("No.", "server", cause=Event("x", "e", {"audio": "A" * 1000}))

    assert "AAAA" not in repr(report)
