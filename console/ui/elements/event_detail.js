// The JSON of the events in one row, fetched when it is opened.

import { ComposerButtons } from "rc/composer_buttons.js";
import { icon, iconButton, node, relabel, setText } from "rc/dom.js";
import { EventCause } from "rc/event_cause.js";
import { SOURCES } from "rc/event_rows.js";
import { SoundButton } from "rc/event_sound.js";
import { FieldNote } from "rc/field_note.js";
import { clockTime, size, span } from "rc/format.js";
import { JsonSearch } from "rc/json_search.js";
import { jsonTree } from "rc/json_tree.js";

const PAGE = 50;
const COPIED_MS = 1500;
// Where events have base64 of sound.
const SOUND_KEYS = new Set(["audio", "delta"]);

export class EventDetail {
  /**
   * @param {string} session
   * @param {object} told
   * @param {() => void} told.closed the user closes it
   * @param {(eventId: string, param: string) => void} told.caused the cause of an error is wanted
   * @param {(number: number, param: string) => void} told.guessed its probable cause is wanted
   * @param {(name: string) => void} told.narrowed only the events of an item or response are wanted
   * @param {(row: object) => void} told.unfolded the events of a turn are wanted
   */
  constructor(session, told) {
    this.session = session;
    this.told = told;
    this.row = null;
    this.mark = "";
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
    const close = iconButton("close", "Close event JSON", told.closed);
    this.sound = new SoundButton("Play the whole run", () => this.soundUrl(""));
    const bar = node("div", "rc-detail__bar");
    this.composer = new ComposerButtons(this);
    tools.append(this.sound.button, ...this.composer.elements, this.copy, close);
    this.cause = new EventCause(told.caused, told.guessed);
    this.ways = node("p", "rc-detail__ways");
    this.search = new JsonSearch();
    bar.append(this.title, tools, meta, this.pager, this.ways, this.cause.element, this.search.element);
    this.body = node("div", "rc-detail__body", null, { tabindex: "0" });
    this.note = new FieldNote(() => this.revealMark());
    this.element.append(bar, this.note.element, this.body);
  }

  get isOpen() {
    return this.row !== null;
  }

  /** Show a row of a list; `mark` is the path of a field that is pointed out. */
  open(row, zoom, mark = "") {
    this.row = row;
    this.zoom = zoom;
    this.mark = mark;
    this.offset = 0;
    this.pages.clear();
    this.sound.stop();
    this.note.hide();
    this.element.hidden = false;
    this.show();
  }

  close() {
    this.row = null;
    this.request?.abort();
    this.sound.stop();
    this.note.hide();
    this.element.hidden = true;
  }

  /** The row grew or changed: more of its events can be paged to. */
  update(row) {
    const isSame = row.n === this.row.n && row.d === this.row.d;
    if (isSame) return;
    this.row = row;
    if (this.zoom === "turns") this.refresh();
    this.showFacts();
    const lastPage = Math.floor((row.n - 1) / PAGE);
    this.pages.delete(lastPage);
    this.showPlace();
  }

  step(by) {
    const target = this.offset + by;
    if (target < 0 || target >= this.nEvents) return;
    this.offset = target;
    this.show();
  }

  /** A turn is told as a whole; its events are rows of their own. */
  get nEvents() {
    return this.zoom === "turns" ? 1 : this.row.n;
  }

  showPlace() {
    this.pager.hidden = this.nEvents < 2;
    setText(this.place, `${this.offset + 1} of ${this.nEvents}`);
    this.previous.disabled = this.offset === 0;
    this.next.disabled = this.offset >= this.nEvents - 1;
  }

  showWays() {
    const { row } = this;
    const way = (words, title, act) => {
      const button = node("button", "rc-text-button", words, { type: "button", title });
      button.addEventListener("click", act);
      return button;
    };
    const names = [["item", row.item], ["response", row.resp]].filter(([, name]) => name);
    this.ways.replaceChildren(
      ...names.map(([what, name]) =>
        way(`Only this ${what}`, name, () => this.told.narrowed(name))),
      ...(this.zoom === "turns"
        ? [way("Show its events", "From its first event on", () => this.told.unfolded(row))]
        : []),
    );
    this.ways.hidden = !this.ways.childElementCount;
    this.sound.button.hidden = this.zoom === "turns" || row.n < 2 || !row.a;
  }

  refresh() {
    this.pages.clear();
    this.show();
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
    this.showWays();
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

  get base() {
    return `${window.path_prefix ?? ""}/rt/${this.session}`;
  }

  soundUrl(query) {
    return `${this.base}/rows/${this.row.i}.wav?zoom=${this.zoom}${query}`;
  }

  async events(page, signal) {
    if (!this.pages.has(page)) {
      const query = `zoom=${this.zoom}&offset=${page * PAGE}&limit=${PAGE}`;
      const url = `${this.base}/rows/${this.row.i}?${query}`;
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
    const tree = jsonTree(entry.event, { mark: this.mark, sound: (key) => this.soundOf(entry, key) });
    this.body.replaceChildren(tree);
    this.search.use(tree);
    this.cause.show(entry.event, entry.cause);
    this.revealMark();
  }

  revealMark() {
    this.body.querySelector(".rc-json__marked")?.scrollIntoView({ block: "center" });
  }

  /** Tell what the documentation says of a field that is pointed out; without one, of the event. */
  explain(field) {
    this.note.show(this.base, this.row.y, field);
  }

  soundOf(entry, key) {
    if (!entry.a || !SOUND_KEYS.has(key)) return null;
    const query = `&offset=${this.offset}&limit=1`;
    return { ms: entry.a, button: new SoundButton("Play", () => this.soundUrl(query)).button };
  }

  fail(sentence) {
    this.event = null;
    this.copy.disabled = true;
    this.cause.show(null);
    this.search.use(null);
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
