// The tools of a session: a switch and a line for each.

export default {
  template: `
    <div class="rc-tool-list" role="list" aria-label="Tools of the session">
      <div v-for="tool in tools" :key="tool.name" class="rc-tool" role="listitem"
        :data-open="String(tool.name === open)">
        <input type="checkbox" role="switch" class="rc-tool__switch" :checked="tool.enabled"
          :aria-label="'Let the model call ' + tool.name"
          @change="choose(tool, $event.target)">
        <button type="button" class="rc-tool__open" :aria-expanded="String(tool.name === open)"
          @click="$emit('open', tool.name)">
          <span class="rc-tool__name">{{ tool.name }}</span>
          <span v-if="tool.own" class="rc-tool__own">yours</span>
          <span v-for="remark in tool.remarks" :key="remark" class="rc-tool__remark">{{ remark }}</span>
          <span class="rc-tool__about">{{ tool.about }}</span>
        </button>
      </div>
    </div>`,
  props: { tools: { type: Array, default: () => [] }, open: { type: String, default: "" } },
  emits: ["enable", "open"],
  methods: {
    // The switch shows what is so, not what is wanted: that may be refused.
    choose(tool, box) {
      const on = box.checked;
      box.checked = tool.enabled;
      this.$emit("enable", { name: tool.name, on });
    },
  },
};
