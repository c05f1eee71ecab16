// Two panes and the line between them, which is moved by mouse, by finger and by key.

const STEP = 2;
const KEYS = { across: ["ArrowLeft", "ArrowRight"], down: ["ArrowUp", "ArrowDown"] };

export default {
  template: `
    <q-splitter :model-value="at" :limits="limits" :horizontal="horizontal"
      @update:model-value="move">
      <template v-slot:before><slot name="before"></slot></template>
      <template v-slot:after><slot name="after"></slot></template>
    </q-splitter>`,
  props: {
    modelValue: Number,
    limits: Array,
    horizontal: Boolean,
    label: String,
    // What each element with a value is told.
    loopback: Boolean,
  },
  emits: ["update:modelValue"],
  data() {
    return { at: this.modelValue };
  },
  mounted() {
    this.line = this.$el.querySelector(":scope > .q-splitter__separator");
    const [lowest, highest] = this.limits;
    const attributes = {
      role: "separator",
      tabindex: "0",
      "aria-label": this.label,
      "aria-orientation": this.horizontal ? "horizontal" : "vertical",
      "aria-valuemin": lowest,
      "aria-valuemax": highest,
    };
    for (const [name, value] of Object.entries(attributes)) this.line.setAttribute(name, value);
    this.line.addEventListener("keydown", (event) => this.key(event));
    this.tell();
  },
  watch: {
    modelValue(value) {
      this.at = value;
    },
    at: "tell",
  },
  methods: {
    tell() {
      this.line.setAttribute("aria-valuenow", Math.round(this.at));
    },
    move(at) {
      const [lowest, highest] = this.limits;
      const next = Math.min(highest, Math.max(lowest, at));
      if (next === this.at) return;
      this.at = next;
      this.$emit("update:modelValue", next);
    },
    key(event) {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      const [lowest, highest] = this.limits;
      const [back, on] = this.horizontal ? KEYS.down : KEYS.across;
      const to = {
        [back]: this.at - STEP,
        [on]: this.at + STEP,
        Home: lowest,
        End: highest,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      this.move(to);
    },
  },
};
