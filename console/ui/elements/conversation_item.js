// One item of the conversation as DOM: made once, then changed only where the item changed.

import { AudioPlayer } from "rc/audio_player.js";
import { icon, iconButton, node, relabel, setText } from "rc/dom.js";
import { duration } from "rc/format.js";
import { jsonTree } from "rc/json_tree.js";

/** Split at a number of characters as Python counts them: a pair of surrogates is one. */
function splitAt(text, characters) {
  let at = 0;
  for (let count = 0; count < characters && at < text.length; count += 1) {
    at += text.codePointAt(at) > 0xffff ? 2 : 1;
  }
  return [text.slice(0, at), text.slice(at)];
}

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
function oneLine(text) {
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
const isTool = (view) => TOOLS.has(view.type);

/** What a call is named: an MCP tool with its server, a list of tools by what it is. */
function callName(view) {
  if (view.type === "mcp_list_tools") return `${view.server}: tools`;
  return view.server ? `${view.server}: ${view.name}` : (view.name ?? "function");
}

const DECIDED = {
  approved: { icon: "check", words: "approved" },
  denied: { icon: "block", words: "denied" },
};

export function roleOf(view) {
  return isTool(view) ? "tool" : view.role || view.type;
}

/** Deletes at the second click: neither the sound nor the place of an item comes back. */
function deleteButton(act) {
  const button = iconButton("delete_outline", "Delete item", () => {
    if (button.classList.toggle("rc-item__delete--asks")) {
      relabel(button, "delete_forever", "Delete for good: click again");
      return;
    }
    calm();
    act();
  });
  const calm = () => {
    button.classList.remove("rc-item__delete--asks");
    relabel(button, "delete_outline", "Delete item");
  };
  button.addEventListener("blur", calm);
  // A finger leaves with each tap.
  button.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && calm());
  button.classList.add("rc-item__delete");
  return button;
}

export class ConversationItem {
  /**
   * @param {(id: string) => string} soundUrl where the sound is, without the name's ending
   * @param {(id: string) => void} deleted called when the user asks to delete the item
   * @param {(id: string, approve: boolean) => void} decided called when the user lets a call go on,
   *   or not
   */
  constructor(view, soundUrl, deleted, decided) {
    this.soundUrl = soundUrl;
    this.decided = decided;
    this.element = node("article", "rc-item", null, { "data-id": view.id });
    this.role = node("div", "rc-item__role");
    this.body = node("div", "rc-item__body");
    this.side = node("div", "rc-item__side");
    this.remove = deleteButton(() => deleted(view.id));
    this.side.append(this.remove);
    this.element.append(this.role, this.body, this.side);
    this.pendingText = "";
    this.update(view);
  }

  update(view) {
    const before = this.view;
    this.view = view;
    this.pendingText = "";
    const role = roleOf(view);
    if (!before || roleOf(before) !== role) {
      this.element.dataset.role = role;
      setText(this.role, role);
    }
    this.element.classList.toggle("rc-item--streaming", view.status === "in_progress");
    if (isTool(view)) this.showTool(view);
    else this.showMessage(view);
    this.showSound(view);
  }

  showMessage(view) {
    if (!this.text) {
      this.text = node("p", "rc-item__text");
      this.heard = document.createTextNode("");
      this.text.append(this.heard);
      this.note = node("p", "rc-item__note");
      this.body.append(this.text, this.note);
    }
    const wasCut = view.heard !== null && view.heard !== undefined;
    const [heard, rest] = wasCut ? splitAt(view.text ?? "", view.heard) : [view.text ?? "", ""];
    if (this.heard.data !== heard) this.heard.data = heard;
    this.showCut(wasCut || view.cut, rest, heard);
    this.text.hidden = !(view.text || wasCut);
    this.showNote(view);
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
    this.text.append(this.cut);
  }

  showNote(view) {
    const waiting = view.pending ? "transcribing…" : "";
    const typing = !view.text && view.status === "in_progress" && !view.pending ? "…" : "";
    const words = view.note || view.error || waiting || typing;
    setText(this.note, words ?? "");
    this.note.hidden = !words;
    this.note.classList.toggle("rc-item__note--error", Boolean(view.error));
    this.note.classList.toggle("rc-item__note--waiting", Boolean(waiting || typing) && !view.note);
  }

  showTool(view) {
    const isOpen = this.body.querySelector("details")?.open ?? false;
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
    const outcome = this.outcome(view);
    result.append(icon(outcome.icon), node("span", "rc-call__outcome", outcome.words));
    head.append(result);
    call.append(head, this.toolDetail(view));
    this.body.replaceChildren(call);
    if (view.approval === "pending") this.body.append(this.question(view));
  }

  question(view) {
    const row = node("div", "rc-approval");
    const choice = (words, approve) => {
      const button = node("button", "rc-approval__button", words, { type: "button" });
      button.addEventListener("click", () => {
        for (const each of row.querySelectorAll("button")) each.disabled = true;
        this.decided(view.id, approve);
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

  outcome(view) {
    if (view.error) return { icon: "error_outline", words: view.error };
    if (view.approval) return DECIDED[view.approval] ?? { icon: "help_outline", words: "waiting for you" };
    if (view.output !== null && view.output !== undefined && view.output !== "") {
      return { icon: "subdirectory_arrow_right", words: oneLine(view.output) };
    }
    const words = view.status === "in_progress" ? "arguments are coming in…" : "running…";
    return { icon: "hourglass_empty", words: view.note || words };
  }

  toolDetail(view) {
    const detail = node("div", "rc-call__detail");
    const part = (title, text) => {
      if (!text) return;
      detail.append(node("h4", "rc-call__heading", title), jsonTree(parsed(text)));
    };
    part("arguments", view.arguments);
    part("result", view.output);
    return detail;
  }

  showSound(view) {
    const hasSound = Boolean(view.playable && view.audio_ms > 0);
    if (hasSound && !this.player) {
      this.player = new AudioPlayer();
      this.body.append(this.player.element);
    }
    if (!this.player) return;
    this.player.element.hidden = !hasSound;
    if (!hasSound) return;
    const url = this.soundUrl(view.id);
    this.player.update({
      url: `${url}.wav`,
      peaksUrl: `${url}.peaks`,
      name: `${view.id}.wav`,
      milliseconds: view.audio_ms,
      heardMs: view.heard_ms,
      isGrowing: view.status === "in_progress",
    });
  }

  /** Remember streamed text; `flush` puts all of it into the one text node. */
  append(text) {
    this.pendingText += text;
  }

  flush() {
    if (!this.pendingText) return;
    const text = this.pendingText;
    this.pendingText = "";
    if (isTool(this.view)) {
      this.view = { ...this.view, arguments: (this.view.arguments ?? "") + text };
      this.showTool(this.view);
      return;
    }
    this.view = { ...this.view, text: (this.view.text ?? "") + text, pending: false };
    this.text.hidden = false;
    if (this.view.heard === null || this.view.heard === undefined) this.heard.appendData(text);
    else this.showMessage(this.view);
    this.showNote(this.view);
  }

  destroy() {
    this.player?.stop();
    this.element.remove();
  }
}
