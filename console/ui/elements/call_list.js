// Calls of tools: what was asked, what came of it, and what to do about one that waits.

import { clockOfDay, duration } from "rc/format.js";
import { oneLine } from "rc/item_tools.js";

export default {
  template: `
    <ol class="rc-calls" :aria-label="label">
      <li v-for="call in calls" :key="call.id" class="rc-lab-call" :data-status="call.status">
        <div class="rc-lab-call__head">
          <span class="rc-lab-call__name">{{ call.name }}</span>
          <span class="rc-lab-call__note">{{ note(call) }}</span>
          <span class="rc-lab-call__state">{{ state(call) }}</span>
          <time class="rc-lab-call__time">{{ time(call) }}</time>
        </div>
        <pre class="rc-lab-call__data" role="group" tabindex="0" :aria-label="'Arguments of ' + call.name">{{ oneLine(call.arguments) }}</pre>
        <pre v-if="call.result" class="rc-lab-call__data rc-lab-call__data--result" role="group" tabindex="0"
          :aria-label="'Result of ' + call.name">{{ call.result }}</pre>
        <p v-if="call.error" class="rc-lab-call__error">{{ call.error }}</p>
        <div v-if="decides && call.status === 'waiting'" class="rc-lab-call__decide">
          <button type="button" class="rc-text-button" @click="$emit('approve', call.id)">Approve</button>
          <button type="button" class="rc-text-button" @click="$emit('refuse', call.id)">Refuse</button>
          <button type="button" class="rc-text-button" :aria-expanded="String(call.id in answers)"
            @click="toggle(call.id)">Answer by hand</button>
        </div>
        <div v-if="decides && call.status === 'waiting' && call.id in answers" class="rc-lab-call__answer">
          <textarea class="rc-field__input" rows="3" spellcheck="false" aria-label="Answer as JSON"
            :aria-invalid="String(call.id in problems)" v-model="answers[call.id]"></textarea>
          <button type="button" class="rc-text-button"
            @click="$emit('answer', { id: call.id, text: answers[call.id] })">Send answer</button>
        </div>
        <p v-if="problems[call.id]" class="rc-lab-call__error" role="alert">{{ problems[call.id] }}</p>
        <button v-if="decides && (call.status === 'done' || call.status === 'failed')" type="button"
          class="rc-lab-call__again" @click="$emit('reuse', call.id)">Try with these arguments</button>
      </li>
    </ol>`,
  props: {
    label: String,
    calls: { type: Array, default: () => [] },
    problems: { type: Object, default: () => ({}) },
    // Without it calls are looked at only.
    decides: Boolean,
  },
  emits: ["approve", "refuse", "answer", "reuse"],
  data: () => ({ answers: {} }),
  methods: {
    oneLine,
    time: (call) => clockOfDay(call.at),
    note(call) {
      const tried = this.decides ? "tried by you" : "tried by hand";
      return [call.caller === "you" ? tried : "", call.remark].filter(Boolean).join(", ");
    },
    state(call) {
      if (call.status === "waiting") return this.decides ? "waits for you" : "waits for a decision";
      if (call.status === "running") return "running";
      const took = duration(call.ms);
      return call.status === "failed" ? `failed, ${took}` : took;
    },
    toggle(id) {
      if (id in this.answers) delete this.answers[id];
      else this.answers[id] = "{}";
    },
  },
};
