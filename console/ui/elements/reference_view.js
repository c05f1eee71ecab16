// The reference: a list of all events beside the one that is open.

import { icon, node, setText } from "rc/dom.js";
import { SOURCES } from "rc/event_rows.js";
import { jsonTree } from "rc/json_tree.js";
import { prose } from "rc/prose.js";

const MARKED = "rc-fields__term--marked";
const SENDERS = { client: "Sent by the client", server: "Sent by the server" };

export default {
  template: `
    <div class="rc-reference">
      <nav class="rc-reference__list" aria-label="Events of the protocol">
        <label class="rc-filter rc-reference__search">
          <i class="rc-icon" data-icon="search" aria-hidden="true"></i>
          <input ref="search" type="search" placeholder="Find an event or a word"
            aria-label="Find an event" spellcheck="false" autocomplete="off" @input="filter"
            @keydown.down.prevent="step(1)">
        </label>
        <div class="rc-reference__types" ref="types" @keydown="key"></div>
        <p class="rc-reference__none" ref="none" role="status" hidden>No event has this in its
          name or in what it is for.</p>
      </nav>
      <article class="rc-reference__page" ref="page" tabindex="-1" aria-live="off"></article>
    </div>`,
  props: {
    events: { type: Array, default: () => [] },
    seen: { type: Object, default: () => ({}) },
    page: { type: Object, default: null },
    open: { type: String, default: "" },
    // The path of the field that is pointed out.
    field: { type: String, default: "" },
  },
  emits: ["chosen", "compose"],
  mounted() {
    this.fill();
    this.showPage();
  },
  watch: {
    seen() {
      this.count();
    },
    // Each update of the page brings all of them anew: what is open stays as it was left.
    page(page) {
      if (page?.type !== this.shownType) this.showPage();
    },
    // After it is seen, or there is nothing to scroll.
    open: { handler: "revealOpen", flush: "post" },
    // After `page`, which may come with it.
    field: { handler: "pointOut", flush: "post" },
  },
  methods: {
    fill() {
      this.buttons = this.events.map((event) => this.button(event));
      const parts = [];
      for (const [sender, title] of Object.entries(SENDERS)) {
        const mine = this.buttons.filter((each) => each.event.sender === sender);
        const group = node("div", "rc-reference__group", null, { role: "group", "aria-label": title });
        group.append(node("h3", "rc-reference__head", title), ...mine.map((each) => each.element));
        parts.push(group);
      }
      this.$refs.types.replaceChildren(...parts);
      this.count();
      this.mark(true);
    },
    button(event) {
      const element = node("button", "rc-reference__type", null, {
        type: "button",
        title: event.about,
        "data-source": event.sender,
      });
      const arrow = icon(SOURCES[event.sender]);
      const seen = node("span", "rc-reference__seen");
      element.append(arrow, node("span", "rc-reference__name", event.type), seen);
      element.addEventListener("click", () => this.$emit("chosen", event.type));
      return { element, event, seen };
    },
    count() {
      for (const { event, seen } of this.buttons) {
        const times = this.seen[event.type];
        setText(seen, times ? `${times.toLocaleString("en")}×` : "");
        if (times) seen.title = `Seen ${times} times in this session`;
      }
      if (this.times) setText(this.times, this.seenWords());
    },
    seenWords() {
      const times = this.seen[this.page?.type] ?? 0;
      if (!times) return "Not seen in this session yet";
      return times === 1 ? "Seen once in this session" : `Seen ${times.toLocaleString("en")} times in this session`;
    },
    revealOpen() {
      this.mark(true);
    },
    mark(reveals) {
      for (const { element, event } of this.buttons) {
        const isOpen = event.type === this.open;
        if (isOpen) element.setAttribute("aria-current", "true");
        else element.removeAttribute("aria-current");
        if (isOpen && reveals) element.scrollIntoView({ block: "nearest" });
      }
    },
    filter() {
      const wanted = this.$refs.search.value.trim().toLowerCase();
      for (const { element, event } of this.buttons) {
        element.hidden = !`${event.type} ${event.about}`.toLowerCase().includes(wanted);
      }
      const shown = this.buttons.filter(({ element }) => !element.hidden);
      this.$refs.none.hidden = shown.length > 0;
      for (const group of this.$refs.types.children) {
        group.hidden = !group.querySelector("button:not([hidden])");
      }
    },
    step(by) {
      const shown = this.buttons.map((each) => each.element).filter((each) => !each.hidden);
      const at = shown.indexOf(document.activeElement);
      const next = shown[Math.max(0, Math.min(shown.length - 1, at + by))];
      (at + by < 0 ? this.$refs.search : next)?.focus();
    },
    key(event) {
      const moves = { ArrowDown: 1, ArrowUp: -1 };
      if (!moves[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.step(moves[event.key]);
    },
    showPage() {
      const { page } = this.$refs;
      page.scrollTop = 0;
      this.shownType = this.page?.type;
      if (!this.page) {
        page.replaceChildren(node("p", "rc-reference__none", "Choose an event to read what it is for."));
        return;
      }
      const { type, sender, text, fields, example } = this.page;
      const head = node("div", "rc-reference__title");
      const title = node("h3", "rc-reference__heading", null, { "data-source": sender });
      title.append(icon(SOURCES[sender]), node("span", "", type));
      head.append(title);
      if (sender === "client") head.append(this.composeButton(type));
      const facts = node("p", "rc-reference__facts", `${SENDERS[sender]}. `);
      this.times = node("span", "", this.seenWords());
      facts.append(this.times);
      page.replaceChildren(head, facts, prose(text));
      if (fields.length) page.append(node("h4", "rc-reference__part", "Fields"), fieldList(fields));
      page.append(node("h4", "rc-reference__part", "Example"), jsonTree(example));
      this.pointOut();
    },
    /** Open what the field is inside of and mark it; where the path leads nowhere, its last step. */
    pointOut() {
      const { page } = this.$refs;
      page.querySelector(`.${MARKED}`)?.classList.remove(MARKED);
      let lists = [...page.querySelectorAll(":scope > .rc-fields")];
      let found = null;
      for (const name of this.field.split(".").filter((each) => each && !/^\d+$/.test(each))) {
        const term = lists.flatMap((list) => [...list.children]).find(({ dataset }) => dataset.name === name);
        lists = term ? listsInside(term) : [];
        found = term ?? found;
      }
      if (!found) return;
      found.classList.add(MARKED);
      const inner = found.nextElementSibling.querySelector(":scope > details");
      if (inner) inner.open = true;
      for (let fold = found.closest("details"); fold; fold = fold.parentElement.closest("details")) {
        fold.open = true;
      }
      found.scrollIntoView({ block: "start" });
    },
    composeButton(type) {
      const button = node("button", "rc-text-button", "Compose", {
        type: "button",
        "aria-label": `Compose ${type}`,
      });
      button.addEventListener("click", () => this.$emit("compose", type));
      return button;
    },
  },
};

// What builds the inside of a fold.
const fillers = new WeakMap();

function fieldList(fields) {
  const list = node("dl", "rc-fields");
  for (const field of fields) {
    const term = node("dt", "rc-fields__term", null, { "data-name": field.name });
    term.append(node("code", "rc-fields__name", field.name), node("span", "rc-fields__about", field.about));
    if (field.required) term.append(node("span", "rc-fields__need", "required"));
    if (field.default !== null) {
      term.append(node("span", "rc-fields__need", `default ${JSON.stringify(field.default)}`));
    }
    const told = node("dd", "rc-fields__told");
    if (field.text.length) told.append(prose(field.text));
    told.append(...field.inside.map((each) => inside(each, field)));
    list.append(term, told);
  }
  return list;
}

/** The fields of an object, built when they are looked at: some events hold hundreds. */
function inside({ label, text, fields }, field) {
  const fold = node("details", "rc-fields__inside");
  const words = field.inside.length > 1 ? label : `Fields of ${field.name}`;
  fold.append(node("summary", "rc-fields__fold", `${words} (${fields.length})`));
  fillers.set(fold, () => {
    if (fold.childNodes.length === 1) fold.append(prose(text), fieldList(fields));
    return fold.lastChild;
  });
  fold.addEventListener("toggle", () => fold.open && fillers.get(fold)());
  return fold;
}

/** The lists of fields inside a field, which are built if they were not. */
function listsInside(term) {
  const folds = [...term.nextElementSibling.children].filter((each) => fillers.has(each));
  return folds.map((fold) => fillers.get(fold)());
}
