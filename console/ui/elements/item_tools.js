// How an item that is about tools is shown: a call with arguments and result, a list, a question.

import { icon, node } from "rc/dom.js";
import { duration } from "rc/format.js";
import { jsonTree } from "rc/json_tree.js";

/** The value of JSON text, or the text itself where it is not JSON (yet). */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A value as JSON on one line, with room after commas and colons. */
function compact(value) {
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(compact).join(", ")}]`;
  const fields = Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${compact(each)}`);
  return `{${fields.join(", ")}}`;
}

/** JSON text on one line; text that is not JSON (yet) as it is. */
export function oneLine(text) {
  const value = parsed(text ?? "");
  return value === text ? text : compact(value);
}

const TOOLS = new Set([
  "function_call",
  "function_call_output",
  "mcp_list_tools",
  "mcp_call",
  "mcp_approval_request",
]);
export const isTool = (view) => TOOLS.has(view.type);

/** What a call is named: an MCP tool with its server, a list of tools by what it is. */
function callName(view) {
  if (view.type === "mcp_list_tools") return `${view.server}: tools`;
  return view.server ? `${view.server}: ${view.name}` : (view.name ?? "function");
}

const DECIDED = {
  approved: { icon: "check", words: "approved" },
  denied: { icon: "block", words: "denied" },
  lapsed: { icon: "hourglass_disabled" },
};

function outcome(view) {
  if (view.error) return { icon: "error_outline", words: view.error };
  if (view.approval && view.approval !== "pending") return { words: view.note, ...DECIDED[view.approval] };
  if (view.approval) return { icon: "help_outline", words: "waiting for you" };
  if (view.output !== null && view.output !== undefined && view.output !== "") {
    return { icon: "subdirectory_arrow_right", words: oneLine(view.output) };
  }
  const words = view.status === "in_progress" ? "arguments are coming in…" : "running…";
  return { icon: "hourglass_empty", words: view.note || words };
}

function detail(view) {
  const element = node("div", "rc-call__detail");
  const part = (title, text) => {
    if (!text) return;
    element.append(node("h4", "rc-call__heading", title), jsonTree(parsed(text)));
  };
  part("arguments", view.arguments);
  part("result", view.output);
  return element;
}

/** Return a call as an element that unfolds. */
export function callOf(view, isOpen) {
  const call = node("details", "rc-call");
  call.open = isOpen;
  const head = node("summary", "rc-call__head");
  head.append(node("span", "rc-call__name", callName(view)));
  if (view.type !== "mcp_list_tools") {
    head.append(node("span", "rc-call__arguments", `(${oneLine(view.arguments)})`));
  }
  if (view.duration_ms !== null && view.duration_ms !== undefined) {
    head.append(node("span", "rc-call__duration", duration(view.duration_ms)));
  }
  const result = node("div", view.error ? "rc-call__result rc-call__result--error" : "rc-call__result");
  const { icon: sign, words } = outcome(view);
  result.append(icon(sign), node("span", "rc-call__outcome", words));
  head.append(result);
  call.append(head, detail(view));
  return call;
}

/** Return the question whether a call may be made, with its two buttons. */
export function questionOf(view, decided) {
  const row = node("div", "rc-approval");
  const choice = (words, approve) => {
    const button = node("button", "rc-approval__button", words, { type: "button" });
    button.addEventListener("click", () => {
      for (const each of row.querySelectorAll("button")) each.disabled = true;
      decided(view.id, approve);
    });
    return button;
  };
  row.append(
    node("span", "rc-approval__words", "The model asks to call this tool."),
    choice("Approve", true),
    choice("Deny", false),
  );
  return row;
}
