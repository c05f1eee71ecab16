// The text of an item: what was heard, what is still to be heard, what was cut off.

import { icon, node } from "rc/dom.js";

/** Split at a number of characters as Python counts them: a pair of surrogates is one. */
function splitAt(text, characters) {
  let at = 0;
  for (let count = 0; count < characters && at < text.length; count += 1) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return [text.slice(0, at), text.slice(at)];
}

const isKnown = (value) => value !== null && value !== undefined;

export class ItemText {
  constructor() {
    this.element = node("p", "rc-item__text");
    // Words that were heard, or are only written; they grow in one text node.
    this.heard = document.createTextNode("");
    this.ahead = null;
    this.cut = null;
    this.element.append(this.heard);
  }

  show(view) {
    const text = view.text ?? "";
    const wasCut = isKnown(view.heard);
    const place = wasCut ? view.heard : view.played;
    const [heard, rest] = isKnown(place) ? splitAt(text, place) : [text, ""];
    if (this.heard.data !== heard) this.heard.data = heard;
    this.showAhead(wasCut ? "" : rest);
    this.showCut(wasCut || view.cut, wasCut ? rest : "", heard);
    this.element.hidden = !(text || wasCut);
  }

  /** More words have come, and nothing else has changed. */
  append(view, text) {
    this.element.hidden = false;
    if (isKnown(view.heard) || isKnown(view.played)) this.show(view);
    else this.heard.appendData(text);
  }

  // What sounds soon is told apart by its colour and a dotted line: it is read like the rest.
  showAhead(rest) {
    if (!rest) {
      this.ahead?.remove();
      this.ahead = null;
      return;
    }
    if (!this.ahead) {
      this.ahead = node("span", "rc-item__ahead", "", { title: "Not heard yet" });
      this.heard.after(this.ahead);
    }
    if (this.ahead.textContent !== rest) this.ahead.textContent = rest;
  }

  // Three marks, never colour alone: struck through, muted, and named in words.
  showCut(wasCut, rest, heard) {
    this.cut?.remove();
    this.cut = null;
    if (!wasCut) return;
    this.cut = node("span", "rc-item__cut");
    const words = heard ? "interrupted here" : "interrupted before it was heard";
    const mark = node("span", "rc-item__mark", null, { title: "The rest was not played" });
    mark.append(icon("content_cut"), words);
    this.cut.append(" ", mark);
    if (rest) this.cut.append(node("span", "rc-sr-only", " Not heard: "), node("del", "", rest.trimStart()));
    this.element.append(this.cut);
  }
}
