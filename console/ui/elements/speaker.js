// The browser's speaker: one AudioContext whose worklet plays what the worker hands to it.

// NOTE: keep in step with console/pcm.py.
const RATE_HZ = 24000;
// A context that may start does so at once; one that waits longer needs a click.
const START_MS = 300;

export class Speaker {
  // `onSound(state)` hears "running", "blocked" (a click is needed), "unavailable", "off";
  // `onPlaying(isPlaying)` hears when sound begins and ends; `port` leads to the worker. What comes
  // before the speaker is ready waits in the port.
  constructor({ assets, port, onSound, onPlaying }) {
    this.assets = assets;
    this.port = port;
    this.onSound = onSound;
    this.onPlaying = onPlaying;
    this.sound = "off";
    this.isWanted = false;
    this.isPlaying = false;
    this.context = null;
    this.node = null;
    this.analyser = null;
  }

  // Makes the speaker ready, or wakes it. Call it inside a click where there is one.
  open() {
    this.isWanted = true;
    if (this.context === null) this._create();
    if (this.context === null) return;
    this.context.resume();
    if (this.context.state === "running") this._tell();
    setTimeout(() => this._tell(), START_MS);
  }

  // Lets the device rest once all has been played; `open` wakes it.
  rest() {
    this.isWanted = false;
    if (!this.isPlaying) this.context?.suspend();
  }

  close() {
    this.isWanted = false;
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
    this._connect(this.context).catch((error) => {
      console.error("the speaker could not be made ready", error);
      this._say("unavailable");
    });
  }

  async _connect(context) {
    await context.audioWorklet.addModule(`${this.assets}/playback.worklet.js`);
    if (context !== this.context) return;
    this.node = new AudioWorkletNode(context, "rc-playback", {
      numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [1],
    });
    this.analyser = new AnalyserNode(context, { fftSize: 1024, smoothingTimeConstant: 0 });
    this.node.connect(this.analyser);
    this.node.connect(context.destination);
    this.node.port.onmessage = ({ data }) => this._played(data.isPlaying);
    this.node.port.postMessage({ port: this.port }, [this.port]);
  }

  _played(isPlaying) {
    this.isPlaying = isPlaying;
    if (!isPlaying && !this.isWanted) this.context?.suspend();
    this.onPlaying(isPlaying);
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
