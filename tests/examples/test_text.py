"""Typing to the model."""

from console.examples import text
from tests.examples.serving import run


async def test_each_line_is_answered_before_the_next(capsys):
    status = await run(text.main, "Hello", "and bye")

    said = capsys.readouterr()
    assert (status, said.err) == (0, "")
    assert said.out == (
        "You:   Hello\nModel: You said Hello. What else?\n"
        "You:   and bye\nModel: You said and bye. What else?\n"
    )


async def test_a_server_that_refuses_is_one_sentence(capsys):
    status = await run(text.main, "Hello", require_key="sk-other")

    said = capsys.readouterr()
    assert status == 1
    assert said.err.startswith("127.0.0.1:")
    assert len(said.err.splitlines()) == 1
