// Documentation as DOM nodes: what Python has taken apart, never markup.

import { node } from "rc/dom.js";

/** @returns {HTMLElement} the blocks of `console/app/reference/prose.py` */
export function prose(blocks) {
  const root = node("div", "rc-prose");
  let list = null;
  for (const { kind, spans } of blocks) {
    if (kind === "li") {
      if (!list) root.append((list = node("ul", "rc-prose__list")));
      list.append(line("li", spans));
      continue;
    }
    list = null;
    root.append(kind === "code" ? codeBlock(spans) : line("p", spans));
  }
  return root;
}

function codeBlock(spans) {
  return node("pre", "rc-prose__code", spans.map(([, text]) => text).join(""), { tabindex: "0" });
}

function line(tag, spans) {
  const element = node(tag);
  for (const [kind, text, target] of spans) element.append(span(kind, text, target));
  return element;
}

function span(kind, text, target) {
  if (kind === "code") return node("code", "rc-prose__word", text);
  if (kind === "strong") return node("strong", "", text);
  if (kind !== "link" || !target.startsWith("https://")) return document.createTextNode(text);
  return node("a", "", text, { href: target, target: "_blank", rel: "noopener noreferrer" });
}
