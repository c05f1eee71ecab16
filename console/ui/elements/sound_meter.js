// A level meter of a microphone or speaker that the voice element of the page owns.

import { bus } from "rc/bus.js";
import { LevelMeter } from "rc/level_meter.js";
import { voiceOf } from "rc/voice_parts.js";

export default {
  template: `
    <div class="rc-meter" :class="which === 'microphone' ? 'rc-meter--client' : 'rc-meter--server'" role="meter"
      :aria-label="which === 'microphone' ? 'Microphone level' : 'Speaker level'"
      aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"></div>`,
  props: {
    session: { type: String, required: true },
    which: { type: String, required: true },
  },

  mounted() {
    const voice = voiceOf(this.session);
    this.meter = new LevelMeter(this.$el, () => voice.parts?.[this.which].analyser ?? null);
    this.listeners = new AbortController();
    const isOn = this.which === "microphone" ? "isHearing" : "isSounding";
    const follow = () => this.meter.set(voice.parts?.[isOn] ?? false);
    voice.addEventListener("change", follow, { signal: this.listeners.signal });
    follow();
    this.off = bus(this.session).on("levels", ({ [this.which]: levels }) => levels !== undefined && this.meter.take(levels));
  },

  unmounted() {
    this.off();
    this.listeners.abort();
    this.meter.stop();
  },
};
