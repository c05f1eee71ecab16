import pytest

from console.app.event_log import EventLog
from console.app.likely_cause import likely_cause
from console.realtime.events import Event


def error_about(param, **fields):
    return Event("error", "e", {"error": {"code": "unknown_parameter", "param": param, **fields}})


def log_of(*events):
    log = EventLog()
    for source, event in events:
        log.add(0.0, source, event, 10)
    return log


def client(**fields):
    return "client", Event("response.create", None, fields)


@pytest.mark.parametrize(
    ("param", "cause"),
    [
        ("response.zap", 1),
        ("response.tools[0].name", 2),
        ("response.tools[7].name", None),
        ("response.nothing", None),
        ("", None),
    ],
)
def test_it_is_the_newest_event_of_the_client_that_has_the_field(param, cause):
    error = error_about(param)
    log = log_of(
        client(response={"zap": 0}),
        client(response={"zap": 1}),
        client(response={"tools": [{"name": "x"}]}),
        ("server", Event("response.created", "r", {"response": {"zap": 1}})),
        ("server", error),
        client(response={"zap": 2}),
    )

    assert likely_cause(log, 4, error) == cause


def test_there_is_none_to_guess_where_the_server_says_it():
    error = error_about("response.zap", event_id="event_1")
    log = log_of(client(response={"zap": 0}), ("server", error))

    assert likely_cause(log, 1, error) is None
