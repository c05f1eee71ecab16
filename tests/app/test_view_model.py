from dataclasses import replace

import pytest

from console.app.tool_lab.state import ToolsState
from console.app.view_model import (
    MAX_PLACES,
    MicrophoneState,
    Notice,
    Phase,
    Place,
    Target,
    ViewModel,
)
from console.tools.measures import Measure


@pytest.fixture
def changed():
    return []


@pytest.fixture
def view(changed):
    return ViewModel(Target("simulator", "m", "v", "", True), on_change=changed.append)


WARM = Measure(19.4, "°C")


def place(name="Paris", lat=48.9, temperature=None):
    return Place(name, lat, 2.3, temperature, None, None)


def test_every_change_names_its_part(view, changed):
    view.set_connection(Phase.CONNECTING, "calling")
    view.set_turn("vad")
    view.set_microphone(MicrophoneState.ON)
    view.add_notice(Notice("a", "info", "Hello."))
    view.show_place(place())
    view.set_memory({"name": "Ada"})

    assert changed == ["connection", "turn", "microphone", "notices", "places", "memory"]


def test_a_notice_with_the_same_id_replaces_the_older(view):
    view.add_notice(Notice("a", "info", "First."))
    view.add_notice(Notice("b", "info", "Other."))
    view.add_notice(Notice("a", "error", "Second."))

    assert [each.sentence for each in view.notices] == ["Other.", "Second."]
    view.dismiss("b")
    view.dismiss("unknown")
    assert [each.sentence for each in view.notices] == ["Second."]


def test_a_place_gets_its_weather_when_it_is_known(view):
    view.show_place(place())
    view.show_place(place("Tokyo", 35.7))

    view.show_place(place(temperature=WARM), is_update=True)

    assert [(each.location, each.temperature) for each in view.places] == [
        ("Paris", WARM),
        ("Tokyo", None),
    ]


def test_places_are_bounded(view):
    for n in range(MAX_PLACES + 5):
        view.show_place(place(str(n), n / 10))

    assert len(view.places) == MAX_PLACES
    assert view.places[-1].location == str(MAX_PLACES + 4)


def test_the_page_holds_a_copy_of_the_memory(view):
    memory = {"name": "Ada"}
    view.set_memory(memory)
    memory["name"] = "Bob"

    assert view.memory == {"name": "Ada"}


@pytest.mark.parametrize(
    ("phases", "had"),
    [
        ([Phase.CONNECTING, Phase.DISCONNECTED], False),
        ([Phase.CONNECTING, Phase.CONNECTED], True),
        ([Phase.CONNECTED, Phase.DISCONNECTED, Phase.CONNECTING], True),
    ],
)
def test_that_there_was_a_session_is_remembered_only_once_one_began(view, phases, had):
    for phase in phases:
        view.set_connection(phase)

    assert view.had_session is had


def test_the_sound_is_told_only_when_it_has_changed(view, changed):
    view.set_sound(remarks=("odd",), can_choose_output=True)
    view.set_sound(remarks=("odd",))

    assert changed == ["sound"]
    assert view.sound.can_choose_output


def test_a_place_keeps_the_time_at_which_somebody_asked(view):
    view.show_place(replace(place(), at_s=5.0))
    view.show_place(replace(place(temperature=WARM), at_s=7.0), is_update=True)

    assert [(each.at_s, each.temperature) for each in view.places] == [(5.0, WARM)]


def test_units_memory_and_tools_are_told_when_they_change(view, changed):
    for _ in range(2):
        view.set_units("imperial")
        view.set_memory_state(is_kept=True)
        view.set_tools(ToolsState(problem="It is broken."))

    assert changed == ["places", "memory", "tools"]
