// Shows one JSON value that Python sets.

import { jsonTree } from "rc/json_tree.js";

export default {
  template: `<div class="rc-json-view"></div>`,
  props: { value: null },
  mounted() {
    this.show();
  },
  watch: {
    value() {
      this.show();
    },
  },
  methods: {
    show() {
      this.$el.replaceChildren(jsonTree(this.value));
    },
  },
};
