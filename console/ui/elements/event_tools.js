// The event list's small sheets: which types, which time, and all of it as a file.

import { node } from "rc/dom.js";
import { PopUp } from "rc/pop_up.js";

const number = (value) => value.toLocaleString("en");

/** Chooses types, each with how many rows it has. */
export class TypesMenu {
  /** @param {(types: string[] | null, isOpen: boolean) => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** The types that are shown; null: all. */
    this.chosen = null;
    this.counts = [];
    this.pop = new PopUp("filter_list", "Types of events", () => this.begin());
    this.pop.closed = () => this.changed(this.value, false);
    const bar = node("div", "rc-types__bar");
    const button = (words, act) => {
      const made = node("button", "rc-text-button", words, { type: "button" });
      made.addEventListener("click", act);
      return made;
    };
    bar.append(button("All", () => this.choose(null)), button("None", () => this.choose(new Set())));
    this.list = node("div", "rc-types__list", null, { role: "group", "aria-label": "Types" });
    this.pop.sheet.append(bar, this.list);
    this.pop.sheet.classList.add("rc-types");
    this.lines = new Map();
  }

  get value() {
    return this.chosen === null ? null : [...this.chosen].sort();
  }

  begin() {
    this.lines.clear();
    this.list.replaceChildren(node("p", "rc-types__note", "No events yet"));
    this.changed(this.value, true);
  }

  choose(types) {
    this.chosen = types;
    this.show(this.counts);
    this.told();
  }

  told() {
    const n = this.chosen?.size;
    const words = n === undefined ? "Types of events" : `Types of events: ${n} shown`;
    this.pop.mark(n !== undefined, words);
    this.changed(this.value, this.pop.isOpen);
  }

  /** Show how many rows each type has: those that are counted, and those that were chosen. */
  show(counts) {
    this.counts = counts;
    if (!this.pop.isOpen) return;
    const all = new Map([...(this.chosen ?? [])].map((type) => [type, 0]));
    for (const [type, n] of counts) all.set(type, n);
    const types = [...all.keys()].sort();
    if (types.join() !== [...this.lines.keys()].join()) this.build(types);
    for (const [type, { box, count }] of this.lines) {
      box.checked = this.chosen === null || this.chosen.has(type);
      count.textContent = number(all.get(type));
    }
  }

  build(types) {
    this.lines.clear();
    for (const type of types) {
      const line = node("label", "rc-types__line");
      const box = node("input", "", null, { type: "checkbox" });
      const count = node("span", "rc-types__count");
      box.addEventListener("change", () => this.toggle(type, box.checked));
      line.append(box, node("span", "rc-types__name", type), count);
      this.lines.set(type, { line, box, count });
    }
    const focused = this.list.contains(document.activeElement);
    this.list.replaceChildren(...[...this.lines.values()].map(({ line }) => line));
    if (focused) this.list.querySelector("input")?.focus();
  }

  toggle(type, isOn) {
    this.chosen ??= new Set(this.lines.keys());
    if (isOn) this.chosen.add(type);
    else this.chosen.delete(type);
    if (isOn && [...this.lines.keys()].every((each) => this.chosen.has(each))) this.chosen = null;
    this.told();
  }
}

/** Milliseconds of "83.5", "1:23.5" or "1:02:03"; null when it is no time. */
export function parseTime(text) {
  const parts = text.trim().split(":");
  if (parts.length > 3 || !parts.every((each, at) => /^\d+(\.\d*)?$/.test(each) && (at === parts.length - 1 || !each.includes(".")))) {
    return null;
  }
  return parts.reduce((total, each) => total * 60 + Number(each), 0) * 1000;
}

/** Asks for a time to go to. */
export class JumpMenu {
  /** @param {(ms: number) => void} jumped */
  constructor(jumped) {
    this.pop = new PopUp("schedule", "Jump to a time");
    const form = node("form", "rc-jump");
    const label = node("label", "rc-jump__label", "Time since the session began");
    this.box = node("input", "rc-jump__box", null, { placeholder: "1:23.5", autocomplete: "off" });
    this.wrong = node("p", "rc-jump__wrong", "", { role: "alert" });
    label.append(this.box);
    form.append(label, node("button", "rc-text-button", "Jump", { type: "submit" }), this.wrong);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const ms = parseTime(this.box.value);
      this.box.setAttribute("aria-invalid", ms === null);
      this.wrong.textContent = ms === null ? "Write seconds, or minutes and seconds: 1:23.5" : "";
      if (ms === null) return;
      this.pop.close();
      jumped(ms);
    });
    this.pop.sheet.append(form);
  }
}

/** Offers all events as a file; only to whose session it is. */
export class ExportMenu {
  /** @param {() => string} base where the session's routes are */
  constructor(base) {
    this.pop = new PopUp("file_download", "Export all events", (sheet) => {
      sheet.replaceChildren(
        link(`${base()}/events.jsonl`, "JSONL", "a line for each event"),
        link(`${base()}/events.har`, "HAR", "as browsers' tools read it"),
      );
    });
    this.pop.element.classList.add("rc-composes");
    this.pop.sheet.classList.add("rc-export");
  }
}

function link(href, name, words) {
  const made = node("a", "rc-export__link", null, { href, download: "" });
  made.append(node("span", "", name), node("span", "rc-export__words", words));
  return made;
}
