// What is remembered, line by line, to be changed; and what is done with all of it.

import { fileText } from "rc/file_text.js";

const MAX_FILE_BYTES = 400_000;

export default {
  template: `
    <div class="rc-memory-editor">
      <ul class="rc-memory-editor__lines" aria-label="Memories">
        <li v-for="entry in entries" :key="entry.key" class="rc-memory-editor__line">
          <input class="rc-field__input" type="text" maxlength="64" :aria-label="'Name of ' + entry.key"
            :value="draft(entry).name" @input="keep(entry, 'name', $event)" @change="send(entry)">
          <textarea class="rc-field__input" rows="1" spellcheck="false"
            :aria-label="(entry.json ? 'JSON of ' : 'Value of ') + entry.key"
            :aria-invalid="String(problem.key === entry.key)"
            :value="draft(entry).text" @input="keep(entry, 'text', $event)" @change="send(entry)"></textarea>
          <button class="rc-icon-button" type="button" :aria-label="'Forget ' + entry.key"
            :title="'Forget ' + entry.key" @click="$emit('remove', entry.key)"><i class="rc-icon"
            data-icon="remove_circle_outline" aria-hidden="true"></i></button>
          <p v-if="problem.key === entry.key" class="rc-field__problem" role="alert">{{ problem.sentence }}</p>
        </li>
      </ul>
      <form class="rc-memory-editor__line" aria-label="New memory" @submit.prevent="add">
        <input class="rc-field__input" type="text" maxlength="64" placeholder="name" aria-label="Name of a new memory" v-model="fresh.name">
        <textarea class="rc-field__input" rows="1" spellcheck="false" placeholder="what to remember"
          aria-label="Value of a new memory" v-model="fresh.text"></textarea>
        <button class="rc-icon-button" type="submit" aria-label="Remember this" title="Remember this"><i
          class="rc-icon" data-icon="add_circle_outline" aria-hidden="true"></i></button>
      </form>
      <p v-if="problem.sentence && !entries.some((each) => each.key === problem.key)"
        class="rc-field__problem" role="alert">{{ problem.sentence }}</p>
      <div class="rc-memory-editor__all">
        <button class="rc-text-button" type="button" @click="$refs.file.click()">Import</button>
        <button class="rc-text-button" type="button" @click="$emit('export', null)">Export</button>
        <button class="rc-text-button" type="button" :disabled="!entries.length" @click="clear">{{
          isSure ? "Really forget all" : "Forget all" }}</button>
        <input ref="file" type="file" accept="application/json,.json" hidden @change="read">
      </div>
      <label class="rc-memory-editor__choice"><input type="checkbox" :checked="kept"
        @change="$emit('keep', $event.target.checked)"><span>Keep for me, {{ where }}</span></label>
      <label class="rc-memory-editor__choice"><input type="checkbox" :checked="offered"
        @change="$emit('offer', $event.target.checked)"><span>Tell the model, in its instructions</span></label>
      <p v-if="remark" class="rc-memory-editor__remark">{{ remark }}</p>
    </div>`,
  props: {
    entries: { type: Array, default: () => [] },
    kept: Boolean,
    offered: Boolean,
    where: String,
    remark: String,
    problem: { type: Object, default: () => ({ key: "", sentence: "" }) },
    added: Number,
  },
  emits: ["set", "remove", "clear", "import", "refused", "export", "keep", "offer"],
  data: () => ({ drafts: {}, fresh: { name: "", text: "" }, isSure: false }),
  watch: {
    // What was typed stays until it is remembered so, or the memory is gone.
    entries(entries) {
      const present = new Map(entries.map((each) => [each.key, each]));
      for (const [key, draft] of Object.entries(this.drafts)) {
        const entry = present.get(key);
        if (!entry || (entry.text === draft.text && key === draft.name)) delete this.drafts[key];
      }
      this.isSure = false;
    },
    added() {
      this.fresh = { name: "", text: "" };
    },
  },
  methods: {
    draft(entry) {
      return this.drafts[entry.key] ?? { name: entry.key, text: entry.text };
    },
    keep(entry, part, event) {
      this.drafts[entry.key] = { ...this.draft(entry), [part]: event.target.value };
    },
    send(entry) {
      this.$emit("set", { key: entry.key, ...this.draft(entry) });
    },
    add() {
      this.$emit("set", { key: null, ...this.fresh });
    },
    clear() {
      if (this.isSure) this.$emit("clear", null);
      this.isSure = !this.isSure;
    },
    async read(event) {
      const [file] = event.target.files;
      event.target.value = ""; // the same file again is a change, too
      if (!file) return;
      const { text, why } = await fileText(file, MAX_FILE_BYTES);
      if (why) this.$emit("refused", { why, size: file.size });
      else this.$emit("import", text);
    },
  },
};
