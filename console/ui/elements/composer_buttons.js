// What can be done with an event of the list in the composer: send it again, read what it is.
// They show only where the list has the attribute `data-composes`.

import { iconButton } from "rc/dom.js";

export class ComposerButtons {
  /** @param {import("rc/event_detail.js").EventDetail} detail whose event they are about */
  constructor(detail) {
    this.again = iconButton("replay", "Send again", ({ target }) => {
      tell(target, "reuse", { row: detail.row.i, place: detail.offset });
    });
    const what = iconButton("menu_book", "What is this", ({ target }) => {
      tell(target, "explain", detail.row.y);
    });
    this.elements = [this.again, what];
    for (const each of this.elements) each.classList.add("rc-composes");
  }

  /** Only what the client sent can be sent again. */
  show(row) {
    this.again.hidden = row.s !== "client";
  }
}

function tell(target, name, detail) {
  target.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
}
