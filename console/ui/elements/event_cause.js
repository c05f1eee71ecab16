// What an error says: the field that is wrong, and the event that has caused it.

import { icon, node } from "rc/dom.js";

/** The path of a field as the tree knows it: "tools[0].name" is "tools.0.name". */
export const pathOf = (param) => param.replace(/\[(\d+)\]/g, ".$1");

export class EventCause {
  /** @param {(eventId: string, param: string) => void} wanted shows the event and marks a field */
  constructor(wanted) {
    this.wanted = wanted;
    this.element = node("div", "rc-cause");
    this.element.hidden = true;
  }

  /** Show what there is to say of an event. */
  show(event) {
    const error = event?.error ?? event?.response?.status_details?.error ?? {};
    const param = typeof error.param === "string" ? error.param : "";
    const eventId = typeof error.event_id === "string" ? error.event_id : "";
    this.element.replaceChildren();
    this.element.hidden = !param && !eventId;
    if (param) {
      const field = node("span", "rc-cause__field");
      field.append("Field ", node("code", "rc-cause__path", param));
      this.element.append(field);
    }
    if (!eventId) return;
    const button = node("button", "rc-text-button rc-cause__button", null, { type: "button" });
    button.append(icon("subdirectory_arrow_left"), "Show the event that caused it");
    button.addEventListener("click", () => this.wanted(eventId, param));
    this.element.append(button);
  }
}
