// A text of JSON that is typed: told soon after the last key, and before anything else is done.

import { takeWhole } from "rc/whole_text.js";

const TELL_DELAY_MS = 250;

export default {
  template: `
    <div class="rc-json-box">
      <textarea ref="text" class="rc-json-text" spellcheck="false" autocomplete="off"
        autocapitalize="off" :aria-label="label" :aria-invalid="invalid" :readonly="readonly"
        @input="typed" @change="tell" @blur="tell" @keydown="key"></textarea>
      <p ref="refusal" class="rc-field__problem" role="alert"></p>
    </div>`,
  props: {
    label: String,
    shown: { type: Object, default: () => ({ text: "", revision: 0 }) },
    invalid: { type: Boolean, default: false },
    readonly: { type: Boolean, default: false },
    limit: Number,
  },
  emits: ["typed"],
  mounted() {
    this.revision = this.shown.revision;
    this.$refs.text.value = this.shown.text;
    takeWhole(this.$refs.text, this.limit, this.$refs.refusal);
  },
  unmounted() {
    clearTimeout(this.timer);
  },
  watch: {
    shown({ text, revision }) {
      // Each update of the page brings it anew: only another revision replaces what was typed.
      if (revision === this.revision) return;
      this.revision = revision;
      clearTimeout(this.timer);
      this.isTold = true;
      if (this.$refs.text.value !== text) this.$refs.text.value = text;
      this.$refs.refusal.hidden = true;
    },
  },
  methods: {
    typed() {
      this.isTold = false;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.tell(), TELL_DELAY_MS);
    },
    tell() {
      clearTimeout(this.timer);
      if (this.isTold !== false) return;
      this.isTold = true;
      this.$emit("typed", this.$refs.text.value);
    },
    key(event) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.tell();
    },
  },
};
