// A choice from groups of names, as the browser draws it; or a menu whose choice does something.

import { node } from "rc/dom.js";

const TEXT_CONTROLS = "textarea, input[type=text]";

export default {
  template: `
    <select class="rc-select" :aria-label="label" :title="label" @change="choose"></select>`,
  props: {
    label: String,
    groups: { type: Array, default: () => [] },
    value: { type: String, default: "" },
    prompt: { type: String, default: "" },
    inserts: { type: Boolean, default: false },
  },
  emits: ["chosen"],
  mounted() {
    this.fill();
    if (!this.inserts) return;
    // Where text goes is the field that was written in last.
    this.scope = this.$el.closest("[data-rc-inserts]");
    this.noteTarget = ({ target }) => {
      if (target.matches(TEXT_CONTROLS)) this.target = target;
    };
    this.scope?.addEventListener("focusin", this.noteTarget);
  },
  unmounted() {
    this.scope?.removeEventListener("focusin", this.noteTarget);
  },
  watch: {
    groups() {
      // Each update of the page brings them anew; an open list must not be built again.
      if (JSON.stringify(this.groups) !== this.filled) this.fill();
    },
    value() {
      this.$el.value = this.value;
    },
  },
  methods: {
    fill() {
      this.filled = JSON.stringify(this.groups);
      const parts = this.prompt ? [node("option", "", this.prompt, { value: "" })] : [];
      for (const { label, options } of this.groups) {
        const group = node("optgroup", "", null, { label });
        group.append(...options.map(([value, text]) => node("option", "", text, { value })));
        parts.push(label ? group : [...group.childNodes]);
      }
      this.$el.replaceChildren(...parts.flat());
      this.$el.value = this.value;
    },
    choose() {
      const chosen = this.$el.value;
      if (this.prompt) this.$el.value = this.value;
      if (!chosen) return;
      if (this.inserts) this.insert(chosen);
      else this.$emit("chosen", chosen);
    },
    insert(text) {
      const { target } = this;
      if (!target?.isConnected) return;
      target.setRangeText(text, target.selectionStart, target.selectionEnd, "end");
      target.dispatchEvent(new Event("input", { bubbles: true }));
      target.focus();
    },
  },
};
