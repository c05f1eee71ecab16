"""Tools: what they are called, take and do."""

import asyncio
import math
import threading

import pytest

from console import tasks
from console.errors import ToolError
from console.tools.registry import Call, Tool, ToolRegistry

TEXT = {"type": "object", "properties": {"text": {"type": "string"}}}


def echo(text: str = "nothing") -> str:
    return text


@pytest.fixture
def registry() -> ToolRegistry:
    registry = ToolRegistry()
    registry.add(Tool("echo", "Echoes.", handler=echo, parameters=TEXT))
    return registry


def test_a_tool_is_defined_as_the_session_has_it(registry):
    assert registry.definitions() == [
        {"type": "function", "name": "echo", "description": "Echoes.", "parameters": TEXT}
    ]


def test_tools_are_found_by_name_and_removed(registry):
    assert "echo" in registry
    assert [tool.name for tool in registry] == ["echo"]
    assert len(registry) == 1

    removed = registry.remove("echo")

    assert removed.name == "echo"
    assert "echo" not in registry


def test_two_tools_of_one_name_and_unknown_names_are_refused(registry):
    with pytest.raises(ValueError, match="'echo' already; remove it first"):
        registry.add(Tool("echo", "", handler=echo))
    with pytest.raises(ValueError, match="no tool named 'sing'"):
        registry.remove("sing")


def test_a_choice_has_the_named_tools_in_the_order_of_all(registry):
    names = [tool.name for tool in registry]
    registry.add(Tool(name="another", description="", handler=int))

    chosen = registry.only(["unknown", "another", *names])

    assert [tool.name for tool in chosen] == [*names, "another"]
    assert [tool.name for tool in registry.only(["another"])] == ["another"]
    assert len(registry.only([])) == 0


def test_clear_takes_all_out(registry):
    registry.clear()

    assert len(registry) == 0


@pytest.mark.parametrize("name", ["", "two words", "semi;colon", "__"])
def test_a_name_that_the_service_would_refuse_is_refused_here(name):
    with pytest.raises(ValueError, match="cannot be a tool's name"):
        Tool(name, "", handler=echo)


def test_a_tool_without_function_schema_or_time_is_refused():
    with pytest.raises(TypeError, match="not a function"):
        Tool("t", "", handler="echo")  # type: ignore[arg-type]  # the point of the test
    with pytest.raises(ValueError, match="schema of type 'object'"):
        Tool("t", "", handler=echo, parameters={"type": "string"})
    with pytest.raises(ValueError, match="more than 0 seconds"):
        Tool("t", "", handler=echo, timeout_s=0)


@pytest.mark.parametrize(
    "told",
    [
        {"description": "half \ud83d"},
        {"description": "", "parameters": {**TEXT, "minProperties": 2**70}},
    ],
)
def test_a_tool_of_which_no_model_could_be_told_is_refused(told):
    with pytest.raises(ValueError, match="t cannot be told to a model, since JSON cannot carry it"):
        Tool("t", handler=echo, **told)


async def test_a_call_gives_the_arguments_by_name(registry):
    assert await registry.call("echo", '{"text": "hi"}') == "hi"


@pytest.mark.parametrize("arguments", ["", "  ", "{}"])
async def test_no_arguments_are_fine_where_none_are_required(registry, arguments):
    assert await registry.call("echo", arguments) == "nothing"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("{", "not JSON"),
        ('{"text": NaN}', "not JSON"),
        ("\ud800", "not JSON"),
        ('{"text": 1}', "'text' must be a string"),
        ('{"tone": "c"}', "'tone' is not known"),
        ("[]", "must be an object"),
    ],
)
async def test_arguments_that_do_not_fit_never_reach_the_handler(registry, arguments, words):
    with pytest.raises(ToolError, match=words):
        await registry.call("echo", arguments)


async def test_further_arguments_pass_where_the_schema_says_so():
    registry = ToolRegistry()
    open_schema = {"type": "object", "additionalProperties": True}
    registry.add(Tool("any", "", handler=lambda **given: given, parameters=open_schema))

    assert await registry.call("any", '{"a": 1}') == {"a": 1}


async def test_an_unknown_tool_is_told_with_the_known_ones(registry):
    with pytest.raises(ToolError, match=r"no tool named 'sing'\. Known tools: echo\."):
        await registry.call("sing", "{}")
    with pytest.raises(ToolError, match="Known tools: none"):
        await ToolRegistry().call("sing", "{}")


class Asynchronous:
    async def __call__(self) -> str:
        return threading.current_thread().name


async def later() -> str:
    return threading.current_thread().name


