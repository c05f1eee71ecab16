// Where keys write instead of doing something to the page.

const TEXT_INPUTS = ["text", "search", "url", "tel", "email", "password", "number", "date", "time"];

/** Whether a key that is pressed here is typed, or chooses in a list. */
export function isTyped({ target }) {
  if (target.isContentEditable) return true;
  if (target.tagName === "INPUT") return TEXT_INPUTS.includes(target.type);
  return target.closest?.("textarea, select, [role=textbox], [role=combobox]") != null;
}

/** Whether a dialog or a sheet has the focus: the page below waits until it is closed. */
export function isInDialog({ target }) {
  return target.closest?.("[role=dialog]") != null;
}
