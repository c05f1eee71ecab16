// The rows of the event list that are in view. The server has all of them, filters them and counts
// them; a page says what it looks at, and holds that and a little more.

// NOTE: not more than MAX_WINDOW in console/app/event_view.py.
const MOST_ROWS = 400;
const LOOK_EVERY_MS = 40;

export class RowWindow {
  /** @param {(message: object) => void} send what goes to the server */
  constructor(send) {
    this.send = send;
    this.view = 0;
    this.questions = new Map();
    this.nextQuestion = 1;
    this.asked = { first: 0, count: 100, tail: true };
    this.filter = { zoom: "spans", text: "", client: true, server: true, errors: false, types: null };
    this.applied = this.filter;
    this.counts = false;
    this.clear();
  }

  clear() {
    this.rows = new Map();
    Object.assign(this, { total: 0, all: 0, gone: 0, errors: 0, longest: 1, wrong: "", types: [] });
    /** Whether what is held is of another filter than the one that was asked for. */
    this.isWaiting = true;
  }

  /** Whether rows are left out of what is held now. */
  get isFiltering() {
    const { text, client, server, errors, types } = this.applied;
    return Boolean(text.trim()) || !client || !server || errors || types !== null;
  }

  /** The row at a place among those that pass, if it is here. */
  at(place) {
    return this.rows.get(place);
  }

  /** The place of the row with this number, or -1 where it is not here. */
  placeOf(i) {
    for (const row of this.rows.values()) if (row.i === i) return row.p;
    return -1;
  }

  /** Begin anew with the filter as it is; the rows stay until the server has answered. */
  refilter(changes = {}) {
    this.filter = { ...this.filter, ...changes };
    this.view += 1;
    this.isWaiting = true;
    this.asked = { first: 0, count: this.asked.count, tail: true };
    this.lookNow();
  }

  /** See these rows: as many more on both sides as there are in view. */
  look(first, visible, tail) {
    const count = Math.min(MOST_ROWS, 3 * visible);
    const from = Math.max(0, first - visible);
    const { asked } = this;
    const isNear = asked.tail === tail && asked.count === count
      && (tail || Math.abs(asked.first - from) < visible / 2);
    if (isNear) return;
    this.asked = { first: from, count, tail };
    this.lookSoon();
  }

  lookSoon() {
    this.timer ??= setTimeout(() => this.lookNow(), LOOK_EVERY_MS);
  }

  lookNow() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.send({ k: "look", view: this.view, counts: this.counts, ...this.filter, ...this.asked });
  }

  /** Take a message of the kind "rows"; returns how the list has changed, or null. */
  receive(message) {
    if (message.view !== this.view) return null;
    const { anew, cut, rows, first, count } = message;
    const added = this.isWaiting ? 0 : message.total - this.total + cut;
    if (anew) this.rows.clear();
    for (const row of rows) this.rows.set(row.p, Object.freeze(row));
    for (const place of this.rows.keys()) {
      if (place < first || place >= first + count) this.rows.delete(place);
    }
    for (const name of ["total", "all", "gone", "errors", "longest", "wrong"]) this[name] = message[name];
    if (message.types) this.types = message.types;
    const wasWaiting = this.isWaiting;
    this.isWaiting = false;
    this.applied = this.filter;
    return { added: Math.max(0, added), cut, wasWaiting };
  }

  /** Ask where a row is; gives its place, or -1 when it is gone or does not pass. */
  find(by, value) {
    const id = this.nextQuestion++;
    const answer = new Promise((resolve) => this.questions.set(id, resolve));
    this.send({ k: "find", id, by, value });
    return answer;
  }

  found({ id, p, i }) {
    this.questions.get(id)?.({ place: p, i });
    this.questions.delete(id);
  }

  stop() {
    clearTimeout(this.timer);
    this.questions.clear();
  }
}
