// Holds a conversation with a tool through OpenAI's own client of JavaScript, and prints as JSON what
// has come: the types of all events, and the answer. What the client itself reports as wrong ends it.
//
//   node talk.mjs PACKAGE MODULE CLASS DIALECT URL TOKEN

import * as ws from "ws";

const [packageName, moduleName, className, dialect, baseURL, apiKey] = process.argv.slice(2);
const isBeta = dialect === "beta";
// What browsers have, and this runtime may not.
globalThis.WebSocket ??= ws.WebSocket;

const { OpenAI } = await import(packageName);
const { [className]: Line } = await import(`${packageName}/${moduleName}`);
const client = new OpenAI({ baseURL, apiKey, dangerouslyAllowBrowser: true });
const line = new Line({ model: "gpt-realtime", dangerouslyAllowBrowser: true }, client);

const TOOL = {
  type: "function",
  name: "get_weather",
  description: "Tells the weather",
  parameters: { type: "object", properties: { said: { type: "string" } } },
};
const SETTINGS = isBeta
  ? { modalities: ["text"], tools: [TOOL] }
  : { type: "realtime", output_modalities: ["text"], tools: [TOOL] };

const types = [];
let answer = "";

function ask(item) {
  line.send({ type: "conversation.item.create", item });
  line.send({ type: "response.create" });
}

line.on("session.created", () => {
  line.send({ type: "session.update", session: SETTINGS });
  ask({ type: "message", role: "user", content: [{ type: "input_text", text: "call it" }] });
});
line.on("response.function_call_arguments.done", ({ call_id }) => {
  line.once("response.done", () => {
    ask({ type: "function_call_output", call_id, output: "sunny" });
    line.once("response.done", () => line.close());
  });
});
line.on(isBeta ? "response.text.delta" : "response.output_text.delta", ({ delta }) => {
  answer += delta;
});
line.on("event", ({ type }) => types.push(type));
line.on("error", (error) => {
  console.error(error.message);
  process.exit(1);
});
line.socket.addEventListener("close", () => console.log(JSON.stringify({ types, answer })));
