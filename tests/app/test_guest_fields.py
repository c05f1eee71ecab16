from console.app.guest_fields import closed_to_guests
from console.app.reference.session_shapes import session_shapes
from tests.app.reference.rig import catalogue


def test_what_is_closed_to_guests_are_fields_of_a_session_each_with_a_reason() -> None:
    realtime = session_shapes(catalogue())["realtime"]

    for path, why in closed_to_guests().items():
        assert realtime.field(str(path[0])) is not None
        assert "host" in why


def test_nobody_can_open_them() -> None:
    closed_to_guests().clear()

    assert ("model",) in closed_to_guests()
