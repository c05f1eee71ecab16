// The form of a value: Python says which lines there are, this draws them and tells the edits.

import { FormLines } from "rc/form_lines.js";

export default {
  template: `<div class="rc-form" role="group" :aria-label="label"></div>`,
  props: { label: String, rows: { type: Array, default: () => [] }, limit: Number },
  emits: ["edit"],
  mounted() {
    this.lines = new FormLines(this.$el, (edit) => this.$emit("edit", edit), this.limit);
    this.lines.show(this.rows);
  },
  unmounted() {
    this.lines.stop();
  },
  methods: {
    pointOut(path) {
      this.lines.pointOut(path);
    },
  },
  watch: {
    rows(rows) {
      this.lines.show(rows);
    },
  },
};
