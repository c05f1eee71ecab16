// A text of JSON that is typed: told soon after the last key, and before anything else is done.

const TELL_DELAY_MS = 250;

export default {
  template: `
    <textarea class="rc-json-text" spellcheck="false" autocomplete="off" autocapitalize="off"
      :aria-label="label" :aria-invalid="invalid" :maxlength="limit"
      @input="typed" @change="tell" @blur="tell" @keydown="key"></textarea>`,
  props: {
    label: String,
    shown: { type: Object, default: () => ({ text: "", revision: 0 }) },
    invalid: { type: Boolean, default: false },
    limit: Number,
  },
  emits: ["typed"],
  mounted() {
    this.revision = this.shown.revision;
    this.$el.value = this.shown.text;
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
      if (this.$el.value !== text) this.$el.value = text;
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
      this.$emit("typed", this.$el.value);
    },
    key(event) {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.tell();
    },
  },
};
