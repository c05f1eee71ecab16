// What an error says: the field that is wrong, and the event that has caused it.

import { icon, node } from "rc/dom.js";

/** The path of a field as the tree knows it: "tools[0].name" is "tools.0.name". */
export const pathOf = (param) => param.replace(/\[(\d+)\]/g, ".$1");

export class EventCause {
  /**
   * @param {(eventId: string, param: string) => void} wanted shows the event and marks a field
   * @param {(number: number, param: string) => void} guessed the same by the event's number
   */
  constructor(wanted, guessed) {
    this.wanted = wanted;
    this.guessed = guessed;
    this.element = node("div", "rc-cause");
    this.element.hidden = true;
  }

  /** Show what there is to say of an event; `likely` is the number of its cause as far as one can tell. */
  show(event, likely = null) {
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
    if (!eventId && likely === null) return;
    const button = node("button", "rc-text-button rc-cause__button", null, { type: "button" });
    const words = eventId ? "Show the event that caused it" : "Show the event that probably caused it";
    button.append(icon("subdirectory_arrow_left"), words);
    button.addEventListener("click", () =>
      eventId ? this.wanted(eventId, param) : this.guessed(likely, param));
    this.element.append(button);
  }
}
