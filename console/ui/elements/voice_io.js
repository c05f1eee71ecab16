// Sound of one console session: microphone, speaker, push-to-talk, level meters.
//
// Chunks go from the capture worklet to the worker and from the worker to the playback worklet; this
// element only makes the parts and joins them. Buttons of the page are found by selector, since what
// the browser allows must be asked for inside their click.

import { bus } from "rc/bus.js";
import { Devices } from "rc/devices.js";
import { LevelMeter } from "rc/level_meter.js";
import { Microphone } from "rc/microphone.js";
import { permission } from "rc/microphone_refusal.js";
import { PushToTalk } from "rc/push_to_talk.js";
import { Speaker } from "rc/speaker.js";
import { offer } from "rc/voice_parts.js";
import { WakeLock } from "rc/wake_lock.js";

// For so long the console waits for a page whose line is lost.
// NOTE: keep in step with GRACE_S in console/ui/grace_times.py.
const GRACE_MS = 30_000;

export default {
  template: `
    <div class="rc-voice">
      <div ref="microphoneMeter" class="rc-meter rc-meter--client" role="meter" aria-label="Microphone level"
        aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"></div>
      <div ref="speakerMeter" class="rc-meter rc-meter--server" role="meter" aria-label="Speaker level"
        aria-valuemin="0" aria-valuemax="100" aria-valuenow="0"></div>
    </div>`,
  props: {
    session: { type: String, required: true },
    connectSelector: { type: String, required: true },
    talkSelector: { type: String, required: true },
    // What was chosen of both: SoundSettings in console/app/sound_settings.py.
    sound: { type: Object, required: true },
    // Whether the screen is to stay on.
    awake: { type: Boolean, default: false },
  },
  emits: ["sound", "devices"],

  watch: {
    sound() {
      if (this.microphone) this.configure();
    },
    awake() {
      this.keepAwake();
    },
  },

  async mounted() {
    this.wakeLock = new WakeLock();
    this.keepAwake();
    // NiceGUI sets `path_prefix` after its elements are mounted.
    await this.$nextTick();
    this.line = bus(this.session);
    this.mode = "off";
    this.isBrowserSound = true;
    this.pressedAt = null;
    this.chosen = this.sound;
    this.listed = { inputs: [], outputs: [] };
    this.odd = { microphone: [], speaker: [] };
    this.isSounding = false;
    this.makeParts(`${window.path_prefix ?? ""}/assets`);
    this.offs = [
      this.line.on("state", (change) => this.lineChanged(change)),
      this.line.on("welcome", (welcome) => this.welcomed(welcome)),
      this.line.on("capture", ({ mode }) => this.captureSet(mode)),
      // The line to the service was lost, or it does not take the press.
      this.line.on("release", () => this.talk.release()),
      // Sound of the console's own machine is measured there, and what stands in for the microphone.
      this.line.on("levels", ({ microphone, speaker }) => {
        if (microphone !== undefined) this.microphoneMeter.take(microphone);
        if (speaker !== undefined) this.speakerMeter.take(speaker);
      }),
      // Also when nobody clicked yet: then the page asks for a click, and the sound waits for it.
      this.line.on("sounding", () => this.resume()),
    ];
    this.listeners = new AbortController();
    const options = { capture: true, signal: this.listeners.signal };
    document.addEventListener("click", (event) => this.clicked(event), options);
    // Any sign of the user will do to let a blocked speaker sound.
    for (const type of ["pointerup", "keydown"]) document.addEventListener(type, () => this.unblock(), options);
    // Back from another tab or a locked screen.
    document.addEventListener("visibilitychange", () => document.hidden || this.unblock(), options);
    this.talk.listen();
    this.devices.listen();
  },

  unmounted() {
    clearTimeout(this.leaving);
    this.wakeLock?.stop();
    this.talk?.stop();
    this.devices?.stop();
    this.listeners?.abort();
    for (const off of this.offs ?? []) off();
    this.microphone?.close();
    this.speaker?.close();
    this.microphoneMeter?.stop();
    this.speakerMeter?.stop();
    this.line?.detach("capture");
    this.line?.detach("playback");
    offer(this.session, null);
  },

  methods: {
    // Whether the user's voice comes from this browser; else the console has another source.
    hearsBrowser() {
      return this.isBrowserSound && this.chosen.microphone.kind === "device";
    },

    makeParts(assets) {
      const playback = new MessageChannel();
      this.line.attach("playback", playback.port2);
      this.microphone = new Microphone({
        assets, settings: this.chosen.microphone,
        onState: () => this.tellMicrophone(),
        onLevel: (peak, clipped) => this.microphoneMeter.notePeak?.(peak, clipped),
        onRemarks: (sentences) => this.remark("microphone", sentences),
        onPort: (port) => (port ? this.line.attach("capture", port) : this.line.detach("capture")),
      });
      this.speaker = new Speaker({
        assets, port: playback.port1, onSound: (state) => this.$emit("sound", { state }),
        onPlaying: (isPlaying) => this.showSounding(isPlaying),
        onRemark: (sentences) => this.remark("speaker", sentences),
      });
      this.devices = new Devices((lists) => this.deviceListed(lists));
      this.talk = new PushToTalk({
        selector: this.talkSelector, isReady: () => this.mode === "manual" && this.line.state === "open" && !this.chosen.microphone.is_muted,
        onPress: () => this.pressed(), onRelease: () => this.released(),
      });
      this.microphoneMeter = new LevelMeter(this.$refs.microphoneMeter, () => this.microphone.analyser);
      this.speakerMeter = new LevelMeter(this.$refs.speakerMeter, () => this.speaker.analyser);
      this.speaker.configure?.(this.chosen.speaker);
      this.showParts();
    },

    keepAwake() {
      // Whether a session goes on is not heard any more where the line has ended.
      if (this.awake && !this.hasLeft) this.wakeLock?.hold();
      else this.wakeLock?.release();
    },

    // Takes the settings as they are on the server now.
    configure() {
      const before = this.chosen;
      this.chosen = this.sound;
      this.applyMute();
      this.microphone.configure(this.chosen.microphone);
      this.speaker.configure?.(this.chosen.speaker);
      const { kind } = this.chosen.microphone;
      if (kind === before.microphone.kind || !this.isBrowserSound) return;
      if (kind !== "device") this.microphone.close();
      else if (this.mode !== "off") this.microphone.open();
      if (kind === "device") this.tellMicrophone();
    },

    // A muted microphone ends the hold; the pages' marks let the stylesheet say so.
    applyMute() {
      if (this.chosen.microphone.is_muted) this.talk.release();
      this.$el.toggleAttribute("data-rc-muted-microphone", this.chosen.microphone.is_muted);
      this.$el.toggleAttribute("data-rc-muted-speaker", this.chosen.speaker.is_muted);
      this.showParts();
    },

    // Mutes within the click; the server does the same and then says so in `sound`.
    toggleMute(which) {
      const changed = { ...this.chosen[which], is_muted: !this.chosen[which].is_muted };
      this.chosen = { ...this.chosen, [which]: changed };
      this.applyMute();
      this[which].configure?.(changed);
    },

    deviceListed(lists) {
      this.listed = lists;
      this.tellDevices();
    },

    remark(about, sentences) {
      this.odd[about] = sentences;
      this.tellDevices();
    },

    tellDevices() {
      const canChooseOutput = this.speaker.canChoose ?? "setSinkId" in AudioContext.prototype;
      this.$emit("devices", { ...this.listed, canChooseOutput, remarks: Object.values(this.odd).flat() });
    },

    showSounding(isPlaying) {
      this.isSounding = isPlaying;
      this.speakerMeter.set(isPlaying);
      this.showParts();
    },

    showParts() {
      const { microphone, speaker, isSounding } = this;
      const isHearing = microphone.state === "on" && !this.chosen.microphone.is_muted;
      this.microphoneMeter.set(isHearing);
      const isTalking = this.talk.isHeld;
      const speakerSettings = this.chosen.speaker;
      offer(this.session, { microphone, speaker, isHearing, isSounding, isTalking, speakerSettings });
    },

    tellMicrophone() {
      const { state, detail } = this.microphone;
      this.showParts();
      if (!this.hearsBrowser()) return;
      this.line.send({ k: "microphone", state, detail });
      // With leave the devices have names.
      if (state === "on") this.devices.refresh();
      // A press that had to wait for the microphone begins now, if it is still held.
      if (this.talk.isHeld && state === "on") this.startTalk();
      if (this.talk.isHeld && this.pressedAt !== null && state !== "on") this.talk.release();
    },

    clicked(event) {
      const button = event.target.closest?.(`${this.connectSelector}, [data-rc-microphone], [data-rc-mute], [data-rc-echo]`);
      if (!button || button.disabled) return;
      if ("rcMute" in button.dataset) this.toggleMute(button.dataset.rcMute);
      // When connected, the same button means "Disconnect".
      else if (button.matches(this.connectSelector)) this.mode === "off" && this.openAll(!("rcTextOnly" in button.dataset));
      else {
        if ("rcMicrophone" in button.dataset) this.microphone.renew();
        this.openAll(true);
      }
    },

    openAll(withMicrophone) {
      if (!this.isBrowserSound) return;
      this.speaker.open();
      if (withMicrophone && this.hearsBrowser()) this.microphone.open();
    },

    // Wakes the speaker; works when called inside a click.
    resume() {
      if (this.isBrowserSound) this.speaker.open();
    },

    unblock() {
      if (this.speaker.sound === "blocked") this.speaker.open();
      this.microphone.wake();
    },

    lineChanged({ state, retrying }) {
      if (state === "open") {
        clearTimeout(this.leaving);
        this.leaving = undefined;
        this.hasLeft = false;
        this.keepAwake();
        return;
      }
      this.talk.release();
      if (!retrying) this.leave();
      else this.leaving ??= setTimeout(() => this.leave(), GRACE_MS);
    },

    // Nobody hears this page any more: neither microphone nor screen stays on for it.
    leave() {
      this.hasLeft = true;
      this.release();
      this.keepAwake();
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
      if (!this.hearsBrowser() || this.microphone.isOpen) return;
      if ((await permission()) === "granted" && this.mode !== "off") this.microphone.open();
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
      this.showParts();
      if (this.isBrowserSound) this.speaker.open();
      if (!this.hearsBrowser()) return this.startTalk();
      if (this.microphone.state === "on") this.startTalk();
      else this.microphone.open();
    },

    startTalk() {
      if (this.pressedAt !== null) return;
      this.pressedAt = performance.now();
      this.line.talk(true);
    },

    released() {
      this.showParts();
      if (this.pressedAt === null) return;
      this.line.talk(false, Math.round(performance.now() - this.pressedAt));
      this.pressedAt = null;
    },
  },
};