async def test_coroutine_functions_run_in_the_event_loop_and_others_in_a_thread():
    here = threading.current_thread().name
    tools = [
        Tool("later", "", handler=later),
        Tool("object", "", handler=Asynchronous()),
        Tool("wrapped", "", handler=lambda: later()),
        Tool("plain", "", handler=lambda: threading.current_thread().name),
    ]

    assert [await tool.run({}) for tool in tools] == [here, here, here, "tool-plain"]


def raiser(error: BaseException):
    def handler() -> None:
        raise error

    return handler


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ToolError("My words."), "My words."),
        (KeyError("x"), "t failed: KeyError: 'x'"),
        (TimeoutError(), "t failed: TimeoutError: no details"),
        (StopIteration("x"), "t failed: RuntimeError: StopIteration('x')"),
        (SystemExit(3), "t failed: RuntimeError: SystemExit(3)"),
    ],
)
async def test_whatever_a_handler_raises_becomes_a_tool_error(error, sentence):
    with pytest.raises(ToolError) as caught:
        await Tool("t", "", handler=raiser(error)).run({})

    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ({"rates": [1, math.nan]}, "t answered what JSON cannot carry: 'rates[1]' is NaN."),
        ({1, 2}, "t answered what JSON cannot carry: Type is not JSON serializable: set."),
    ],
)
async def test_an_answer_that_json_cannot_carry_fails_instead_of_being_changed(answer, sentence):
    with pytest.raises(ToolError) as caught:
        await Tool("t", "", handler=lambda: answer).run({})

    assert str(caught.value) == sentence


async def test_what_an_interceptor_answers_is_not_changed_silently_either(registry):
    async def intercept(call, proceed):
        return math.nan

    registry.interceptor = intercept

    with pytest.raises(ToolError, match="echo answered what JSON cannot carry: it is NaN"):
        await registry.call("echo", "{}")


class _WordlessError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (OSError("half \ud83d"), "t failed: OSError: half \\ud83d"),
        (SystemExit(3), "t failed: SystemExit: 3"),
        (asyncio.CancelledError(), "t failed: CancelledError: no details"),
        (_WordlessError(), "t failed: _WordlessError: no details"),
    ],
)
async def test_whatever_a_coroutine_lets_out_becomes_a_tool_error_that_can_be_written(
    error, sentence
):
    async def handler() -> None:
        raise error

    with pytest.raises(ToolError) as caught:
        await Tool("t", "", handler=handler).run({})

    assert str(caught.value) == sentence
    assert str(caught.value).encode()


async def test_a_call_that_is_cancelled_ends_as_cancelled():
    async def hang() -> None:
        await asyncio.get_running_loop().create_future()

    task = tasks.spawn(Tool("t", "", handler=hang).run({}), name="call")
    await asyncio.sleep(0)
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_handler_that_hangs_is_given_up():
    async def hang() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(ToolError, match=r"t did not answer within 0\.01 s"):
        await Tool("t", "", handler=hang, timeout_s=0.01).run({})


async def test_what_a_given_up_thread_answers_later_is_dropped():
    release, is_over = threading.Event(), threading.Event()

    def block() -> None:
        release.wait(5)
        is_over.set()

    with pytest.raises(ToolError, match="did not answer"):
        await Tool("t", "", handler=block, timeout_s=0.01).run({})

    release.set()
    await asyncio.to_thread(is_over.wait, 5)
    await asyncio.sleep(0)
    assert is_over.is_set()


async def test_an_interceptor_stands_between_the_model_and_the_tools(registry):
    met = []

    async def intercept(call, proceed):
        met.append(call)
        return "from here" if call.arguments == "{}" else await proceed()

    registry.interceptor = intercept

    assert await registry.call("echo", "{}", "call_1") == "from here"
    assert await registry.call("echo", '{"text": "hello"}', "call_2") == "hello"
    with pytest.raises(ToolError, match="no tool named 'sing'"):
        await registry.call("sing", "[]")
    assert met == [
        Call("call_1", "echo", "{}"),
        Call("call_2", "echo", '{"text": "hello"}'),
        Call("", "sing", "[]"),
    ]


def test_all_tools_are_replaced_together_or_not_at_all(registry):
    first, second = Tool("a", "", handler=echo), Tool("b", "", handler=echo)
    registry.replace([first, second])
    assert list(registry) == [first, second]

    with pytest.raises(ValueError, match="two tools named 'a'"):
        registry.replace([first, first])

    assert list(registry) == [first, second]


def test_a_name_of_64_characters_is_the_longest():
    assert Tool("n" * 64, "", handler=echo).name
    for name in ("n" * 65, "é"):
        with pytest.raises(ValueError, match="at most 64 in all"):
            Tool(name, "", handler=echo)
