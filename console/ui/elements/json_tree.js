// A JSON value as a tree of DOM nodes: folds, soft colours, base64 shown as its size.

import { node } from "rc/dom.js";
import { count, size, span } from "rc/format.js";

const OPEN_DEPTH = 4;
const LONG_LIST = 200;
// Alone, or as the address of a picture.
const BASE64 = /^(?:data:([\w.+-]+\/[\w.+-]+);base64,)?([A-Za-z0-9+/]{160,}={0,2})$/;

/**
 * @typedef {object} Ways how a tree is shown
 * @property {string} [mark] a path like "session.audio.input" whose line is marked
 * @property {(key: string) => {ms: number, button: HTMLElement} | null} [sound] what is known of the
 *   sound in base64 that stands at a key
 */

/**
 * @param {Ways} [ways]
 * @returns {HTMLElement} the tree of `value`; its `rcBranch` opens and tells branches one by one
 */
export function jsonTree(value, ways = {}) {
  const root = node("div", "rc-json");
  const branch = new Branch(null, value, { depth: 0, last: true, path: "", ways });
  root.append(branch.element);
  root.rcBranch = branch;
  return root;
}

class Branch {
  constructor(key, value, { depth, last, path, ways }) {
    Object.assign(this, { key, value, depth, path, ways });
    this.inner = null;
    const isContainer = value !== null && typeof value === "object";
    if (isContainer) this.buildContainer(last);
    else this.buildLeaf(last);
    if (ways.mark && path === ways.mark) this.line.classList.add("rc-json__marked");
  }

  buildLeaf(last) {
    this.line = this.element = node("div", "rc-json__line");
    this.line.append(...label(this.key), ...leaf(this), last ? "" : ",");
  }

  buildContainer(last) {
    const isList = Array.isArray(this.value);
    const [begin, end] = isList ? "[]" : "{}";
    this.entries = isList ? this.value.map((each, at) => [at, each]) : Object.entries(this.value);
    const comma = last ? "" : ",";
    if (!this.entries.length) {
      this.line = this.element = node("div", "rc-json__line");
      this.line.append(...label(this.key), begin + end + comma);
      return;
    }
    this.fold = this.element = node("details", "rc-json__fold");
    this.line = node("summary", "rc-json__head");
    const told = ` ${count(this.entries.length, isList ? "item" : "field")} ${end}${comma}`;
    this.line.append(...label(this.key), begin, node("span", "rc-json__count", told));
    this.body = node("div", "rc-json__body");
    this.fold.append(this.line);
    // A closed branch is built when it is opened: a deep value costs nothing until it is looked at.
    this.fold.addEventListener("toggle", () => this.fold.open && this.fill());
    const isOnTheWay = this.ways.mark && `${this.ways.mark}.`.startsWith(this.path && `${this.path}.`);
    if (this.depth < OPEN_DEPTH || isOnTheWay) this.open();
    this.fold.append(this.body, node("div", "rc-json__close", end + comma));
  }

  fill() {
    if (this.inner) return;
    const shown = this.entries.slice(0, LONG_LIST);
    this.inner = shown.map(([key, each], index) => {
      const path = this.path ? `${this.path}.${key}` : String(key);
      const last = index === this.entries.length - 1;
      const name = Array.isArray(this.value) ? null : key;
      return new Branch(name, each, { depth: this.depth + 1, last, path, ways: this.ways });
    });
    this.body.append(...this.inner.map(({ element }) => element));
    if (this.entries.length > LONG_LIST) {
      const more = `${this.entries.length - LONG_LIST} more; copy gives all`;
      this.body.append(node("div", "rc-json__count", more));
    }
  }

  /** Open a branch; returns those inside it. */
  open() {
    if (!this.fold) return [];
    this.fill();
    this.fold.open = true;
    return this.inner;
  }
}

function label(key) {
  return key === null ? [] : [node("span", "rc-json__key", JSON.stringify(key)), ": "];
}

function leaf({ key, value, ways }) {
  if (typeof value !== "string") return [node("span", "rc-json__literal", JSON.stringify(value))];
  const [, media, base64] = BASE64.exec(value) ?? [];
  if (!base64) return [node("span", "rc-json__string", JSON.stringify(value))];
  const bytes = (base64.length / 4) * 3 - base64.match(/=*$/)[0].length;
  const sound = ways.sound?.(key) ?? null;
  const length = sound ? `, ${span(sound.ms)}` : "";
  const what = media ? `${media}, base64` : "base64";
  const folded = node("span", "rc-json__folded", `${what}, ${size(Math.floor(bytes))}${length}`, {
    title: "Folded. Copy gives the whole text.",
  });
  return sound ? [folded, " ", sound.button] : [folded];
}
