// A JSON value as a tree of DOM nodes: folds, soft colours, base64 shown as its size.

import { node } from "rc/dom.js";
import { count, size } from "rc/format.js";

const OPEN_DEPTH = 4;
const LONG_LIST = 200;
const BASE64 = /^[A-Za-z0-9+/]{160,}={0,2}$/;

/** @returns {HTMLElement} the tree of `value` */
export function jsonTree(value) {
  const root = node("div", "rc-json");
  root.append(branch(null, value, 0, true));
  return root;
}

function branch(key, value, depth, last) {
  if (value !== null && typeof value === "object") return container(key, value, depth, last);
  const line = node("div", "rc-json__line");
  line.append(...label(key), leaf(value), last ? "" : ",");
  return line;
}

function label(key) {
  return key === null ? [] : [node("span", "rc-json__key", JSON.stringify(key)), ": "];
}

function leaf(value) {
  if (typeof value !== "string") return node("span", "rc-json__literal", JSON.stringify(value));
  if (!BASE64.test(value)) return node("span", "rc-json__string", JSON.stringify(value));
  const bytes = (value.length / 4) * 3 - (value.match(/=*$/)[0].length);
  return node("span", "rc-json__folded", `base64, ${size(Math.floor(bytes))}`, {
    title: "Folded. Copy gives the whole text.",
  });
}

function container(key, value, depth, last) {
  const isList = Array.isArray(value);
  const [open, close] = isList ? "[]" : "{}";
  const entries = isList ? value.map((each) => [null, each]) : Object.entries(value);
  const comma = last ? "" : ",";
  if (!entries.length) {
    const line = node("div", "rc-json__line");
    line.append(...label(key), open + close + comma);
    return line;
  }
  const fold = node("details", "rc-json__fold");
  const head = node("summary", "rc-json__head");
  head.append(
    ...label(key),
    open,
    node("span", "rc-json__count", ` ${count(entries.length, isList ? "item" : "field")} ${close}${comma}`),
  );
  const body = node("div", "rc-json__body");
  fold.append(head);
  const fill = () => {
    if (body.childNodes.length) return;
    body.append(...entries.slice(0, LONG_LIST).map(([name, each], index) =>
      branch(name, each, depth + 1, index === entries.length - 1)));
    if (entries.length > LONG_LIST) {
      body.append(node("div", "rc-json__count", `${entries.length - LONG_LIST} more; copy gives all`));
    }
  };
  // A closed branch is built when it is opened: a deep value costs nothing until it is looked at.
  fold.addEventListener("toggle", () => fold.open && fill());
  if (depth < OPEN_DEPTH) {
    fill();
    fold.open = true;
  }
  fold.append(body, node("div", "rc-json__close", close + comma));
  return fold;
}
