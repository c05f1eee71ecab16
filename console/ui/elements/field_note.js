// What the documentation says of an event, or of a field that is pointed out in it.

import { node } from "rc/dom.js";
import { prose } from "rc/prose.js";

export class FieldNote {
  /** @param {() => void} shown it has come, and takes room */
  constructor(shown) {
    this.shown = shown;
    this.request = null;
    this.element = node("section", "rc-field-note", null, { "aria-label": "Documentation" });
    this.element.tabIndex = 0;
    this.hide();
  }

  hide() {
    this.request?.abort();
    this.request = null;
    this.element.hidden = true;
  }

  /**
   * @param {string} base where the session is fetched from
   * @param {string} type of the event
   * @param {string} field its path; empty: the event itself is told
   */
  async show(base, type, field) {
    this.hide();
    const request = new AbortController();
    this.request = request;
    let parts;
    try {
      parts = this.parts(await fetched(base, type, field, request.signal), type, field);
    } catch (error) {
      parts = [node("p", "rc-field-note__none", error.message, { role: "status" })];
    }
    if (this.request !== request) return;
    this.element.replaceChildren(...parts);
    this.element.scrollTop = 0;
    this.element.hidden = false;
    this.shown();
  }

  /** @param {object} note as `field_note` of console/app/reference/reference_page.py tells it */
  parts({ path, about, text, names }, type, field) {
    const head = node("p", "rc-field-note__head");
    head.append(node("code", "rc-fields__name", path || type));
    head.append(node("span", "rc-fields__about", about), this.way(type, field));
    if (!names.length) return [head, prose(text)];
    const told = node("p");
    if (field) told.append("There is no ", node("code", "rc-prose__word", restOf(field, path)), " in it. ");
    told.append("It has: ");
    names.forEach((name, at) => told.append(at ? ", " : "", node("code", "rc-prose__word", name)));
    return [head, told, prose(text)];
  }

  /** To all of it, where there is a pane for it. */
  way(type, field) {
    const button = node("button", "rc-text-button rc-composes", "Read on", { type: "button" });
    button.title = "In the documentation of the event";
    button.addEventListener("click", () => {
      const detail = { type, field };
      button.dispatchEvent(new CustomEvent("explain", { bubbles: true, detail }));
    });
    return button;
  }
}

async function fetched(base, type, field, signal) {
  const url = `${base}/reference/${encodeURIComponent(type)}?field=${encodeURIComponent(field)}`;
  const answer = await fetch(url, { signal, headers: { Accept: "application/json" } });
  if (answer.ok) return answer.json();
  const told = answer.headers.get("content-type")?.startsWith("application/json");
  const { detail } = told ? await answer.json() : {};
  throw new Error(typeof detail === "string" ? detail : "The documentation cannot be had just now.");
}

/** What of a path is in no documentation: its first step that is none. */
function restOf(field, known) {
  const isPlace = (each) => /^\d+$/.test(each);
  const steps = field.split(".").filter((each) => each && !isPlace(each));
  return steps[known ? known.split(".").length : 0] ?? field;
}
