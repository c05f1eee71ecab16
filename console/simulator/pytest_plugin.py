"""A fixture for tests of realtime applications: a simulator that does what the test says.

::

    @pytest.mark.realtime_scenario({"rules": [{"when": {"says": "hello"}, "do": [{"say": "Hi."}]}]})
    def test_my_application(realtime_simulator):
        my_application.run(url=realtime_simulator.url)
        assert realtime_simulator.wait_for("response.done")["response"]["status"] == "completed"
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from console.simulator.background import BackgroundSimulator

# NOTE: every run of pytest imports this module where the package is installed. What is heavy is
# imported by the fixture.

_MARKERS = (
    "realtime_scenario(scenario): what realtime_simulator hears and does; a mapping, or a YAML or "
    "JSON file beside the test's",
    "realtime_faults(text): what goes wrong in realtime_simulator, as in 'drop_after=5'",
    "realtime_options(**options): other arguments of BackgroundSimulator, such as speech_rate=1",
)


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for marker in _MARKERS:
        config.addinivalue_line("markers", marker)


@pytest.fixture
def realtime_simulator(request: pytest.FixtureRequest) -> Iterator[BackgroundSimulator]:
    """Give a running simulator of the Realtime API, one for each test, on a free port.

    Works with tests of any kind, since it runs in a thread of its own.
    """
    from console.errors import ConsoleError
    from console.simulator.background import BackgroundSimulator

    simulator: BackgroundSimulator | None = None
    problem = ""
    try:
        simulator = BackgroundSimulator(
            _scenario(request), faults=_argument(request, "realtime_faults") or "",
            **_options(request),
        )  # fmt: skip
        simulator.start()
    except (ConsoleError, ValueError) as error:
        problem = str(error)
    if simulator is None or problem:
        # Outside of the handler, so that the report is this sentence and not the way to it.
        pytest.fail(f"realtime_simulator: {problem}", pytrace=False)
    try:
        yield simulator
    finally:
        simulator.stop()


def _scenario(request: pytest.FixtureRequest) -> Any:
    scenario = _argument(request, "realtime_scenario")
    if isinstance(scenario, str | Path):
        return request.path.parent / scenario
    return scenario


def _options(request: pytest.FixtureRequest) -> dict[str, Any]:
    marker = request.node.get_closest_marker("realtime_options")
    return dict(marker.kwargs) if marker is not None else {}


def _argument(request: pytest.FixtureRequest, name: str) -> Any:
    """Return the one argument of a marker; None without the marker."""
    marker = request.node.get_closest_marker(name)
    if marker is None:
        return None
    if len(marker.args) != 1 or marker.kwargs:
        raise ValueError(f"the marker {name} takes one argument")
    return marker.args[0]
