// Sound files that shall be the microphone: dropped anywhere onto the page, or chosen by a button.
// A picture that is dropped goes with the next message: it is handed on.

import { bus } from "rc/bus.js";
import { upload } from "rc/file_upload.js";

// What systems call sound is no guide to what can be read: the server looks at the content.
const ACCEPT = "audio/*,.wav,.flac,.mp3,.ogg,.oga,.opus,.aif,.aiff,.au,.caf";

const SOUND = "Drop a sound file: it becomes the microphone";
const PICTURE = "Drop the picture: it goes with your next message";

const isPicture = ({ type }) => type.startsWith("image/");
const hasFiles = (event) => Array.from(event.dataTransfer?.types ?? []).includes("Files");

export default {
  template: `
    <div class="rc-drop">
      <input ref="input" type="file" accept="${ACCEPT}" class="rc-drop__input" tabindex="-1"
        aria-hidden="true" data-rc-file @change="chosen" />
      <div v-show="isOver" class="rc-drop__veil" aria-hidden="true">
        <span class="rc-drop__words">{{ words }}</span>
      </div>
    </div>`,
  props: {
    session: { type: String, required: true },
    maxBytes: { type: Number, required: true },
  },
  emits: ["refused"],
  data: () => ({ isOver: false, words: SOUND }),

  mounted() {
    this.depth = 0;
    this.listeners = new AbortController();
    const options = { capture: true, signal: this.listeners.signal };
    const on = (type, handler) => document.addEventListener(type, handler, options);
    on("click", (event) => event.target.closest?.("[data-rc-choose-file]") && this.$refs.input.click());
    on("dragenter", (event) => this.entered(event));
    on("dragleave", (event) => this.left(event));
    // Without this the browser would open the file in place of the page.
    on("dragover", (event) => hasFiles(event) && event.preventDefault());
    on("drop", (event) => this.dropped(event));
  },

  unmounted() {
    this.listeners?.abort();
  },

  methods: {
    // Each element that the pointer crosses is entered and left: the page is left with the last.
    entered(event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.depth += 1;
      this.words = [...event.dataTransfer.items].some(isPicture) ? PICTURE : SOUND;
      this.isOver = true;
    },

    left(event) {
      if (!hasFiles(event)) return;
      this.depth = Math.max(0, this.depth - 1);
      this.isOver = this.depth > 0;
    },

    dropped(event) {
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.depth = 0;
      this.isOver = false;
      const files = Array.from(event.dataTransfer.files);
      if (files.length > 1) this.refuse("Drop one file at a time.");
      else if (files.length === 1 && isPicture(files[0])) bus(this.session).share("picture", files[0]);
      else if (files.length === 1) this.send(files[0]);
    },

    chosen() {
      const [file] = this.$refs.input.files;
      // The same file may be chosen again.
      this.$refs.input.value = "";
      if (file) this.send(file);
    },

    async send(file) {
      const path = `${window.path_prefix ?? ""}/rt/${this.session}/microphone`;
      const ifLost = "Folders cannot be; try the file again.";
      const sentence = await upload(file, path, { maxBytes: this.maxBytes, ifLost });
      if (sentence) this.refuse(sentence);
    },

    refuse(sentence) {
      this.$emit("refused", { sentence });
    },
  },
};
