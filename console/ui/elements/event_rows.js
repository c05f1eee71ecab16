// The rows in view: a ring of DOM rows, each filled again only when what it shows has changed.

import { icon, node, setText } from "rc/dom.js";
import { clockTime, size, span } from "rc/format.js";

// NOTE: keep in step with --rc-row in style.css, and with that of fingers in events.css.
const ROW_PX = 24;
const FINGER_ROW_PX = 40;
const FINGERS = matchMedia("(pointer: coarse)");

/** How high a row is. */
export const rowPx = () => (FINGERS.matches ? FINGER_ROW_PX : ROW_PX);

/** Have `told` called when rows have become so many times as high; returns what ends it. */
export function onRowHeight(told) {
  const changed = () => told(FINGERS.matches ? FINGER_ROW_PX / ROW_PX : ROW_PX / FINGER_ROW_PX);
  FINGERS.addEventListener("change", changed);
  return () => FINGERS.removeEventListener("change", changed);
}

const OVERSCAN = 6;

const COLUMNS = ["time", "gap", "source", "type", "count", "size", "summary"];
/** The icon of each direction, and of what goes both ways. */
export const SOURCES = { client: "arrow_upward", server: "arrow_downward", turn: "swap_vert" };
// A silence that one should see.
const PAUSE_MS = 1000;

function buildRow() {
  const element = node("div", "rc-row", null, { role: "row" });
  const cells = {};
  for (const column of COLUMNS) {
    cells[column] = node("span", `rc-row__${column}`, null, { role: "gridcell" });
    element.append(cells[column]);
  }
  const arrow = icon("");
  const source = node("span", "rc-row__word");
  cells.source.append(arrow, source);
  const family = node("span", "rc-row__family");
  const kind = node("span", "rc-row__kind");
  cells.type.append(family, kind);
  const parts = { arrow, source, family, kind };
  return { element, cells, ...parts, row: null, position: -1, selected: false, linked: false };
}

/** Where a type may be shortened: its last word tells "delta" from "done" and is never cut. */
function splitType(type) {
  const at = type.lastIndexOf(".") + 1;
  return [type.slice(0, at), type.slice(at)];
}

/** What a row says, with how long its sound is, and how long a run went on. */
function summary(row) {
  if (row.s === "turn") return row.d;
  return row.a ? [`${span(row.a)} of audio`, row.d].filter(Boolean).join(": ") : row.d;
}

function fill(slot, row) {
  const { cells, element } = slot;
  slot.row = row;
  setText(cells.time, clockTime(row.t));
  setText(cells.gap, row.g === null ? "" : `+${span(row.g)}`);
  const isLate = row.q >= PAUSE_MS;
  cells.gap.classList.toggle("rc-row__gap--long", isLate);
  element.classList.toggle("rc-row--late", isLate);
  cells.time.title = row.n > 1 ? `${clockTime(row.t)} to ${clockTime(row.u)}` : "";
  slot.arrow.dataset.icon = SOURCES[row.s] ?? "";
  setText(slot.source, row.s);
  const [family, kind] = splitType(row.y);
  setText(slot.family, family);
  setText(slot.kind, kind);
  setText(cells.count, row.n > 1 ? `×${row.n}` : "");
  // What was no event has no size of its own.
  setText(cells.size, row.b ? size(row.b) : "");
  const words = summary(row);
  setText(cells.summary, words);
  cells.type.title = row.y;
  cells.type.setAttribute("aria-label", row.y);
  cells.summary.title = words;
  element.dataset.source = row.s;
  element.dataset.i = row.i;
  element.classList.toggle("rc-row--error", row.e);
}

/** Whether a row is about the item or the response that is marked. */
function belongs(row, { item, response }) {
  return (item !== null && row.item === item) || (response !== null && row.resp === response);
}

export class EventRows {
  /** @param {HTMLElement} space as tall as all rows together; holds the rows in view */
  constructor(space, name) {
    this.space = space;
    this.name = name;
    this.slots = [];
    this.height = -1;
    this.px = 0;
  }

  /**
   * Show the rows that are in view and here.
   * @param {import("rc/row_window.js").RowWindow} held
   * @param {{selected: Set<number>, item: string | null, response: string | null}} marks
   */
  render(held, scrollTop, viewHeight, marks) {
    this.resize(held.total);
    const first = Math.max(0, Math.floor(scrollTop / this.px) - OVERSCAN);
    const wanted = Math.ceil(viewHeight / this.px) + 2 * OVERSCAN;
    this.ensure(wanted);
    for (let position = first; position < first + this.slots.length; position += 1) {
      const slot = this.slots[position % this.slots.length];
      const row = held.at(position);
      if (row) this.show(slot, row, position, marks);
      else this.hide(slot);
    }
  }

  resize(count) {
    if (this.px !== rowPx()) {
      for (const slot of this.slots) this.hide(slot); // each stands elsewhere now
      this.px = rowPx();
    }
    const height = count * this.px;
    if (height === this.height) return;
    this.height = height;
    this.space.style.height = `${height}px`;
  }

  ensure(wanted) {
    if (wanted <= this.slots.length) return;
    for (const slot of this.slots) this.hide(slot);
    while (this.slots.length < wanted) {
      const slot = buildRow();
      slot.element.id = `${this.name}-${this.slots.length}`;
      slot.element.hidden = true;
      this.slots.push(slot);
      this.space.append(slot.element);
    }
  }

  show(slot, row, position, marks) {
    if (slot.position !== position) {
      if (slot.position < 0) slot.element.hidden = false;
      slot.position = position;
      slot.element.style.transform = `translateY(${position * this.px}px)`;
      slot.element.setAttribute("aria-rowindex", position + 2);
    }
    if (slot.row !== row) fill(slot, row);
    const isSelected = marks.selected.has(row.i);
    if (slot.selected !== isSelected) {
      slot.selected = isSelected;
      slot.element.setAttribute("aria-selected", isSelected);
    }
    const isLinked = belongs(row, marks);
    if (slot.linked !== isLinked) {
      slot.linked = isLinked;
      slot.element.classList.toggle("rc-row--linked", isLinked);
    }
  }

  hide(slot) {
    if (slot.position < 0) return;
    slot.position = -1;
    slot.row = null;
    slot.element.hidden = true;
  }

  /** The id of the DOM row that shows the row with this index, or "". */
  idOf(i) {
    return this.slots.find((slot) => slot.position >= 0 && slot.row.i === i)?.element.id ?? "";
  }
}
