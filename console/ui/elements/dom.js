// Builds DOM nodes; text only ever becomes text nodes, never markup.

/**
 * @param {string} tag
 * @param {string} className
 * @param {string | null} text
 * @param {Record<string, string>} attributes
 */
export function node(tag, className = "", text = null, attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== null) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

/** The icon's ligature comes from CSS, so that it is neither read aloud nor copied as a word. */
export function icon(name) {
  return node("i", "rc-icon", null, { "data-icon": name, "aria-hidden": "true" });
}

export function iconButton(name, label, onClick) {
  const button = node("button", "rc-icon-button", null, {
    type: "button",
    "aria-label": label,
    title: label,
  });
  button.append(icon(name));
  button.addEventListener("click", onClick);
  return button;
}

/** Change an icon button's picture and name together. */
export function relabel(button, name, label) {
  button.firstChild.dataset.icon = name;
  button.setAttribute("aria-label", label);
  button.title = label;
}

/** Set text only when it differs: the layout of an untouched node stays valid. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Set an attribute only when it differs: no rule of the stylesheet is looked at again for nothing. */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}
