from console.app.conversation_view import ConversationView
from console.app.event_log import EventLog
from console.app.event_view import Find, Look
from console.app.session_feed import SessionFeed
from console.realtime.events import Event
from console.realtime.items import Item


def test_rows_come_once_a_reader_says_what_it_looks_at():
    log = EventLog()
    reader = SessionFeed(log, ConversationView()).reader()
    log.add(0, "client", Event("session.update", "event_1", {"session": {}}), 10)
    assert reader.rows() == []

    reader.look(Look(4))
    reader.find(Find(1, "name", "event_1"))
    assert reader.is_scanning
    assert not reader.scan()
    rows, found = reader.rows()

    assert [(row["y"], row["s"], row["n"]) for row in rows["rows"]] == [
        ("session.update", "client", 1)
    ]
    assert found == {"k": "found", "id": 1, "view": 4, "p": 0, "i": 0}
    assert reader.rows() == []


def test_listeners_hear_of_changes_until_they_stop():
    heard: list[None] = []
    feed = SessionFeed(EventLog(), ConversationView())
    stop = feed.touched.connect(heard.append)

    feed.touch()
    stop()
    feed.touch()

    assert heard == [None]


def test_the_conversation_and_the_epoch_are_passed_on():
    log, conversation = EventLog(), ConversationView()
    feed = SessionFeed(log, conversation)
    reader = feed.reader()
    conversation.update(Item("item_1", "message", "user"), lambda: ["item_1"])

    assert [each["k"] for each in reader.changes()] == ["items"]
    assert [each["k"] for each in reader.snapshot()] == ["cleared", "items"]
    epoch = feed.epoch
    log.clear()
    assert feed.epoch != epoch


def test_each_reader_is_told_everything_and_a_closed_one_nothing():
    conversation = ConversationView()
    feed = SessionFeed(EventLog(), conversation)
    first, second, gone = feed.reader(), feed.reader(), feed.reader()
    gone.close()
    gone.close()
    conversation.update(Item("item_1", "message", "user"), lambda: ["item_1"])

    assert [each["k"] for each in first.changes()] == ["items"]
    assert first.changes() == []
    assert [each["k"] for each in second.changes()] == ["items"]
    assert gone.changes() == []
