// The browser's microphone: asks for it, keeps it open between turns, changes it, gives it back.

import { findDevice, listDevices } from "rc/devices.js";
import { refusalOf } from "rc/microphone_refusal.js";

// A question that stays without an answer for so long is told; it may hide behind something.
const PATIENCE_MS = 15000;
// A device that gives nothing but zeros for so long is switched off somewhere.
const DEAD_SILENCE_MS = 5000;
const LEVEL_MS = 50;
// So many samples at full scale at once are heard as a fault, which is told for so long.
const CLIPPED = 3;
const LOUD_MS = 5000;
const TOO_LOUD =
  "The microphone is too loud, its sound is clipped: go further from it, or turn its level down in the system's settings.";
// A switch of ours, the browser's word for it, what is said when the browser does otherwise.
const PROCESSING = [
  ["echo_cancellation", "echoCancellation", "cancel echo"],
  ["noise_suppression", "noiseSuppression", "suppress noise"],
  ["auto_gain", "autoGainControl", "control the gain"],
];

// Ids of no device of its own: the system's choices, and a browser that tells none.
const STANDS_FOR_OTHERS = new Set(["default", "communications", "", undefined]);

export class Microphone {
  // `settings`: see Microphone in console/app/sound_settings.py. `onState(state, detail)` hears every
  // change; `onPort(port | null)` gets the worker's end; `onLevel(peak, clipped)` hears 20 times a
  // second what the worklet measured; `onRemarks(sentences)` hears what is odd.
  constructor({ assets, settings, onState, onPort, onLevel, onRemarks }) {
    this.assets = assets;
    this.settings = settings;
    this.onState = onState;
    this.onPort = onPort;
    this.onLevel = onLevel;
    this.onRemarks = onRemarks;
    this.state = "off";
    this.detail = "";
    this.analyser = null;
    this.capture = null;
    this.context = null;
    this.stream = null;
    this.source = null;
    this.opening = null;
    this.isWanted = false;
    this.changing = Promise.resolve();
    this.patience = null;
    this.trackListeners = null;
    this.peak = 0;
    this.clipped = 0;
    this.deadMs = 0;
    this.loudMs = 0;
    this.remarks = new Map();
  }

  // Whether the device is there, heard or not.
  get isOpen() {
    return this.stream !== null;
  }

  // Resolves when the microphone is on or cannot be had. Call it inside a click: browsers start an
  // AudioContext only there, Safari on iOS only if it is made there.
  open() {
    this.isWanted = true;
    if (this.isOpen) {
      this.wake();
      return Promise.resolve();
    }
    this.opening ??= this._open().finally(() => (this.opening = null));
    return this.opening;
  }

  // Lets go of the device, so that the browser's recording sign goes off.
  close() {
    this.isWanted = false;
    if (this.state !== "off" && this.opening === null) this._release("off", "");
  }

  // Goes on after the browser or the system has stopped the sound: a call, a locked screen.
  wake() {
    if (this.context !== null && this.context.state !== "running") this.context.resume().catch(() => {});
  }

  // Opens the device anew while it is in use: it gives no sound, or it is there again.
  renew() {
    if (this.state === "on") this.changing = this.changing.then(() => this._change(true));
  }

  // Takes other settings, also while the microphone is in use: nothing of the session is dropped.
  configure(settings) {
    const before = this.settings;
    this.settings = settings;
    if (settings.is_muted !== before.is_muted) this._mute();
    if (settings.chunk_ms !== before.chunk_ms) this.capture?.port.postMessage({ chunkMs: settings.chunk_ms });
    const isOther = settings.device_id !== before.device_id;
    const isProcessedOtherwise = PROCESSING.some(([name]) => settings[name] !== before[name]);
    if (!isOther && !isProcessedOtherwise) return;
    // One after the other: a change that is under way would be overtaken by the next.
    this.changing = this.changing.then(() => this._change(isOther));
  }

