"""Pages that hold a conversation through a relay: no headers, the token among the subprotocols."""

import pytest

from tests.chromium import open_chromium
from tests.relay.rig import TOKEN, relaying_to_simulator

pytestmark = pytest.mark.browser

TALK = """
async ([url, protocols, names]) => {
  const socket = new WebSocket(url, protocols);
  const events = [];
  const send = (event) => socket.send(JSON.stringify(event));
  await new Promise((resolve, reject) => {
    socket.onopen = () => {
      const content = [{ type: "input_text", text: "hello" }];
      send({ type: "conversation.item.create", item: { type: "message", role: "user", content } });
      send({ type: "response.create" });
    };
    socket.onmessage = ({ data }) => {
      events.push(JSON.parse(data));
      if (events.at(-1).type === "response.done") resolve();
    };
    socket.onclose = ({ code, reason }) => reject(new Error(`${code} ${reason}`));
  });
  const deltas = events.filter(({ type }) => names.includes(type)).map(({ delta }) => delta);
  socket.onclose = null;
  socket.close(1000);
  return { protocol: socket.protocol, said: deltas.join(""), first: events[0].type };
}
"""


async def test_a_page_talks_through_a_relay_with_its_token_in_the_subprotocol():
    today = ["realtime", f"openai-insecure-api-key.{TOKEN}"]
    async with relaying_to_simulator(policy={}) as relay, open_chromium({}) as browser:
        page = await browser.new_page()
        await page.goto(f"http://127.0.0.1:{relay.port}/")
        for protocols, name in (
            (today, "response.output_audio_transcript.delta"),
            ([*today, "openai-beta.realtime-v1"], "response.audio_transcript.delta"),
        ):
            url = f"{relay.url}?model=gpt-4o-realtime-preview"
            found = await page.evaluate(TALK, [url, protocols, [name]])

            assert found == {
                "protocol": "realtime",
                "first": "session.created",
                "said": "You said hello. What else?",
            }
