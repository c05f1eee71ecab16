// The strip below the event list: how much time lies between two rows.

import { iconButton, node, relabel, setText } from "rc/dom.js";
import { clockTime, count } from "rc/format.js";

const COPY = "Copy these events as JSONL";
const COPIED_MS = 1500;

/** A span of time as exact as it is known: "812.4 ms", "12.480 s". */
function exactly(ms) {
  return ms < 1000 ? `${ms.toFixed(1)} ms` : `${(ms / 1000).toFixed(3)} s`;
}

export class EventBetween {
  /** @param {() => void} copied  @param {() => void} cleared */
  constructor(copied, cleared) {
    this.element = node("div", "rc-between");
    this.words = node("span", "rc-between__words", "", { role: "status" });
    this.copy = iconButton("content_copy", COPY, copied);
    const clear = iconButton("close", "Forget the second row", cleared);
    this.element.append(this.words, this.copy, clear);
    this.show(null, null);
  }

  /** Show the time between two rows, whichever is the earlier; null: fewer than two are selected. */
  show(one, other) {
    this.element.hidden = !one || !other;
    if (this.element.hidden) {
      setText(this.words, "");
      return;
    }
    const [first, last] = one.t <= other.t ? [one, other] : [other, one];
    const rows = count(Math.abs(one.p - other.p) + 1, "row");
    setText(this.words, `${exactly(last.t - first.t)} from ${clockTime(first.t)} to ${clockTime(last.t)}, ${rows}`);
  }

  /** Show what came of copying; null: it worked. @param {string | null} failure */
  tellCopied(failure) {
    if (failure !== null) {
      setText(this.words, failure);
      return;
    }
    relabel(this.copy, "check", "Copied");
    clearTimeout(this.copied);
    this.copied = setTimeout(() => relabel(this.copy, "content_copy", COPY), COPIED_MS);
  }
}
