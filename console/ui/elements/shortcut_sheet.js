// The sheet of all keys: one group for each place where they work.

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

export default {
  template: `
    <div class="rc-keys">
      <section v-for="group in groups" :key="group.title" class="rc-keys__group">
        <h3 class="rc-dialog__heading">{{ group.title }}</h3>
        <dl class="rc-keys__list">
          <div v-for="row in group.rows" :key="row.words" class="rc-keys__row">
            <dt class="rc-keys__keys"><template v-for="(chord, at) in row.keys" :key="at"><span
              v-if="at && row.between" class="rc-keys__between">{{ row.between }}</span><span
              class="rc-keys__chord"><kbd v-for="key in chord" :key="key" class="rc-keys__key">{{
              named(key) }}</kbd></span></template></dt>
            <dd class="rc-keys__words">{{ row.words }}</dd>
          </div>
        </dl>
      </section>
    </div>`,
  props: { groups: { type: Array, default: () => [] } },
  methods: {
    named: (key) => (IS_MAC && key === "Ctrl" ? "⌘" : key),
  },
};
