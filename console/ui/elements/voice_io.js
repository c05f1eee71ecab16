// Sound of one console session: microphone, speaker, push-to-talk, level meters.
//
// Chunks go from the capture worklet to the worker and from the worker to the playback worklet; this
// element only makes the parts and joins them. Buttons of the page are found by selector, since what
// the browser allows must be asked for inside their click.

import { bus } from "rc/bus.js";
import { LevelMeter } from "rc/level_meter.js";
import { Microphone } from "rc/microphone.js";
import { PushToTalk } from "rc/push_to_talk.js";
import { Speaker } from "rc/speaker.js";

export default {
  template: `
    <div class="rc-voice">
      <div ref="microphoneMeter" class="rc-meter rc-meter--client" role="meter" aria-label="Microphone level"
        aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"><i v-for="n in 10" :key="n"></i></div>
      <div ref="speakerMeter" class="rc-meter rc-meter--server" role="meter" aria-label="Speaker level"
        aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"><i v-for="n in 10" :key="n"></i></div>
    </div>`,
  props: {
    session: { type: String, required: true },
    connectSelector: { type: String, required: true },
    talkSelector: { type: String, required: true },
    processing: { type: Boolean, default: true },
    chunkMs: { type: Number, default: 30 },
  },
  emits: ["sound"],

  async mounted() {
    // NiceGUI sets `path_prefix` after its elements are mounted.
    await this.$nextTick();
    this.line = bus(this.session);
    this.mode = "off";
    this.isBrowserSound = true;
    this.pressedAt = null;
    this.makeParts(`${window.path_prefix ?? ""}/assets`);
    this.offs = [
      this.line.on("state", (change) => this.lineChanged(change)),
      this.line.on("welcome", (welcome) => this.welcomed(welcome)),
      this.line.on("capture", ({ mode }) => this.captureSet(mode)),
      // Also when nobody clicked yet: then the page asks for a click, and the sound waits for it.
      this.line.on("sounding", () => this.resume()),
    ];
    this.listeners = new AbortController();
    const options = { capture: true, signal: this.listeners.signal };
    document.addEventListener("click", (event) => this.clicked(event), options);
    // Any sign of the user will do to let a blocked speaker sound.
    for (const type of ["pointerup", "keydown"]) document.addEventListener(type, () => this.unblock(), options);
    this.talk.listen();
  },

  unmounted() {
    this.talk?.stop();
    this.listeners?.abort();
    for (const off of this.offs ?? []) off();
    this.microphone?.close();
    this.speaker?.close();
    this.microphoneMeter?.stop();
    this.speakerMeter?.stop();
    this.line?.detach("capture");
    this.line?.detach("playback");
  },

  methods: {
    makeParts(assets) {
      const playback = new MessageChannel();
      this.line.attach("playback", playback.port2);
      this.microphone = new Microphone({
        assets, processing: this.processing, chunkMs: this.chunkMs,
        onState: () => this.tellMicrophone(),
        onPort: (port) => (port ? this.line.attach("capture", port) : this.line.detach("capture")),
      });
      this.speaker = new Speaker({
        assets, port: playback.port1, onSound: (state) => this.$emit("sound", { state }),
        onPlaying: (isPlaying) => this.speakerMeter.set(isPlaying),
      });
      this.talk = new PushToTalk({
        selector: this.talkSelector, isReady: () => this.mode === "manual" && this.line.state === "open",
        onPress: () => this.pressed(), onRelease: () => this.released(),
      });
      this.microphoneMeter = new LevelMeter(this.$refs.microphoneMeter, () => this.microphone.analyser);
      this.speakerMeter = new LevelMeter(this.$refs.speakerMeter, () => this.speaker.analyser);
    },

    tellMicrophone() {
      const { state, detail } = this.microphone;
      this.microphoneMeter.set(state === "on");
      if (this.isBrowserSound) this.line.send({ k: "microphone", state, detail });
      // A press that had to wait for the microphone begins now, if it is still held.
      if (this.talk.isHeld && state === "on") this.startTalk();
      if (this.talk.isHeld && this.pressedAt !== null && state !== "on") this.talk.release();
    },

    clicked(event) {
      const button = event.target.closest?.(this.connectSelector);
      // When connected, the same button means "Disconnect".
      if (!button || button.disabled || this.mode !== "off" || !this.isBrowserSound) return;
      this.speaker.open();
      if (!("rcTextOnly" in button.dataset)) this.microphone.open();
    },

    // Wakes the speaker; works when called inside a click.
    resume() {
      if (this.isBrowserSound) this.speaker.open();
    },

    unblock() {
      if (this.speaker.sound === "blocked") this.speaker.open();
      if (this.microphone.context?.state === "suspended") this.microphone.context.resume();
    },

    lineChanged({ state, retrying }) {
      // The stylesheet says "not reachable" while the console does not answer.
      document.documentElement.dataset.rcLine = state;
      if (state === "open") return;
      this.talk.release();
      if (!retrying) this.release();
    },

    welcomed({ sound, capture }) {
      this.isBrowserSound = sound === "browser";
      // A connect that is under way here must survive a reconnect of the line: release only what
      // had been in use.
      if (capture === "off" && this.mode !== "off") this.release();
      this.mode = capture;
      if (!this.isBrowserSound) return;
      if (capture !== "off") this.reenter();
      this.tellMicrophone();
    },

    // The page came (back) to a session that is already talking: take up what needs no question.
    async reenter() {
      this.speaker.open();
      const permission = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
      if (permission?.state === "granted" && this.mode !== "off") this.microphone.open();
    },

    captureSet(mode) {
      this.mode = mode;
      if (mode !== "manual") this.talk.release();
      if (mode === "off") this.release();
    },

    release() {
      this.mode = "off";
      this.microphone.close();
      this.speaker.rest();
    },

    pressed() {
      if (!this.isBrowserSound) return this.startTalk();
      this.speaker.open();
      if (this.microphone.state === "on") this.startTalk();
      else this.microphone.open();
    },

    startTalk() {
      if (this.pressedAt !== null) return;
      this.pressedAt = performance.now();
      this.line.talk(true);
    },

    released() {
      if (this.pressedAt === null) return;
      this.line.talk(false, Math.round(performance.now() - this.pressedAt));
      this.pressedAt = null;
    },
  },
};
