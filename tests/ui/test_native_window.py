"""The program of the native window, with a stand-in for pywebview."""

import io
import json
import signal
import sys
import threading
from types import ModuleType, SimpleNamespace

import pytest

from console.ui import native_window

ORDER = {
    "url": "http://127.0.0.1:1/", "title": "Title", "icon": "icon.svg", "width": 900, "height": 700,
}  # fmt: skip


class FakeEvent:
    def __init__(self):
        self.handlers = []

    def __iadd__(self, handler):
        self.handlers.append(handler)
        return self


class FakeWebview(ModuleType):
    """As much of pywebview as the program uses; its window stays until it is destroyed."""

    class WebViewException(Exception):
        pass

    def __init__(self):
        super().__init__("webview")
        self.guilib = SimpleNamespace(initialize=lambda toolkit: SimpleNamespace(renderer="a view"))
        self.settings = {}
        self.made = []
        self.destroyed = threading.Event()
        self.events = SimpleNamespace(shown=FakeEvent())

    def create_window(self, title, url, **options):
        self.made.append((title, url, options))
        return SimpleNamespace(events=self.events, destroy=self.destroyed.set)

    def start(self, gui, icon):
        for handler in self.events.shown.handlers:
            handler()
        assert self.destroyed.wait(10)


@pytest.fixture
def webview(monkeypatch):
    fake = FakeWebview()
    monkeypatch.setitem(sys.modules, "webview", fake)
    monkeypatch.setitem(sys.modules, "webview.guilib", fake.guilib)
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    before = signal.getsignal(signal.SIGINT)
    yield fake
    signal.signal(signal.SIGINT, before)


def messages(told):
    return [json.loads(line) for line in told.getvalue().splitlines()]


def test_it_shows_the_page_and_closes_when_its_orders_end(webview):
    told = io.StringIO()

    native_window.main(io.StringIO(json.dumps(ORDER) + "\n"), told)

    assert messages(told) == [{"renderer": "a view"}, {"shown": True}]
    [(title, url, options)] = webview.made
    assert (title, url) == (ORDER["title"], ORDER["url"])
    assert (options["width"], options["height"]) == (900, 700)
    assert options["text_select"]
    assert webview.settings["ALLOW_DOWNLOADS"]


def test_without_orders_it_shows_nothing(webview):
    told = io.StringIO()

    native_window.main(io.StringIO(), told)

    assert messages(told) == [{"renderer": "a view"}]
    assert webview.made == []


def test_it_says_that_no_web_view_can_be_loaded(webview):
    def refuse(toolkit):
        raise webview.WebViewException("You must have something")

    webview.guilib.initialize = refuse
    told = io.StringIO()

    native_window.main(io.StringIO(json.dumps(ORDER) + "\n"), told)

    assert messages(told) == [{"missing": "view"}]
    assert webview.made == []
