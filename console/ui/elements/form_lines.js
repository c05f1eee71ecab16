// The lines of a form in the DOM. A line is built again only when its kind changes, so that what
// somebody is typing in stays, with its caret.

import { iconButton, node, setText } from "rc/dom.js";
import { formControl, showValue } from "rc/form_control.js";
import { prose } from "rc/prose.js";
import { takeWhole } from "rc/whole_text.js";

const TELL_DELAY_MS = 250;
let lines = 0;

export class FormLines {
  /**
   * @param {HTMLElement} element holds the lines
   * @param {(edit: {path: (string | number)[], action: string, value?: unknown}) => void} tell
   * @param {number} limit how many characters a field takes
   */
  constructor(element, tell, limit) {
    this.element = element;
    this.tell = tell;
    this.limit = limit;
    this.lines = new Map();
    this.timers = new Map();
  }

  stop() {
    for (const { timer } of this.timers.values()) clearTimeout(timer);
  }

  show(rows) {
    const kept = new Map();
    const role = document.activeElement?.dataset?.role;
    const focused = this.element.contains(document.activeElement)
      ? document.activeElement.closest(".rc-field").dataset.key
      : null;
    for (const row of rows) {
      const key = JSON.stringify(row.path);
      const signature = JSON.stringify([
        row.kind, row.set, row.removable, row.options, row.open, row.variants, row.renamable,
        row.appendable, row.about, row.required,
      ]);
      let line = this.lines.get(key);
      if (line?.signature !== signature) line = this.build(row, key, signature);
      this.update(line, row);
      kept.set(key, line);
    }
    this.lines = kept;
    const wanted = [...kept.values()].map((line) => line.element);
    // What stays in its place is not touched: moving a node takes its focus away.
    wanted.forEach((element, at) => {
      if (this.element.children[at] !== element) {
        this.element.insertBefore(element, this.element.children[at] ?? null);
      }
    });
    while (this.element.children.length > wanted.length) this.element.lastChild.remove();
    if (focused !== null && !this.element.contains(document.activeElement)) {
      this.focus(focused, role);
    }
  }

  /** Focus goes on in the same field, in the part of it that was used. */
  focus(key, role) {
    const line = this.lines.get(key)?.element;
    const part = line?.querySelector(`[data-role="${role}"]`) ?? line?.querySelector("[data-role]");
    part?.focus({ preventScroll: true });
  }

  /** Show where a field is; the box stays for as long as something is wrong there. */
  pointOut(path) {
    const pointed = this.lines.get(JSON.stringify(path))?.element;
    for (const { element } of this.lines.values()) {
      element.classList.toggle("rc-field--marked", element === pointed);
    }
    pointed?.scrollIntoView({ block: "center" });
  }

  build(row, key, signature) {
    lines += 1;
    const id = `rc-field-${lines}`;
    const element = node("div", "rc-field", null, { "data-key": key, "data-kind": row.kind });
    element.classList.toggle("rc-field--absent", !row.set);
    element.style.setProperty("--rc-depth", row.depth);
    const line = { element, signature, row, id };
    line.refusal = node("p", "rc-field__problem", "", { role: "alert" });
    line.refusal.hidden = true;
    const head = node("div", "rc-field__head");
    line.mark = node("span", "rc-field__agrees", null, { role: "img" });
    head.append(...this.leading(line), ...this.names(line), line.mark, ...this.tools(line));
    line.control = row.set ? formControl(row, id) : null;
    line.problem = node("p", "rc-field__problem", "", { id: `${id}-problem` });
    line.cause = this.causeButton(line);
    line.remark = node("p", "rc-field__remark");
    line.fixed = node("p", "rc-field__note", "", { id: `${id}-fixed` });
    line.docs = node("div", "rc-field__docs");
    element.append(head);
    if (line.control) element.append(this.listen(line));
    if (!row.set && line.help) head.insertBefore(line.remark, line.help);
    else element.append(line.remark);
    element.append(line.fixed, line.refusal, line.problem, line.cause, line.docs);
    return line;
  }

  causeButton({ row }) {
    const button = node("button", "rc-text-button rc-field__cause", "Show the event", {
      type: "button",
      "aria-label": `Show the event that ${row.label} was refused in`,
      "data-role": "cause",
    });
    button.addEventListener("click", () => this.tell({ path: row.path, action: "cause" }));
    return button;
  }

  leading(line) {
    const { row } = line;
    if (!row.removable) return [];
    const { path } = row;
    const isEntry = row.renamable || typeof path.at(-1) === "number";
    if (isEntry) {
      const remove = iconButton("remove_circle_outline", `Remove ${row.label}`, () =>
        this.tell({ path, action: "leave_out" }));
      remove.dataset.role = "include";
      return [remove];
    }
    const box = node("input", "rc-field__include", null, {
      type: "checkbox",
      "aria-label": `Include ${row.label}`,
      "data-role": "include",
    });
    box.checked = row.set;
    box.addEventListener("change", () =>
      this.tell({ path, action: box.checked ? "include" : "leave_out" }));
    line.box = box;
    return [box];
  }

