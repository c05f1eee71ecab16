from console.ui.elements.reference_view import ReferenceView
from tests.app.reference.rig import catalogue
from tests.ui.composer_rig import tell
from tests.ui.simulated_user import user_simulation


async def test_an_event_is_opened_with_what_was_seen_and_choices_are_told() -> None:
    views: list[ReferenceView] = []
    chosen: list[str] = []
    composed: list[str] = []

    def build() -> None:
        view = ReferenceView(catalogue(), on_chosen=chosen.append, on_compose=composed.append)
        views.append(view)

    async with user_simulation(root=build) as user:
        await user.open("/")
        (view,) = views
        assert view.open_type == ""
        assert view.show("error", {"error": 2})
        assert not view.show("invented", {})
        tell(view, "chosen", "session.created")
        tell(view, "compose", "session.update")
        tell(view, "chosen", {"no": "type"})
        assert view.props["field"] == ""
        assert view.show("session.update", {}, "session.audio.input")
        assert view.props["field"] == "session.audio.input"
        assert view.show("error", {})
        assert view.props["field"] == ""

    assert view.open_type == view.props["page"]["type"] == "error"
    assert len(view.props["events"]) == len(catalogue().events)
    assert view.props["seen"] == {}
    assert chosen == ["session.created"]
    assert composed == ["session.update"]
