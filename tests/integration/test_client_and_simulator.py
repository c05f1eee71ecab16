"""Our client at our simulator, over loopback: targets, secrets, calls, telephones, pictures."""

import asyncio

import httpx
import pytest

from console import pcm
from console.client import calls, targets
from console.client.client import RealtimeClient
from console.client.client_secrets import create_client_secret
from console.client.targets import Target
from console.errors import ConnectError, ConsoleError
from console.examples import program
from console.examples.tools import DICE
from console.realtime.items import Response
from console.simulator.assistant.brain import RuleBrain
from tests.simulator.fake_senses import FakeSenses, tone
from tests.simulator.serving import running

KEY = "sk-key-of-the-simulator-1234"
OFFER = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\n"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360606060000000050001a5f64540"
    "0000000049454e44ae426082"
)


def words(client: RealtimeClient, response: Response) -> str:
    found = (client.conversation.find(item_id) for item_id in response.item_ids)
    return " ".join(item.text for item in found if item is not None)


# Client secrets


async def test_a_secret_begins_the_session_that_it_was_made_for():
    async with running(require_key=KEY) as server:
        target = targets.openai("gpt-realtime-2.1", api_key=KEY, url=server.url)
        secret = await create_client_secret(
            target, session={"instructions": "Be brief.", "output_modalities": ["text"]}
        )
        client = RealtimeClient(url=server.url, api_key=secret)

        began_with = await client.connect()
        changed = asyncio.ensure_future(client.wait_for_next("session.updated", timeout_s=10))
        await client.add_tool(DICE)
        session = await changed
        response = await program.answer(client, client.send_user_message_content("hello"))
        await client.disconnect()

    assert secret.get_secret_value().startswith("ek_")
    assert secret.session["instructions"] == "Be brief."
    assert began_with["instructions"] == "Be brief."
    assert words(client, response) == "You said hello. What else?"
    assert {**session, "tools": []} == began_with
    assert [each["name"] for each in session["tools"]] == [DICE.name]


async def test_a_wrong_key_makes_no_secret():
    async with running(require_key=KEY) as server:
        with pytest.raises(ConnectError, match="it did not accept the key") as caught:
            await create_client_secret(server.url, "sk-another-key-5678")

    assert caught.value.cause == "key"
    assert "5678" not in str(caught.value)


async def test_a_session_that_cannot_be_is_refused_with_the_servers_words():
    async with running() as server:
        with pytest.raises(ConnectError, match=r"session\.voice"):
            await create_client_secret(server.url, KEY, session={"voice": "marin"})


async def test_a_secret_for_transcription_begins_one():
    async with running(require_key=KEY) as server:
        target = targets.transcription(api_key=KEY, url=server.url)
        secret = await create_client_secret(target)
        client = RealtimeClient(target=targets.transcription(api_key=secret, url=server.url))

        began_with = await client.connect()
        await client.disconnect()

    assert began_with["type"] == "transcription"


# Azure's forms


@pytest.mark.parametrize("api_version", [None, "2025-04-01-preview"])
async def test_both_forms_of_azure_are_reached_and_talked_to(api_version):
    async with running(require_key=KEY) as server:
        target = targets.azure(
            f"http://127.0.0.1:{server.port}", "my-own", api_key=KEY, api_version=api_version
        )
        client = RealtimeClient(target=target)
        await client.update_session(output_modalities=["text"])
        async with client:
            response = await program.answer(client, client.send_user_message_content("hello"))

    assert words(client, response) == "You said hello. What else?"
    assert client.session["model"] == "my-own"


# A call


async def begin_call(url: str) -> Target:
    """A call as a browser begins it; returns the target to watch it."""
    base = url.replace("ws:", "http:")
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        answer = await http.post(
            f"{base}/calls?model=gpt-realtime-2.1",
            content=OFFER,
            headers={"Content-Type": "application/sdp"},
        )
    assert answer.status_code == 201, answer.text
    return targets.call(answer.headers["Location"].rpartition("/")[2], url=url)


async def test_a_call_is_watched_steered_and_ended():
    async with running() as server:
        target = await begin_call(server.url)
        client = RealtimeClient(target=target, reconnect=None)
        closed = asyncio.ensure_future(client.wait_for_next("close", timeout_s=10))
        async with client:
            changed = asyncio.ensure_future(client.wait_for_next("session.updated", timeout_s=10))
            await client.update_session(instructions="Be brief.", output_modalities=["text"])
            session = await changed
            response = await program.answer(client, client.send_user_message_content("hello"))
            await calls.hang_up(target)
            await closed

    assert session["instructions"] == "Be brief."
    assert session["audio"]["input"]["turn_detection"] is not None  # as the call has it
    assert words(client, response) == "You said hello. What else?"