  names(line) {
    const { row, id } = line;
    if (row.renamable) {
      const name = node("input", "rc-field__rename", null, {
        type: "text",
        "aria-label": "Name of the entry",
        "data-role": "name",
      });
      name.value = row.label;
      takeWhole(name, this.limit, line.refusal);
      name.addEventListener("change", () =>
        this.tell({ path: row.path, action: "name", value: name.value }));
      return [name];
    }
    const hasControl = row.set && !["object", "list", "table", "null", "constant"].includes(row.kind);
    const name = node(hasControl ? "label" : "span", "rc-field__name");
    name.append(...words(row.label));
    if (hasControl) name.htmlFor = id;
    name.title = row.about;
    const parts = [name];
    if (row.required) parts.push(node("span", "rc-field__need", "required"));
    return parts;
  }

  tools(line) {
    const { row } = line;
    const { path } = row;
    const parts = [];
    if (row.set && row.variants.length) parts.push(this.variants(line));
    if (row.set && row.appendable) {
      const add = node("button", "rc-text-button", "Add", {
        type: "button",
        "aria-label": `Add to ${row.label}`,
        "data-role": "append",
      });
      add.addEventListener("click", () => this.tell({ path, action: "append" }));
      parts.push(add);
    }
    if (!row.set) parts.push(node("span", "rc-field__about", row.about));
    if (row.documented) {
      const help = iconButton("help_outline", `What is ${row.label}`, () =>
        this.tell({ path, action: "explain" }));
      help.classList.add("rc-field__help");
      help.dataset.role = "help";
      line.help = help;
      parts.push(help);
    }
    return parts;
  }

  variants(line) {
    const { row } = line;
    const select = node("select", "rc-select rc-field__variant", null, {
      "aria-label": `Kind of ${row.label}`,
      "data-role": "variant",
    });
    select.append(...row.variants.map((name, at) => node("option", "", name, { value: String(at) })));
    select.addEventListener("change", () =>
      this.tell({ path: row.path, action: "variant", value: Number(select.value) }));
    line.variant = select;
    return select;
  }

  listen(line) {
    const { row, control } = line;
    const { input } = control;
    if (!input) return control.element;
    const send = () => {
      clearTimeout(this.timers.get(input)?.timer);
      if (!this.timers.delete(input)) return;
      this.tell({ path: line.row.path, action: "set", value: control.read() });
    };
    const soon = () => {
      clearTimeout(this.timers.get(input)?.timer);
      this.timers.set(input, { timer: setTimeout(send, TELL_DELAY_MS) });
    };
    if (input.tagName === "SELECT") {
      input.addEventListener("change", () =>
        this.tell({ path: row.path, action: "set", value: control.read() }));
      return control.element;
    }
    takeWhole(input, this.limit, line.refusal);
    input.addEventListener("input", soon);
    input.addEventListener("change", send);
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
    });
    return control.element;
  }

  update(line, row) {
    line.row = row;
    const { control, variant, help, box } = line;
    if (box) box.checked = row.set; // an edit may have been refused
    if (variant) variant.value = String(row.variant);
    const input = control?.input;
    if (control && !this.timers.has(input) && document.activeElement !== input) showValue(control, row);
    if (input?.tagName === "SELECT") showValue(control, row);
    setText(line.problem, row.problem);
    line.problem.hidden = !row.problem;
    line.cause.hidden = !row.caused;
    this.tellBeside(line, row);
    line.element.classList.toggle("rc-field--wrong", Boolean(row.problem));
    if (!row.problem) line.element.classList.remove("rc-field--marked");
    if (input) {
      input.setAttribute("aria-invalid", String(Boolean(row.problem)));
      const told = row.problem ? "problem" : row.fixed ? "fixed" : "";
      if (told) input.setAttribute("aria-describedby", `${line.id}-${told}`);
      else input.removeAttribute("aria-describedby");
    }
    const isOpen = row.docs !== null;
    if (help) help.setAttribute("aria-expanded", String(isOpen));
    line.docs.hidden = !isOpen;
    if (isOpen && !line.docs.childNodes.length) {
      line.docs.append(node("p", "rc-field__about", row.about), prose(row.docs));
    }
  }

  /** What is told beside a field, and whether it can be edited now. */
  tellBeside(line, row) {
    const isMark = row.remark_kind === "agrees";
    setText(line.remark, isMark ? "" : (row.remark ?? ""));
    line.remark.hidden = isMark || !row.remark;
    line.remark.classList.toggle("rc-field__remark--differs", row.remark_kind === "differs");
    line.mark.hidden = !isMark;
    line.mark.title = isMark ? row.remark : "";
    line.mark.setAttribute("aria-label", line.mark.title);
    setText(line.fixed, row.fixed ?? "");
    line.fixed.hidden = !row.fixed;
    const edits = "[data-role]:not([data-role=help]):not([data-role=cause])";
    for (const each of line.element.querySelectorAll(edits)) each.disabled = Boolean(row.locked);
  }
}

/** A long name goes on in the next line after one of its "_". */
function words(name) {
  return name.split(/(?<=_)/).flatMap((word, at) => (at ? [document.createElement("wbr"), word] : [word]));
}
