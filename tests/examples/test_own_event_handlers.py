"""Watching the wire."""

import re

from console.examples import own_event_handlers
from tests.examples.serving import run


async def test_both_directions_are_shown_and_counted(capsys):
    status = await run(own_event_handlers.main, "Hello")

    lines = capsys.readouterr().out.splitlines()
    shown = [line.split("s  ", 1)[1] for line in lines if "s  " in line]
    assert status == 0
    assert shown[:2] == ["<- session.created", "-> session.update"]
    assert "-> response.create" in shown
    assert shown.index("<- response.created") < shown.index("<- response.done")
    after_done = lines[[line.endswith("<- response.done") for line in lines].index(True) + 1]
    assert after_done.split()[1] == "tokens"
    assert int(after_done.split()[0]) > 0
    after_limits = lines[[x.endswith("<- rate_limits.updated") for x in lines].index(True) + 1]
    assert re.fullmatch(r" {11}\d+ of \d+ \w+ are left", after_limits)
    n_deltas = shown.count("<- response.output_text.delta")
    assert f"{n_deltas} of response.output_text.delta" in lines
