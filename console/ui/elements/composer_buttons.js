// What can be done with an event of the list in the composer: send it again, read what it is.
// Where the list has not the attribute `data-composes` there is no composer, and the event itself says
// what it is.

import { iconButton } from "rc/dom.js";

export class ComposerButtons {
  /** @param {import("rc/event_detail.js").EventDetail} detail whose event they are about */
  constructor(detail) {
    this.again = iconButton("replay", "Send again", ({ target }) => {
      tell(target, "reuse", { row: detail.row.i, place: detail.offset });
    });
    const what = iconButton("menu_book", "What is this", ({ target }) => {
      if (target.closest("[data-composes]")) tell(target, "explain", detail.row.y);
      else detail.explain("");
    });
    this.elements = [this.again, what];
    this.again.classList.add("rc-composes");
  }

  /** Only what the client sent can be sent again. */
  show(row) {
    this.again.hidden = row.s !== "client";
  }
}

function tell(target, name, detail) {
  target.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}
