// What one field is edited with, by its kind.

import { node } from "rc/dom.js";

const LONG = new Set([
  "instructions", "text", "transcript", "output", "arguments", "description", "audio", "image_url",
]);

/**
 * @returns {{element: HTMLElement, input: HTMLElement | null, read: () => unknown} | null} null
 *   for what consists of other lines
 */
export function formControl(row, id) {
  if (row.kind === "object" || row.kind === "list" || row.kind === "table") return null;
  if (row.kind === "constant" || row.kind === "null") {
    return { element: node("output", "rc-field__fixed"), input: null, read: () => null };
  }
  if (row.kind === "flag") return choice(row, id, ["true", "false"], (value) => value === "true");
  if (row.kind === "choice" && !row.open) return choice(row, id, row.options.map(String), String);
  if (row.kind === "json") return area(row, id, 3, "rc-field__input--data");
  if (row.kind === "text" && LONG.has(row.label)) return area(row, id, 2, "");
  return oneLine(row, id);
}

/** Put the value of a row where it is edited or shown. */
export function showValue(control, row) {
  const value = row.value === null || row.value === undefined ? "" : String(row.value);
  const { input, element } = control;
  if (!input) {
    element.textContent = row.kind === "null" ? "null" : value;
    return;
  }
  if (input.tagName === "SELECT" && ![...input.options].some((each) => each.value === value)) {
    input.append(node("option", "", value, { value }));
  }
  if (input.value !== value) input.value = value;
}

function named(input, row, id) {
  input.id = id;
  input.dataset.role = "value";
  if (row.renamable || typeof row.path.at(-1) === "number") input.setAttribute("aria-label", `Value of ${row.label}`);
  return input;
}

function choice(row, id, options, read) {
  const input = named(node("select", "rc-select rc-field__input"), row, id);
  input.append(...options.map((each) => node("option", "", each, { value: each })));
  return { element: input, input, read: () => read(input.value) };
}

function area(row, id, height, kind) {
  const input = node("textarea", `rc-field__input ${kind}`, null, {
    rows: String(height),
    spellcheck: "false",
  });
  named(input, row, id);
  return { element: input, input, read: () => input.value };
}

function oneLine(row, id) {
  const input = named(node("input", "rc-field__input", null, { type: "text", spellcheck: "false", autocomplete: "off" }), row, id);
  if (row.kind === "number") input.inputMode = "decimal";
  input.placeholder = row.default === null ? "" : `default ${row.default}`;
  const read = () => input.value;
  if (!row.open) return { element: input, input, read };
  const list = node("datalist", "", null, { id: `${id}-options` });
  list.append(...row.options.map((each) => node("option", "", null, { value: String(each) })));
  input.setAttribute("list", list.id);
  const element = node("div", "rc-field__suggested");
  element.append(input, list);
  return { element, input, read };
}
