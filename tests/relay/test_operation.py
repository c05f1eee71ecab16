import orjson
import pytest
from websockets.datastructures import Headers

from console.realtime import observed
from console.realtime.refusal import Refusal
from console.relay.metrics import Metrics
from console.relay.operation import RelayOperation
from console.relay.session_table import SessionTable
from console.relay.watch import Watch
from console.serving.http_exchange import HttpRequest
from tests.fakes import ManualClock
from tests.relay.facts import FACTS
from tests.relay.rig import FreeAdmission

TOKEN = "operators-token-0123"
OPEN = ("/healthz", "/readyz", "/relay", "/relay/page.css", "/relay/page.js")
CLOSED = ("/metrics", "/relay/sessions")


class Desk:
    """The routes with all that stands behind them."""

    def __init__(self):
        clock = ManualClock()
        self.admission = FreeAdmission()
        self.is_accepting = self.is_ready = True
        self.table, self.metrics = SessionTable(clock), Metrics()
        self.operation = RelayOperation(
            operator=lambda token: "ops" if token == TOKEN else None,
            admission=self.admission,
            is_ready=self.ready,
            is_accepting=lambda: self.is_accepting,
            address_of=lambda peer, headers: peer,
            table=self.table,
            metrics=self.metrics,
            watch=Watch(clock, may_be_watched=lambda: True),
        )

    async def ready(self):
        return self.is_ready

    async def get(self, path, token="", method="GET"):
        headers = Headers([("Authorization", f"Bearer {token}")] if token else [])
        return await self.operation.answer(HttpRequest(method, path, headers, address="192.0.2.7"))


@pytest.fixture
def desk():
    return Desk()


@pytest.mark.parametrize("path", OPEN)
async def test_what_says_nothing_of_sessions_is_open(desk, path):
    assert (await desk.get(path)).status_code == 200


@pytest.mark.parametrize("path", CLOSED)
async def test_what_says_something_of_sessions_is_for_operators(desk, path):
    refused = await desk.get(path)
    guessed = await desk.get(path, "wrong")

    assert (refused.status_code, guessed.status_code) == (401, 401)
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")
    assert "operator's token" in orjson.loads(refused.body)["error"]["message"]
    assert desk.admission.wrong == ["192.0.2.7"]
    assert (await desk.get(path, TOKEN)).status_code == 200


@pytest.mark.parametrize("path", CLOSED)
async def test_who_has_guessed_too_often_is_not_listened_to(desk, path):
    desk.admission.too_many = Refusal("Wait.", code="rate_limit_exceeded")

    assert (await desk.get(path, TOKEN)).status_code == 429


@pytest.mark.parametrize("path", ["/", "/nothing", "/relay/", "/relay/sessions/x", "/metrics/x"])
async def test_other_paths_are_left_to_others(desk, path):
    assert await desk.get(path, TOKEN) is None


@pytest.mark.parametrize("path", [*OPEN, *CLOSED])
async def test_nothing_is_changed_here(desk, path):
    assert (await desk.get(path, TOKEN, "POST")).status_code == 405


async def test_a_relay_is_not_ready_while_it_ends_or_cannot_count(desk):
    desk.is_ready = False
    without_counters = await desk.get("/readyz")
    desk.is_accepting = False
    ending = await desk.get("/readyz")

    assert (without_counters.status_code, ending.status_code) == (503, 503)
    assert b"counters" in without_counters.body
    assert ending.body == b"ending\n"
    assert (await desk.get("/healthz")).status_code == 200


async def test_the_list_is_that_of_the_table_and_is_kept_nowhere(desk):
    desk.table.session_opened(FACTS)

    answer = await desk.get("/relay/sessions?x=1", TOKEN)

    assert observed.parse_list(answer.body) == desk.table.rows()
    assert answer.headers["Cache-Control"] == "no-store"


async def test_metrics_are_in_the_form_of_prometheus(desk):
    desk.is_accepting = False

    answer = await desk.get("/metrics", TOKEN)

    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert b"relay_draining 1.0" in answer.body


async def test_the_page_can_load_nothing_of_others_and_be_framed_by_nobody(desk):
    page = await desk.get("/relay")

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert b"<script>" not in page.body
    assert b"style=" not in page.body
    assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [
        ("/relay/sessions/abc", True),
        ("/relay/sessions/abc?x=1", True),
        ("/relay/sessions", False),
        ("/v1/realtime", False),
    ],
)
def test_lines_of_those_who_watch_are_told_from_sessions(desk, path, is_ours):
    assert desk.operation.wants(path) is is_ours
