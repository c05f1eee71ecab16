// Finds words in a tree of JSON, opens the branches that have them, and goes from one to the next.

import { iconButton, node, setText } from "rc/dom.js";

const MOST_FOUND = 1000;

export class JsonSearch {
  constructor() {
    this.element = node("div", "rc-json-search", null, { role: "search" });
    this.box = node("input", "rc-json-search__box", null, {
      type: "search",
      placeholder: "Find in this event",
      "aria-label": "Find in this event",
      autocomplete: "off",
      spellcheck: "false",
    });
    this.place = node("span", "rc-json-search__place", "", { "aria-live": "polite" });
    this.previous = iconButton("expand_less", "Previous match", () => this.step(-1));
    this.next = iconButton("expand_more", "Next match", () => this.step(1));
    this.element.append(this.box, this.place, this.previous, this.next);
    this.box.addEventListener("input", () => this.find());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.found = [];
    this.at = 0;
    this.tree = null;
    this.find();
  }

  /** Search this tree from now on. @param {ReturnType<typeof import("rc/json_tree.js").jsonTree>} tree */
  use(tree) {
    this.tree = tree;
    this.find();
  }

  key(event) {
    if (event.key === "Enter") this.step(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && this.box.value) {
      event.stopPropagation();
      this.box.value = "";
      this.find();
    } else return;
    event.preventDefault();
  }

  find() {
    for (const each of this.found) each.classList.remove("rc-json__found", "rc-json__found--here");
    const words = this.box.value.trim().toLowerCase();
    this.found = words && this.tree ? lines(this.tree, words) : [];
    for (const each of this.found) each.classList.add("rc-json__found");
    this.at = 0;
    this.show();
  }

  step(by) {
    if (!this.found.length) return;
    this.found[this.at].classList.remove("rc-json__found--here");
    this.at = (this.at + by + this.found.length) % this.found.length;
    this.show();
  }

  show() {
    const n = this.found.length;
    this.previous.disabled = this.next.disabled = n < 2;
    const some = n ? `${this.at + 1} of ${n}${n === MOST_FOUND ? "+" : ""}` : "none";
    setText(this.place, this.box.value.trim() ? some : "");
    if (!n) return;
    const here = this.found[this.at];
    here.classList.add("rc-json__found--here");
    here.scrollIntoView({ block: "nearest" });
  }
}

// A branch that is closed has no lines yet: it is opened where its value has the words.
function lines(tree, words) {
  const found = [];
  const look = (branch) => {
    if (found.length >= MOST_FOUND) return;
    const { key, value, line } = branch;
    const isLeaf = value === null || typeof value !== "object";
    const text = isLeaf ? `${key ?? ""} ${JSON.stringify(value)}` : String(key ?? "");
    if (text.toLowerCase().includes(words)) found.push(line);
    if (isLeaf || !hasWords(value, words)) return;
    for (const inner of branch.open()) look(inner);
  };
  look(tree.rcBranch);
  return found;
}

function hasWords(value, words) {
  return Object.entries(value).some(([key, each]) => {
    if (!Array.isArray(value) && key.toLowerCase().includes(words)) return true;
    if (each !== null && typeof each === "object") return hasWords(each, words);
    return JSON.stringify(each).toLowerCase().includes(words);
  });
}
