// A row of tabs: a click chooses, the arrow keys go from one to the next.

const STEPS = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };

export default {
  template: `
    <div class="rc-tab-row" role="tablist" :aria-label="label" @keydown="move">
      <button v-for="name in names" :key="name" class="rc-tab" type="button" role="tab"
        :data-name="name" :aria-selected="String(name === chosen)" :tabindex="name === chosen ? 0 : -1"
        @click="$emit('chosen', name)">{{ name }}<template v-if="marks[name]">{{ " " }}<span
        class="rc-tab__mark" :title="marks[name][1]">{{ marks[name][0] }}</span></template></button>
    </div>`,
  props: {
    label: String,
    names: { type: Array, default: () => [] },
    chosen: String,
    marks: { type: Object, default: () => ({}) },
  },
  emits: ["chosen"],
  watch: {
    chosen: { handler: "reveal", flush: "post" },
  },
  methods: {
    // In the middle of a row that is wider than the screen, so that its neighbours can be reached.
    reveal() {
      const tab = this.$el.querySelector('[aria-selected="true"]');
      tab?.scrollIntoView({ block: "nearest", inline: "center" });
    },
    // Focus alone goes along: what a tab shows may have to be read first.
    move(event) {
      const tabs = [...this.$el.children];
      const at = tabs.indexOf(document.activeElement);
      const to = event.key in STEPS ? at + STEPS[event.key] : { Home: 0, End: -1 }[event.key];
      if (at < 0 || to === undefined) return;
      event.preventDefault();
      tabs.at(to % tabs.length).focus();
    },
  },
};
