// One bus per console session: what the session channel brings, for every element of the page.
//
//   import { bus } from "rc/bus.js";
//   const line = bus(sessionId);
//   const off = line.on("rows", (message) => ...);   // a kind of message of the server
//   line.on("state", ({ state, code, reason, retrying }) => ...);
//   line.share("selected", { item, response, from });   // to the other elements of this page
//   line.send({ k: "talk", down: true });            // dropped while the line is closed
//   line.state                                       // "open" or "closed"
//
// The socket belongs to a worker. Sound goes from worklet to worker and back through ports that the
// page only hands over (`attach`), so a busy page never delays it.

import * as shutOut from "./shut_out.js";

// Messages of a kind that nobody listens to yet are kept for the first listener, up to this many.
const KEPT_MESSAGES = 2000;

const buses = new Map();

export function bus(sessionId) {
  if (!buses.has(sessionId)) buses.set(sessionId, new Bus(sessionId));
  return buses.get(sessionId);
}

class Bus {
  constructor(sessionId) {
    this.sessionId = sessionId;
    this.state = "closed";
    this.isRefused = false;
    this.handlers = new Map();
    this.kept = new Map();
    this.worker = new Worker(new URL("./socket.worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => this._receive(data);
    // NiceGUI sets `path_prefix` when its root is mounted, which is after its elements.
    setTimeout(() => this.worker.postMessage({ command: "open", url: this._url() }));
  }

  // Calls `handler` with every message of the kind; returns a function that ends it.
  on(kind, handler) {
    if (!this.handlers.has(kind)) this.handlers.set(kind, new Set());
    this.handlers.get(kind).add(handler);
    const waiting = this.kept.get(kind) ?? [];
    this.kept.delete(kind);
    for (const message of waiting) handler(message);
    return () => this.handlers.get(kind).delete(handler);
  }

  // Tells the elements of this page, and nobody else: `line.share("selected", {...})`.
  share(kind, message) {
    this._hand(kind, message);
  }

  send(message) {
    this.worker.postMessage({ command: "send", message });
  }

  // Gives one end of a MessageChannel to the worker: "capture" or "playback".
  attach(role, port) {
    this.worker.postMessage({ command: "attach", role, port }, [port]);
  }

  detach(role) {
    this.worker.postMessage({ command: "detach", role });
  }

  // Push-to-talk, in order with the sound: see socket.worker.js.
  talk(down, heldMs = 0) {
    this.worker.postMessage({ command: "talk", down, heldMs });
  }

  // Ends the bus for good; `bus(sessionId)` then makes a new one.
  close() {
    this.worker.postMessage({ command: "close" });
    buses.delete(this.sessionId);
  }

  // The stylesheet tells what it means: "closed" will be tried again, "ended" and "refused" not.
  _show(line) {
    document.documentElement.dataset.rcLine = line;
  }

  _url() {
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    return `${scheme}//${location.host}${window.path_prefix ?? ""}/rt/${this.sessionId}`;
  }

  _receive({ state, messages }) {
    if (state !== undefined) {
      // What the worker still says once it was told to stop is no news.
      if (this.isRefused) return;
      this.state = state.state;
      this._show(state.state === "open" ? "open" : state.retrying ? "closed" : "ended");
      this._hand("state", state);
      if (state.retrying) this._askWhy(state.code);
      return;
    }
    for (const message of messages) this._hand(message.k, message);
  }

  // A line that is refused fails as one does that is lost; only the first is not worth another try.
  async _askWhy(code) {
    const words = await shutOut.refusal();
    if (words === null || this.state === "open" || this.isRefused) return;
    this.isRefused = true;
    this.close();
    this._show("refused");
    shutOut.show(words, code);
    this._hand("state", { state: "closed", code: null, reason: words, retrying: false });
  }

  _hand(kind, message) {
    const handlers = this.handlers.get(kind);
    if (handlers === undefined) {
      this._keep(kind, message);
      return;
    }
    for (const handler of [...handlers]) {
      try {
        handler(message);
      } catch (error) {
        console.error(`a listener to "${kind}" failed`, error);
      }
    }
  }

  _keep(kind, message) {
    if (kind === "state" || kind === "selected") return;
    if (!this.kept.has(kind)) this.kept.set(kind, []);
    const waiting = this.kept.get(kind);
    if (waiting.length < KEPT_MESSAGES) waiting.push(message);
  }
}
