// Owns the session channel: one WebSocket, apart from the page, so that sound is never late because
// the page is busy. Formats: "The session channel" in ARCHITECTURE.md.
//
// Page to worker:   {command: "open", url}, {command: "send", message}, {command: "talk", down, heldMs},
//                   {command: "attach", role, port}, {command: "detach", role}, {command: "close"}
// Worker to page:   {state: {state, code, reason, retrying}} and {messages: [...]}, among them
//                   {k: "sounding", track} of its own when the first sound of a track has come

// NOTE: keep in step with console/ui/channel_wire.py.
const KIND_MICROPHONE = 1;
const KIND_SPEAKER = 2;
const MICROPHONE_HEADER_BYTES = 16;

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;
// Two seconds of sound; what does not fit is dropped, since late speech is worse than a gap.
const MOST_BUFFERED_BYTES = 2 * 48000;
// A worklet answers within one quantum; a context that was suspended meanwhile does not answer.
const LONGEST_FLUSH_MS = 250;

const decoder = new TextDecoder();

let url = null;
let socket = null;
let isClosed = false;
let retries = 0;
let retryTimer = null;
let epoch = null;
let mode = "off";
let isTalking = false;
let flush = null;
let isFirst = false;
let sounding = null;
const ports = { capture: null, playback: null };

function open() {
  retryTimer = null;
  socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = opened;
  socket.onmessage = ({ data }) => (typeof data === "string" ? receiveText(data) : receiveAudio(data));
  socket.onclose = closed;
}

function opened() {
  retries = 0;
  send({ k: "hello", epoch });
  postMessage({ state: { state: "open", code: null, reason: "", retrying: false } });
}

function closed({ code, reason }) {
  socket = null;
  endTalk();
  gate();
  // 4000 to 4099: the server does not want this page back (opened elsewhere, unknown session).
  const retrying = !isClosed && !(code >= 4000 && code <= 4099);
  postMessage({ state: { state: "closed", code, reason, retrying } });
  if (!retrying) return;
  const delay = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** retries++);
  retryTimer = setTimeout(open, delay * (0.75 + Math.random() / 2));
}

function isOpen() {
  return socket !== null && socket.readyState === WebSocket.OPEN;
}

function send(message) {
  if (isOpen()) socket.send(JSON.stringify([message]));
}

function receiveText(text) {
  const forPage = [];
  for (const message of JSON.parse(text)) {
    if (!handle(message)) forPage.push(message);
  }
  if (forPage.length) postMessage({ messages: forPage });
}

// What concerns sound is done here at once; true says that the page need not hear of it.
function handle(message) {
  switch (message.k) {
    case "welcome":
      epoch = message.epoch;
      setMode(message.capture);
      return false;
    case "capture":
      setMode(message.mode);
      return false;
    case "release":
      // The page lets go too; but no sound shall leave until a busy page comes to it.
      talk(false, 0);
      return false;
    case "interrupt":
      sounding = null;
      if (ports.playback) ports.playback.postMessage({ command: "interrupt", id: message.id });
      else send({ k: "interrupted", id: message.id, track: null, samples: 0 });
      return true;
    case "finish":
      ports.playback?.postMessage({ command: "finish", track: message.track });
      return true;
    case "forget":
      sounding = null;
      ports.playback?.postMessage({ command: "forget" });
      return true;
    default:
      return false;
  }
}

function receiveAudio(data) {
  const bytes = new Uint8Array(data);
  if (bytes[0] !== KIND_SPEAKER || ports.playback === null) return;
  const nameEnd = 2 + bytes[1];
  const track = decoder.decode(bytes.subarray(2, nameEnd));
  const pcm = data.slice(nameEnd + (nameEnd % 2));
  ports.playback.postMessage({ command: "write", track, pcm }, [pcm]);
  if (track === sounding) return;
  sounding = track;
  postMessage({ messages: [{ k: "sounding", track }] });
}

function setMode(next) {
  mode = next;
  if (mode !== "manual") endTalk();
  gate();
}

// Tells the capture worklet whether chunks may leave it.
function gate() {
  const isOpenGate = isOpen() && (mode === "vad" || (mode === "manual" && isTalking));
  ports.capture?.postMessage({ command: "gate", open: isOpenGate });
}

function talk(down, heldMs) {
  if (down) {
    if (mode !== "manual" || isTalking || !isOpen()) return;
    finishFlush();
    isTalking = true;
    send({ k: "talk", down: true, held_ms: 0 });
    gate();
    return;
  }
  if (!isTalking) return;
  isTalking = false;
  // The worklet gives what it holds and then says "flushed": so the last sound is ahead of the release.
  flush = { heldMs, timer: setTimeout(finishFlush, LONGEST_FLUSH_MS) };
  if (ports.capture) gate();
  else finishFlush();
}

function finishFlush() {
  if (flush === null) return;
  clearTimeout(flush.timer);
  send({ k: "talk", down: false, held_ms: flush.heldMs });
  flush = null;
}

// The line or the mode has gone while the button was held: nobody waits for the release any more.
function endTalk() {
  if (flush !== null) clearTimeout(flush.timer);
  flush = null;
  isTalking = false;
}

function fromCapture({ data }) {
  if (data.event === "flushed") {
    finishFlush();
    return;
  }
  isFirst ||= data.isFirst;
  if (!isOpen() || socket.bufferedAmount > MOST_BUFFERED_BYTES) return;
  const frame = new Uint8Array(MICROPHONE_HEADER_BYTES + data.pcm.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint8(0, KIND_MICROPHONE);
  view.setUint8(1, isFirst ? 1 : 0);
  view.setUint32(4, data.sequence, true);
  view.setFloat64(8, data.timeMs, true);
  frame.set(new Uint8Array(data.pcm), MICROPHONE_HEADER_BYTES);
  socket.send(frame);
  isFirst = false;
}

function fromPlayback({ data }) {
  send(data);
}

function attach(role, port) {
  detach(role);
  ports[role] = port;
  port.onmessage = role === "capture" ? fromCapture : fromPlayback;
  if (role === "capture") gate();
}

function detach(role) {
  ports[role]?.close();
  ports[role] = null;
  if (role === "capture") finishFlush();
}

function close() {
  isClosed = true;
  clearTimeout(retryTimer);
  if (socket === null) self.close();
  else {
    socket.addEventListener("close", () => self.close());
    socket.close(1000);
  }
}

onmessage = ({ data }) => {
  switch (data.command) {
    case "open":
      url = data.url;
      open();
      break;
    case "send":
      send(data.message);
      break;
    case "talk":
      talk(data.down, data.heldMs);
      break;
    case "attach":
      attach(data.role, data.port);
      break;
    case "detach":
      detach(data.role);
      break;
    case "close":
      close();
      break;
  }
};

// The network is back: do not wait for the next try.
self.addEventListener("online", () => {
  if (retryTimer === null) return;
  clearTimeout(retryTimer);
  open();
});
