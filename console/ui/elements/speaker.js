// The browser's speaker: one AudioContext whose worklet plays what the worker hands to it.

import { canChooseOutput, SpeakerOutput } from "rc/speaker_output.js";

// NOTE: keep in step with assets/playback_queue.js.
const RATE_HZ = 24000;
// A context that may start does so at once; one that waits longer needs a click.
const START_MS = 300;
// A change of volume follows an exponential slope, and is complete after so many of this time.
const GLIDE_S = 0.01;
const GLIDES = 8;

export class Speaker {
  // `onSound(state)` hears "running", "blocked" (a click is needed), "unavailable", "off";
  // `onPlaying(isPlaying)` hears when sound begins and ends; `onRemark(sentences)` hears what is odd
  // about the chosen device; `port` leads to the worker. What comes before the speaker is ready waits
  // in the port.
  constructor({ assets, port, onSound, onPlaying, onRemark }) {
    this.assets = assets;
    this.port = port;
    this.onSound = onSound;
    this.onPlaying = onPlaying;
    this.onRemark = onRemark ?? (() => {});
    this.settings = { device_id: "", label: "", volume: 1, is_muted: false };
    this.sound = "off";
    this.isWanted = false;
    this.isPlaying = false;
    this.context = null;
    this.node = null;
    this.analyser = null;
    this.volume = null;
    this.output = null;
    // A system that took the sound away (a call, a locked screen) may give it back with the page.
    this.listeners = new AbortController();
    const wake = () => this._wake();
    document.addEventListener("visibilitychange", wake, { signal: this.listeners.signal });
    window.addEventListener("pageshow", wake, { signal: this.listeners.signal });
  }

  // Whether `configure` can choose the device.
  get canChoose() {
    return canChooseOutput();
  }

  // Makes the speaker ready, or wakes it. Call it inside a click where there is one.
  open() {
    this.isWanted = true;
    if (this.context === null) this._create();
    if (this.context === null) return;
    this._resume();
    if (this.context.state === "running") this._tell();
    setTimeout(() => this._tell(), START_MS);
  }

  // Lets the device rest once all has been played; `open` wakes it.
  rest() {
    this.isWanted = false;
    if (!this.isPlaying) this.context?.suspend();
  }

  // Takes {device_id, label, volume, is_muted}; what is missing stays as it is.
  configure(settings) {
    const { device_id, label } = this.settings;
    this.settings = { ...this.settings, ...settings };
    if (this.context === null) return;
    this._setVolume();
    const isMoved = this.settings.device_id !== device_id || this.settings.label !== label;
    if (isMoved) this.output?.choose(this.settings.device_id, this.settings.label);
  }

  close() {
    this.isWanted = false;
    this.listeners.abort();
    this.output?.close();
    this.context?.close();
    this.context = null;
  }

  _create() {
    if (!window.isSecureContext || !window.AudioWorkletNode) {
      this._say("unavailable");
      return;
    }
    this.context = newContext();
    this.context.addEventListener("statechange", () => this._tell());
    this.context.addEventListener("error", () => this._lostDevice());
    this.volume = new GainNode(this.context, { gain: this._level() });
    this.output = new SpeakerOutput(this.volume, (remarks) => this.onRemark(remarks));
    this._connect(this.context).catch((error) => {
      console.error("the speaker could not be made ready", error);
      this._say("unavailable");
    });
  }

  async _connect(context) {
    const routed = this.output.choose(this.settings.device_id, this.settings.label);
    await context.audioWorklet.addModule(`${this.assets}/playback.worklet.js`);
    await routed;
    if (context !== this.context) return;
    this.node = new AudioWorkletNode(context, "rc-playback", {
      numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [1],
    });
    // Ahead of the volume: the meter shows that somebody speaks, also to who has muted it.
    this.analyser = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0 });
    this.node.connect(this.analyser);
    this.node.connect(this.volume);
    this.node.port.onmessage = ({ data }) => this._played(data.isPlaying);
    this.node.port.postMessage({ port: this.port }, [this.port]);
  }

  _level() {
    return this.settings.is_muted ? 0 : this.settings.volume;
  }

  // A step would click. The slope is left at its end, since it never quite arrives.
  _setVolume() {
    const { gain } = this.volume;
    const now = this.context.currentTime;
    gain.cancelScheduledValues(now);
    gain.setTargetAtTime(this._level(), now, GLIDE_S);
    gain.setValueAtTime(this._level(), now + GLIDES * GLIDE_S);
  }

  _played(isPlaying) {
    this.isPlaying = isPlaying;
    if (!isPlaying && !this.isWanted) this.context?.suspend();
    // Not every system tells when a device goes that nothing plays on.
    if (isPlaying && this.settings.device_id !== "") this.output.settle();
    this.onPlaying(isPlaying);
  }

  _wake() {
    if (document.hidden || !this.isWanted || this.context === null) return;
    if (this.context.state !== "running") this._resume();
  }

  // The device went away, and the context was suspended by that.
  async _lostDevice() {
    await this.output.lost();
    if (this.isWanted && this.context !== null) this._resume();
  }

  // Refused as long as the system has the sound, or the browser wants a click: the state says so.
  _resume() {
    this.context.resume().catch(() => this._tell());
  }

  _tell() {
    if (this.context === null || this.context.state === "closed") return;
    if (this.context.state === "running") this._say("running");
    else this._say(this.isWanted ? "blocked" : "off");
  }

  _say(sound) {
    if (sound === this.sound) return;
    this.sound = sound;
    this.onSound(sound);
  }
}

// The worklet resamples where a device refuses 24 kHz.
function newContext() {
  try {
    return new AudioContext({ sampleRate: RATE_HZ, latencyHint: "interactive" });
  } catch {
    return new AudioContext({ latencyHint: "interactive" });
  }
}
