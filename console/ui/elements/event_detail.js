// The JSON of the events in one row, fetched when it is opened.

import { ComposerButtons } from "rc/composer_buttons.js";
import { icon, iconButton, node, relabel, setText } from "rc/dom.js";
import { SOURCES } from "rc/event_rows.js";
import { clockTime, size, span } from "rc/format.js";
import { jsonTree } from "rc/json_tree.js";

const PAGE = 50;
const COPIED_MS = 1500;

export class EventDetail {
  /**
   * @param {string} session
   * @param {() => void} closed called when the user closes it
   */
  constructor(session, closed) {
    this.session = session;
    this.row = null;
    this.pages = new Map();
    this.request = null;
    this.element = node("aside", "rc-detail", null, { "aria-label": "Event JSON" });
    this.element.hidden = true;
    this.arrow = icon("");
    this.source = node("span", "rc-sr-only");
    this.type = node("span");
    this.title = node("h3", "rc-detail__title");
    this.title.append(this.arrow, this.source, this.type);
    this.when = node("span", "rc-detail__when");
    this.facts = node("span", "rc-detail__facts");
    const meta = node("p", "rc-detail__meta");
    meta.append(this.when, this.facts);
    const tools = node("span", "rc-detail__tools");
    this.pager = node("span", "rc-detail__pager");
    this.place = node("span", "rc-detail__place", "", { "aria-live": "polite" });
    this.previous = iconButton("chevron_left", "Previous event of the run", () => this.step(-1));
    this.next = iconButton("chevron_right", "Next event of the run", () => this.step(1));
    this.pager.append(this.previous, this.place, this.next);
    this.copy = iconButton("content_copy", "Copy JSON", () => this.copyEvent());
    const close = iconButton("close", "Close event JSON", closed);
    const bar = node("div", "rc-detail__bar");
    this.composer = new ComposerButtons(this);
    tools.append(...this.composer.elements, this.copy, close);
    bar.append(this.title, tools, meta, this.pager);
    this.body = node("div", "rc-detail__body", null, { tabindex: "0" });
    this.element.append(bar, this.body);
  }

  get isOpen() {
    return this.row !== null;
  }

  open(row) {
    this.row = row;
    this.offset = 0;
    this.pages.clear();
    this.element.hidden = false;
    this.show();
  }

  close() {
    this.row = null;
    this.request?.abort();
    this.element.hidden = true;
  }

  /** The row grew or changed: more of its events can be paged to. */
  update(row) {
    if (row.v === this.row.v) return;
    this.row = row;
    this.showFacts();
    const lastPage = Math.floor((row.n - 1) / PAGE);
    this.pages.delete(lastPage);
    this.showPlace();
  }

  step(by) {
    const target = this.offset + by;
    if (target < 0 || target >= this.row.n) return;
    this.offset = target;
    this.show();
  }

  showPlace() {
    this.pager.hidden = this.row.n < 2;
    setText(this.place, `${this.offset + 1} of ${this.row.n}`);
    this.previous.disabled = this.offset === 0;
    this.next.disabled = this.offset >= this.row.n - 1;
  }

  showFacts() {
    const { g, b, n } = this.row;
    const gap = g === null ? "" : `+${span(g)}`;
    const weight = n > 1 ? `${size(b)} in all` : size(b);
    setText(this.facts, [gap, weight].filter(Boolean).map((each) => ` · ${each}`).join(""));
  }

  async show() {
    const { row, offset } = this;
    this.element.dataset.source = row.s;
    this.arrow.dataset.icon = SOURCES[row.s] ?? "";
    setText(this.source, `${row.s} `);
    setText(this.type, row.y);
    setText(this.when, clockTime(row.t));
    this.showFacts();
    this.showPlace();
    this.composer.show(row);
    this.request?.abort();
    const request = new AbortController();
    this.request = request;
    try {
      const events = await this.events(Math.floor(offset / PAGE), request.signal);
      if (this.request === request) this.showEvent(events[offset % PAGE]);
    } catch (error) {
      if (error.name !== "AbortError" && this.request === request) this.fail(error.message);
    }
  }

  async events(page, signal) {
    if (!this.pages.has(page)) {
      const prefix = window.path_prefix ?? "";
      const query = `offset=${page * PAGE}&limit=${PAGE}`;
      const url = `${prefix}/rt/${this.session}/rows/${this.row.i}?${query}`;
      const answer = await fetch(url, { signal, headers: { Accept: "application/json" } });
      if (answer.status === 404) throw new Error("This event is no longer kept on the server.");
      if (!answer.ok) throw new Error(`The server could not give this event (${answer.status}).`);
      this.pages.set(page, (await answer.json()).events);
    }
    return this.pages.get(page);
  }

  showEvent(entry) {
    if (!entry) {
      this.fail("This event is no longer kept on the server.");
      return;
    }
    this.event = entry.event;
    this.copy.disabled = false;
    setText(this.when, clockTime(entry.t));
    this.body.replaceChildren(jsonTree(entry.event));
  }

  fail(sentence) {
    this.event = null;
    this.copy.disabled = true;
    const retry = node("button", "rc-text-button", "Try again", { type: "button" });
    retry.addEventListener("click", () => this.show());
    const text = sentence === "Failed to fetch" ? "The server cannot be reached." : sentence;
    const note = node("p", "rc-detail__note", null, { role: "alert" });
    note.append(icon("error_outline"), text);
    this.body.replaceChildren(note, retry);
  }

  async copyEvent() {
    const text = JSON.stringify(this.event, null, 2);
    try {
      await navigator.clipboard.writeText(text);
      relabel(this.copy, "check", "Copied");
    } catch {
      // The clipboard may be refused, or absent on an insecure origin: leave the text selected.
      this.body.replaceChildren(node("pre", "rc-json", text));
      getSelection().selectAllChildren(this.body);
      relabel(this.copy, "content_copy", "Selected: copy with the keyboard");
    }
    clearTimeout(this.copied);
    this.copied = setTimeout(() => relabel(this.copy, "content_copy", "Copy JSON"), COPIED_MS);
  }
}
