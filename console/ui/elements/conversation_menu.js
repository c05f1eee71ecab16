// A button with what can be done with the whole conversation: copy it, or save it as a file.

import { icon, iconButton, node, relabel } from "rc/dom.js";

const COPIED_MS = 2000;
const COPIES = [
  ["md", "Copy as Markdown"],
  ["txt", "Copy as text"],
];
const FILES = [
  ["md", "Save as Markdown"],
  ["txt", "Save as text"],
  ["srt", "Save as subtitles (SRT)"],
  ["json", "Save as JSON"],
];

/** Put text onto the clipboard; where the browser gives none to a page, by selecting it. */
async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = node("textarea", "rc-sr-only", null, { "aria-hidden": "true" });
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  if (!isCopied) throw new Error("the browser does not let this page copy");
}

export class ConversationMenu {
  /**
   * @param {(kind: string) => string} urlOf where the conversation is in a form
   * @param {(words: string) => void} tell says what came of it, to be read aloud and seen
   */
  constructor(urlOf, tell) {
    this.urlOf = urlOf;
    this.tell = tell;
    this.element = node("div", "rc-menu");
    this.button = iconButton("ios_share", "Copy or save the conversation", () => this.toggle());
    this.button.setAttribute("aria-haspopup", "menu");
    this.list = node("div", "rc-menu__list", null, { role: "menu", hidden: "" });
    this.list.append(
      ...COPIES.map(([kind, words]) => this.entry("content_copy", words, () => this.copy(kind))),
      ...FILES.map(([kind, words]) => this.link(kind, words)),
    );
    this.element.append(this.button, this.list);
    this.show(false);
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    document.addEventListener("pointerdown", (event) => this.element.contains(event.target) || this.show(false), { signal });
    this.element.addEventListener("keydown", (event) => this.keyDown(event));
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      if (relatedTarget && !this.element.contains(relatedTarget)) this.show(false);
    });
  }

  stop() {
    this.listeners.abort();
    clearTimeout(this.copied);
  }

  entry(sign, words, act) {
    const button = node("button", "rc-menu__entry", null, { type: "button", role: "menuitem" });
    button.append(icon(sign), words);
    button.addEventListener("click", () => {
      this.show(false);
      this.button.focus();
      act();
    });
    return button;
  }

  link(kind, words) {
    const link = node("a", "rc-menu__entry", null, { role: "menuitem", download: "", "data-kind": kind });
    link.append(icon("download"), words);
    link.addEventListener("click", () => this.show(false));
    return link;
  }

  toggle() {
    this.show(this.list.hidden);
    if (!this.list.hidden) this.list.firstChild.focus();
  }

  show(isOpen) {
    this.list.hidden = !isOpen;
    // The address may have a prefix that is not known when the page is built.
    for (const each of this.list.querySelectorAll("a")) each.href = this.urlOf(each.dataset.kind);
    this.button.setAttribute("aria-expanded", String(isOpen));
  }

  keyDown(event) {
    const entries = [...this.list.children];
    const at = entries.indexOf(document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape" && !this.list.hidden) {
      this.show(false);
      this.button.focus();
    } else if (to !== undefined && !this.list.hidden) entries.at(to % entries.length).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  async copy(kind) {
    try {
      const answer = await fetch(this.urlOf(kind));
      if (!answer.ok) throw new Error((await answer.json()).detail);
      await copy(await answer.text());
    } catch (error) {
      console.warn("the conversation was not copied:", error);
      this.tell("The conversation could not be copied: save it instead.");
      return;
    }
    this.tell("The conversation is copied.");
    relabel(this.button, "check", "Copied");
    this.copied = setTimeout(() => relabel(this.button, "ios_share", "Copy or save the conversation"), COPIED_MS);
  }
}