  async _open() {
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      this._set("insecure", `Browsers give the microphone to https or localhost only, not to ${location.origin}.`);
      return;
    }
    this._set("asking", "");
    this.patience = setTimeout(() => this._set("waiting", ""), PATIENCE_MS);
    try {
      // At the device's own rate: Firefox refuses a microphone in a context of another one.
      this.context = new AudioContext({ latencyHint: "interactive" });
      this.context.resume().catch(() => {});
      const loaded = this.context.audioWorklet.addModule(`${this.assets}/capture.worklet.js`);
      // A refusal is answered below; without this, a failure to load meanwhile would go unheard.
      loaded.catch(() => {});
      const stream = await this._ask();
      this.stream = stream;
      await loaded;
      this._build();
      this._use(stream);
    } catch (error) {
      this._release(await refusalOf(error), `${error.name}: ${error.message}`);
      return;
    } finally {
      clearTimeout(this.patience);
    }
    if (this.isWanted) this._settle();
    else this._release("off", "");
  }

  // Asks the browser for the chosen microphone, or for another one when that is not there.
  async _ask() {
    const wanted = this.settings;
    const known = findDevice((await listDevices()).inputs, wanted);
    const stream = await this._get(known?.id).catch((error) => {
      // It went away in this moment; any other will do.
      if (known === null || error.name !== "OverconstrainedError") throw error;
      return this._get();
    });
    return known === null && wanted.device_id !== "" ? this._find(stream, wanted) : stream;
  }

  // Devices have names only once there is leave: so it may be found by its name now.
  async _find(stream, wanted) {
    const known = findDevice((await listDevices()).inputs, wanted);
    if (known === null || known.id === idOf(stream)) return stream;
    stop(stream);
    return this._get(known.id);
  }

  _get(deviceId) {
    const audio = { ...processing(this.settings), channelCount: { ideal: 1 } };
    if (deviceId !== undefined) audio.deviceId = { exact: deviceId };
    return navigator.mediaDevices.getUserMedia({ audio });
  }

  // Makes what stays the same whichever microphone is heard.
  _build() {
    this.capture = new AudioWorkletNode(this.context, "rc-capture", {
      numberOfInputs: 1, numberOfOutputs: 1, channelCount: 1, channelCountMode: "explicit",
      processorOptions: { chunkMs: this.settings.chunk_ms },
    });
    this.capture.port.onmessage = ({ data }) => this._measured(data);
    this.analyser = new AnalyserNode(this.context, { fftSize: 2048, smoothingTimeConstant: 0 });
    // Its output is silence; connected, because a node that leads nowhere need not run.
    this.capture.connect(this.context.destination);
    const line = new MessageChannel();
    this.capture.port.postMessage({ port: line.port1, isMuted: this.settings.is_muted }, [line.port1]);
    this.onPort(line.port2);
    // iOS interrupts a context for calls and locked screens, and says so.
    this.context.addEventListener("statechange", () => this._settle());
    this.clipped = 0;
    this.deadMs = 0;
    this.loudMs = 0;
  }

  _use(stream) {
    const source = this.context.createMediaStreamSource(stream);
    this.source?.disconnect();
    this.source = source;
    if (this.stream !== stream) stop(this.stream);
    this.stream = stream;
    source.connect(this.analyser);
    source.connect(this.capture);
    this._watch(stream.getAudioTracks()[0]);
    this._mute();
    this._note(stream);
  }

  _watch(track) {
    this.trackListeners?.abort();
    this.trackListeners = new AbortController();
    const { signal } = this.trackListeners;
    // `ended` comes when the device goes or the permission is taken back, not when we stop it.
    track.addEventListener("ended", () => this._lost(), { signal });
    for (const type of ["mute", "unmute"]) track.addEventListener(type, () => this._settle(), { signal });
    navigator.mediaDevices.addEventListener("devicechange", () => this._look(signal), { signal });
  }

  // Where the sound server goes on in a device's place, with zeros, its track never ends.
  async _look(signal) {
    const { inputs } = await listDevices();
    if (signal.aborted) return;
    const id = idOf(this.stream);
    if (!STANDS_FOR_OTHERS.has(id) && !inputs.some((each) => each.id === id)) this._lost();
  }

  _lost() {
    this._release("unplugged", "The microphone was unplugged or its permission was taken back.");
  }

  async _change(isOther) {
    if (!this.isOpen) return;
    const [track] = this.stream.getAudioTracks();
    try {
      if (!isOther && (await changed(track, this.settings))) {
        this._note(this.stream);
        return;
      }
      const context = this.context;
      const stream = await this._ask();
      // It was closed meanwhile, or lost.
      if (!this.isOpen || context !== this.context) stop(stream);
      else this._use(stream);
      this._remark("change", null);
    } catch (error) {
      // What was heard before is heard still.
      this._remark("change", `The microphone could not be changed (${error.name}): the one before goes on.`);
    }
    if (this.isOpen) this._settle();
  }

  // Both: the browser may show that a track is off, and the worklet lets nothing out.
  _mute() {
    const isMuted = this.settings.is_muted;
    for (const track of this.stream?.getAudioTracks() ?? []) track.enabled = !isMuted;
    this.capture?.port.postMessage({ isMuted });
    this.deadMs = 0;
    this.loudMs = 0;
    if (isMuted) for (const about of ["dead", "loud"]) this._remark(about, null);
  }

  _measured({ peak, clipped }) {
    this.peak = peak;
    this.clipped += clipped;
    this.onLevel(peak, clipped);
    this.deadMs = peak > 0 || this.settings.is_muted ? 0 : this.deadMs + LEVEL_MS;
    const isDead = this.deadMs >= DEAD_SILENCE_MS;
    this.loudMs = clipped >= CLIPPED ? LOUD_MS : Math.max(0, this.loudMs - LEVEL_MS);
    this._remark("loud", this.loudMs > 0 ? TOO_LOUD : null);
    this._remark("dead", isDead ? "The microphone gives no sound at all: is it switched off at the device?" : null);
  }

  // Says what the browser made of the wishes.
  _note(stream) {
    const wanted = this.settings;
    const [track] = stream.getAudioTracks();
    const isOther = wanted.device_id !== "" && idOf(stream) !== wanted.device_id && track.label !== wanted.label;
    const name = wanted.label || "The chosen microphone";
    this._remark("device", isOther ? `${name} is not there: ${track.label || "another one"} is heard instead.` : null);
    const actual = track.getSettings();
    for (const [name, constraint, words] of PROCESSING) {
      const isRefused = wanted[name] && !actual[constraint];
      this._remark(name, isRefused ? `The browser does not ${words} with this microphone.` : null);
    }
  }

  _remark(about, sentence) {
    if ((this.remarks.get(about) ?? null) === sentence) return;
    if (sentence === null) this.remarks.delete(about);
    else this.remarks.set(about, sentence);
    this.onRemarks([...this.remarks.values()]);
  }

  _release(state, detail) {
    this.trackListeners?.abort();
    stop(this.stream);
    if (this.analyser !== null) this.onPort(null);
    const context = this.context;
    this.stream = null;
    this.source = null;
    this.capture = null;
    this.context = null;
    this.analyser = null;
    this.peak = 0;
    context?.close();
    for (const about of [...this.remarks.keys()]) this._remark(about, null);
    this._set(state, detail);
  }

  // Says whether the open microphone is heard.
  _settle() {
    if (!this.isOpen || this.capture === null || this.context === null) return;
    if (this.context.state === "interrupted") this._set("interrupted", "");
    else if (this.stream.getAudioTracks()[0].muted) this._set("silenced", "");
    else this._set("on", "");
  }

  _set(state, detail) {
    if (state === this.state && detail === this.detail) return;
    this.state = state;
    this.detail = detail;
    this.onState(state, detail);
  }
}

function processing(settings) {
  return Object.fromEntries(PROCESSING.map(([name, constraint]) => [constraint, settings[name]]));
}

// Tries to change a track in use; false says that the browser keeps it as it is.
async function changed(track, settings) {
  const wanted = processing(settings);
  try {
    await track.applyConstraints(wanted);
  } catch {
    return false;
  }
  const actual = track.getSettings();
  return Object.entries(wanted).every(([name, value]) => actual[name] === value);
}

function idOf(stream) {
  return stream.getAudioTracks()[0].getSettings().deviceId;
}

function stop(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