async def test_two_watch_one_call():
    async with running() as server:
        target = await begin_call(server.url)
        first, second = (RealtimeClient(target=target, reconnect=None) for _ in range(2))
        async with first, second:
            await first.update_session(output_modalities=["text"])
            response = await program.answer(second, first.send_user_message_content("hello"))

    assert words(second, response) == "You said hello. What else?"


async def test_a_call_that_is_none_cannot_be_joined_or_ended():
    async with running() as server:
        target = targets.call("rtc_none", url=server.url)
        with pytest.raises(ConnectError):
            await RealtimeClient(target=target, reconnect=None).connect()
        with pytest.raises(ConnectError, match="did not hang up call 'rtc_none'") as caught:
            await calls.hang_up(target)

    assert caught.value.cause == "model"


# Telephones


@pytest.mark.parametrize("kind", ["audio/pcmu", "audio/pcma"])
async def test_a_telephone_is_heard_and_hears(kind):
    senses = FakeSenses()
    senses.ears.says = ["hello"]
    async with running(senses) as server:
        client = RealtimeClient(url=server.url)
        await client.update_session(
            input_format={"type": kind},
            output_format={"type": kind},
            transcription={"model": "gpt-transcribe"},
        )
        async with client:
            for _ in range(10):
                await client.append_input_audio(tone(50))
            response = await program.answer(client, client.create_response())
            user, model = client.conversation.items

    assert senses.ears.asked[0][0] == 500
    assert words(client, response) == "You said hello. What else?"
    assert len(user.audio) == 500 * pcm.BYTES_PER_MS
    # The voice hums 60 ms for each character.
    assert model.audio_ms == pytest.approx(60 * len("You said hello.What else?"), abs=1)
    assert pcm.rms_dbfs(bytes(model.audio)) > -20


async def test_sound_in_an_item_travels_as_the_telephone_has_it_and_comes_back():
    senses = FakeSenses()
    senses.ears.says = ["hello"]
    async with running(senses) as server:
        client = RealtimeClient(url=server.url)
        await client.update_session(input_format={"type": "audio/pcmu"})
        async with client:
            part = {"type": "input_audio", "audio": tone(500)}
            came = asyncio.ensure_future(client.wait_for_next_item(timeout_s=10))
            item_id = await client.send_user_message_content([part], respond=False)
            await came
            item = await client.retrieve_item(item_id)

    assert item.audio_ms == 500


# Beside the conversation, and pictures


async def test_three_questions_at_once_beside_a_conversation():
    async with running() as server:
        client = RealtimeClient(url=server.url)
        await client.update_session(output_modalities=["text"])
        async with client:
            answers, _ = await asyncio.gather(
                asyncio.gather(
                    *(client.ask_out_of_band(name, metadata={"n": name}) for name in "abc")
                ),
                program.answer(client, client.send_user_message_content("hello")),
            )

    assert [answer.text for answer in answers] == [f"You said {n}. What else?" for n in "abc"]
    assert [answer.response.metadata["n"] for answer in answers] == list("abc")
    assert len(client.conversation.items) == 2


async def test_a_question_that_makes_no_sense_is_refused_to_who_asked():
    async with running() as server, RealtimeClient(url=server.url) as client:
        with pytest.raises(ConsoleError, match="The server refused"):
            await client.ask_out_of_band("hello", output_modalities=["smell"])


async def test_a_picture_is_accepted():
    async with running() as server:
        client = RealtimeClient(url=server.url)
        async with client:
            came = asyncio.ensure_future(client.wait_for_next_item(timeout_s=10))
            item_id = await client.send_image(PNG, "Look.", respond=False)
            item = await came

    assert item.id == item_id
    assert [part.type for part in item.content] == ["input_text", "input_image"]


# Tools that the server calls


@pytest.mark.parametrize(("approve", "has_call"), [(True, True), (False, False)])
async def test_a_call_at_an_mcp_server_waits_for_an_approval(approve, has_call):
    senses = FakeSenses()
    senses.brain = RuleBrain()  # type: ignore[assignment]  # one of another kind
    server_tool = {
        "type": "mcp",
        "server_label": "demo",
        "server_url": "https://127.0.0.1/mcp",
        "require_approval": "always",
    }
    async with running(senses) as server:
        client = RealtimeClient(url=server.url)
        await client.update_session(output_modalities=["text"], tools=[server_tool])
        async with client:
            asked = client.send_user_message_content("Count words in 'hello you'.")
            await program.answer(client, asked)
            request = client.conversation.items[-1]
            came = asyncio.ensure_future(client.wait_for_next_item(timeout_s=10))
            decided = client.approve_mcp_call(request.id, approve, reason="Because.")
            await program.answer(client, decided)
            answer = await came

    kinds = [item.type for item in client.conversation.items]
    assert (answer.type, answer.approve) == ("mcp_approval_response", approve)
    assert answer.approval_request_id == request.id
    assert (request.type, request.name) == ("mcp_approval_request", "count_words")
    assert ("mcp_call" in kinds) == has_call
