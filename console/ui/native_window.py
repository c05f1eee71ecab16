"""The native window: a program of its own that knows pywebview and nothing of the console.

It is run by its path (`console.ui.native` does that) and talks in lines of JSON. On standard
output it says which web view it has found (`{"renderer": NAME}`) or that there is none
(`{"missing": "view"}`), and later `{"shown": true}`. On standard input it reads what to show,
and the end of the input, which closes the window: so the window never outlives the console.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import threading
from typing import Any, TextIO

MIN_SIZE = (480, 480)


def main(orders: TextIO, told: TextIO) -> None:
    """Show the page that `orders` names until somebody closes the window or the orders end.

    Args:
        orders: One line with `url`, `title`, `icon`, `width` and `height`; its end closes.
        told: Takes what there is to tell.
    """
    # Ctrl-C is for the console, which then closes the window.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux" and os.geteuid() == 0:
        # Chromium's sandbox refuses to work for root; Qt asks its environment about that.
        os.putenv("QTWEBENGINE_DISABLE_SANDBOX", "1")
    sys.argv[:] = ["realtime-console"]  # what window managers know the window by
    webview = importlib.import_module("webview")
    # By this path: the package has an attribute of the same name.
    initialize = importlib.import_module("webview.guilib").initialize

    # Of the two on Linux, Qt's view gives its pages the microphone; GTK's does not.
    toolkit = "qt" if sys.platform == "linux" else None
    try:
        view = initialize(toolkit)
    except webview.WebViewException:
        _tell(told, missing="view")
        return
    _tell(told, renderer=view.renderer)
    line = orders.readline()
    if not line:  # the console has ended meanwhile
        return
    order = json.loads(line)
    window = _make_window(webview, order)
    window.events.shown += lambda: _tell(told, shown=True)
    threading.Thread(target=_close_at_end, args=(orders, window), daemon=True).start()
    webview.start(gui=toolkit, icon=order["icon"])


def _make_window(webview: Any, order: dict[str, Any]) -> Any:
    webview.settings["ALLOW_DOWNLOADS"] = True
    return webview.create_window(
        order["title"],
        order["url"],
        width=order["width"],
        height=order["height"],
        min_size=MIN_SIZE,
        text_select=True,
        zoomable=True,
    )


def _close_at_end(orders: TextIO, window: Any) -> None:
    orders.read()
    window.destroy()


def _tell(told: TextIO, **message: Any) -> None:
    told.write(json.dumps(message) + "\n")
    told.flush()


if __name__ == "__main__":
    main(sys.stdin, sys.stdout)
