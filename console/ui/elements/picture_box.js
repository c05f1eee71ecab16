// The picture that goes with the next message: chosen by a button, pasted, or dropped onto the page.

import { bus } from "rc/bus.js";
import { upload } from "rc/file_upload.js";

// The server looks at the content; this is what the file dialog offers.
const ACCEPT = "image/png,image/jpeg";

export default {
  template: `
    <div class="rc-picture">
      <input ref="input" type="file" accept="${ACCEPT}" hidden data-rc-picture @change="chosen" />
      <button class="rc-icon-button rc-picture__attach" type="button" aria-label="Attach a picture"
        title="Attach a picture: PNG or JPEG; it can be pasted or dropped, too" @click="$refs.input.click()">
        <i class="rc-icon" data-icon="add_photo_alternate" aria-hidden="true"></i>
      </button>
      <span v-if="number" class="rc-picture__chip" :title="name">
        <img class="rc-picture__image" :src="url" :alt="'Attached: ' + name" />
        <button class="rc-picture__remove" type="button" :aria-label="'Remove ' + name"
          title="Remove the picture" @click="$emit('removed')">
          <i class="rc-icon" data-icon="close" aria-hidden="true"></i>
        </button>
      </span>
    </div>`,
  props: {
    session: { type: String, required: true },
    maxBytes: { type: Number, required: true },
    name: { type: String, default: "" },
    number: { type: Number, default: 0 },
  },
  emits: ["refused", "removed"],

  computed: {
    path() {
      return `${window.path_prefix ?? ""}/rt/${this.session}/picture`;
    },
    url() {
      return `${this.path}?number=${this.number}`;
    },
  },

  mounted() {
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    document.addEventListener("paste", (event) => this.pasted(event), { signal });
    this.stop = bus(this.session).on("picture", (file) => this.send(file)); // it was dropped
  },

  unmounted() {
    this.listeners?.abort();
    this.stop?.();
  },

  methods: {
    chosen() {
      const [file] = this.$refs.input.files;
      this.$refs.input.value = ""; // the same file may be chosen again
      if (file) this.send(file);
    },

    // Text that is copied together with its picture, as spreadsheets do it, is pasted as text.
    pasted(event) {
      const { files, types } = event.clipboardData ?? { files: [], types: [] };
      const file = [...files].find((each) => each.type.startsWith("image/"));
      if (!file || types.includes("text/plain")) return;
      event.preventDefault();
      this.send(file);
    },

    async send(file) {
      const sentence = await upload(file, this.path, {
        maxBytes: this.maxBytes,
        ifTooLarge: "Scale it down.",
        ifLost: "Try it again.",
      });
      if (sentence) this.$emit("refused", { sentence });
    },
  },
};
