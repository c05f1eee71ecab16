// A button that reads a text file and tells what is in it; a file that is too large is not read.

import { icon } from "rc/dom.js";
import { fileText } from "rc/file_text.js";

export default {
  template: `
    <button class="rc-icon-button rc-text-file" type="button" :aria-label="label" :title="label"
      @click="$refs.file.click()">
      <input ref="file" type="file" :accept="accept" hidden @click.stop @change="read" />
    </button>`,
  props: { label: String, limit: Number, accept: String, icon: String },
  emits: ["read"],
  mounted() {
    this.$el.prepend(icon(this.icon));
  },
  methods: {
    async read() {
      const { file: input } = this.$refs;
      const [file] = input.files;
      input.value = ""; // the same file may be chosen again
      if (!file) return;
      const { name } = file;
      // A character has at most four bytes.
      const { text, why } = await fileText(file, this.limit * 4);
      if (why) this.$emit("read", { name, why });
      else this.$emit("read", text.length > this.limit ? { name, why: "size" } : { name, text });
    },
  },
};
