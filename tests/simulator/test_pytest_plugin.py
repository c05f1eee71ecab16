"""The fixture in test runs of its own, as other people's applications use it."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import console

pytest_plugins = "pytester"

PLUGIN = "console.simulator.pytest_plugin"
CODE = str(Path(console.__file__).parents[1])


@pytest.fixture
def run(pytester, monkeypatch):
    """Runs the tests in a text in a process of their own, and warnings are errors there."""
    monkeypatch.setenv("PYTHONPATH", CODE)

    def run_tests(text: str, **files: str) -> pytest.RunResult:
        for name, content in files.items():
            (pytester.path / name).with_suffix(".yaml").write_text(textwrap.dedent(content))
        pytester.makepyfile(textwrap.dedent(text))
        options = ["-p", PLUGIN, "-W", "error", "--strict-markers", "-p", "no:cacheprovider"]
        settings = ["asyncio_mode=auto", "asyncio_default_fixture_loop_scope=function"]
        options += [f"--override-ini={each}" for each in settings]
        result: pytest.RunResult = pytester.runpytest_subprocess(*options)
        return result

    return run_tests


def test_an_application_with_openais_package_is_tested_without_chance(run):
    result = run(
        """
        import json

        import pytest
        from openai import AsyncOpenAI, OpenAI

        TOOL = {"type": "function", "name": "book_taxi",
                "parameters": {"type": "object", "properties": {"to": {"type": "string"}}}}

        def message(text):
            content = [{"type": "input_text", "text": text}]
            return {"type": "message", "role": "user", "content": content}

        def order(client, text):
            '''The application: orders what the model wants, and returns its last words.'''
            with client.realtime.connect(model="gpt-realtime-2.1") as line:
                line.session.update(session={
                    "type": "realtime", "output_modalities": ["text"], "tools": [TOOL]})
                line.conversation.item.create(item=message(text))
                line.response.create()
                for event in line:
                    if event.type == "response.function_call_arguments.done":
                        to = json.loads(event.arguments)["to"]
                        line.conversation.item.create(item={
                            "type": "function_call_output", "call_id": event.call_id,
                            "output": f"taxi to {to}"})
                    if event.type == "response.done":
                        output = event.response.output
                        if output and output[0].type == "message":
                            return output[0].content[0].text
                        line.response.create()

        # The package opens its blocking connection in a way that websockets 17 calls outdated.
        @pytest.mark.filterwarnings("ignore:connect:DeprecationWarning")
        @pytest.mark.realtime_scenario("taxi.yaml")
        def test_a_taxi_is_ordered(realtime_simulator):
            client = OpenAI(api_key="any", base_url=realtime_simulator.base_url)
            with client:
                assert order(client, "I need a taxi!") == "It is on its way."
            created = [each for each in realtime_simulator.client_events
                       if each["type"] == "conversation.item.create"]
            assert created[1]["item"]["output"] == "taxi to Rome"

        @pytest.mark.realtime_scenario({"else": [{"fail": {"code": "rate_limit_exceeded"}}]})
        async def test_a_failure_is_seen(realtime_simulator):
            async with AsyncOpenAI(api_key="any", base_url=realtime_simulator.base_url) as client:
                async with client.realtime.connect(model="gpt-realtime-2.1") as line:
                    await line.response.create()
                    done = await realtime_simulator.wait_for_async("response.done")
            error = done["response"]["status_details"]["error"]
            assert error["code"] == "rate_limit_exceeded"
        """,
        taxi="""
        rules:
          - when: {says: I need a taxi}
            do:
              - call: {name: book_taxi, arguments: {to: Rome}}
          - when: {output_of: book_taxi}
            do:
              - say: It is on its way.
        """,
    )

    result.assert_outcomes(passed=2)


def test_an_application_with_our_client_talks_and_is_heard(run):
    result = run(
        """
        import numpy as np
        import pytest

        from console import pcm
        from console.client import RealtimeClient

        def sound(duration_ms):
            at = np.arange(pcm.ms_to_samples(duration_ms))
            return pcm.from_float(0.5 * np.sin(at / 10))

        SCENARIO = {
            "turns": "loudness",
            "ms_per_character": 50,
            "hears": ["good morning"],
            "rules": [{"when": {"says": "Good morning!"}, "do": [{"say": "Morning."}]}],
        }

        @pytest.mark.realtime_scenario(SCENARIO)
        async def test_a_spoken_turn_is_answered(realtime_simulator):
            async with RealtimeClient(url=realtime_simulator.url) as client:
                await client.update_session(turn_detection={"type": "server_vad"})
                await client.append_input_audio(sound(600) + bytes(48 * 1500))
                done = await realtime_simulator.wait_for_async("response.done")
            content = done["response"]["output"][0]["content"][0]
            assert content["transcript"] == "Morning."
            assert sum(len(pcm.decode(each["delta"])) for each in realtime_simulator.server_events
                       if each["type"] == "response.output_audio.delta") == 8 * 50 * 48
        """
    )

    result.assert_outcomes(passed=1)


def test_every_test_has_a_simulator_of_its_own(run):
    result = run(
        """
        import pytest
        from websockets.sync.client import connect

        ports = []

        @pytest.mark.realtime_faults("refuse=503")
        def test_one(realtime_simulator):
            ports.append(realtime_simulator.port)
            with pytest.raises(Exception, match="503"):
                with connect(realtime_simulator.url + "?model=m"):
                    pass

        @pytest.mark.realtime_options(require_key="sk-right", speech_rate=1)
        def test_two(realtime_simulator):
            with connect(realtime_simulator.url + "?model=m"):
                error = realtime_simulator.wait_for("error")
            assert error["error"]["code"] == "invalid_api_key"
            with pytest.raises(OSError):
                with connect(f"ws://127.0.0.1:{ports[0]}"):
                    pass
        """
    )

    result.assert_outcomes(passed=2)


def test_a_scenario_that_makes_no_sense_fails_the_test_with_its_place(run):
    result = run(
        """
        import pytest

        @pytest.mark.realtime_scenario("bad.yaml")
        def test_one(realtime_simulator):
            pass

        @pytest.mark.realtime_scenario({}, {})
        def test_two(realtime_simulator):
            pass

        @pytest.mark.realtime_faults("explode")
        def test_three(realtime_simulator):
            pass
        """,
        bad="rules:\n  - when: {turn: soon}\n",
    )

    result.assert_outcomes(errors=3)
    result.stdout.fnmatch_lines(
        [
            "realtime_simulator: *bad.yaml, line 2, rules[[]0[]]*: *",
            "realtime_simulator: the marker realtime_scenario takes one argument",
            "realtime_simulator: There is no fault 'explode'*",
        ]
    )


def test_who_does_not_use_it_hardly_pays_for_it():
    heavy = "numpy", "websockets", "httpx", "yaml", "soxr", "console.simulator.server"
    script = f"import sys, {PLUGIN}; print([each for each in {heavy} if each in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=CODE
    )

    assert done.stdout.strip() == "[]"
