// The browser's microphone: asks for it, keeps it open between turns, gives it back.

const REASONS = {
  NotAllowedError: "denied",
  SecurityError: "denied",
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
};

export class Microphone {
  // `processing`: echo cancellation, noise suppression and automatic gain, by the browser.
  // `onState(state, detail)` hears every change; `onPort(port | null)` gets the worker's end.
  constructor({ assets, processing, chunkMs, onState, onPort }) {
    this.assets = assets;
    this.processing = processing;
    this.chunkMs = chunkMs;
    this.onState = onState;
    this.onPort = onPort;
    this.state = "off";
    this.detail = "";
    this.analyser = null;
    this.context = null;
    this.stream = null;
    this.opening = null;
    this.isWanted = false;
  }

  // Resolves when the microphone is on or cannot be had. Call it inside a click: browsers start an
  // AudioContext only there.
  open() {
    this.isWanted = true;
    if (this.state === "on") {
      this.context.resume();
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

  async _open() {
    if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) {
      this._set("insecure", `Browsers give the microphone to https or localhost only, not to ${location.origin}.`);
      return;
    }
    this._set("asking", "");
    try {
      // At the device's own rate: Firefox refuses a microphone in a context of another one.
      this.context = new AudioContext({ latencyHint: "interactive" });
      this.context.resume();
      await this._connect();
    } catch (error) {
      this._release(REASONS[error.name] ?? "failed", `${error.name}: ${error.message}`);
      return;
    }
    if (this.isWanted) this._set("on", "");
    else this._release("off", "");
  }

  async _connect() {
    const wanted = this.processing;
    const audio = {
      echoCancellation: wanted, noiseSuppression: wanted, autoGainControl: wanted, channelCount: { ideal: 1 },
    };
    const loaded = this.context.audioWorklet.addModule(`${this.assets}/capture.worklet.js`);
    // A refusal is answered below; without this, a failure to load meanwhile would go unheard.
    loaded.catch(() => {});
    this.stream = await navigator.mediaDevices.getUserMedia({ audio });
    await loaded;
    const source = this.context.createMediaStreamSource(this.stream);
    const capture = new AudioWorkletNode(this.context, "rc-capture", {
      numberOfInputs: 1, numberOfOutputs: 1, channelCount: 1, channelCountMode: "explicit",
      processorOptions: { chunkMs: this.chunkMs },
    });
    this.analyser = new AnalyserNode(this.context, { fftSize: 2048, smoothingTimeConstant: 0 });
    source.connect(this.analyser);
    // Its output is silence; connected, because a node that leads nowhere need not run.
    source.connect(capture).connect(this.context.destination);
    const line = new MessageChannel();
    capture.port.postMessage({ port: line.port1 }, [line.port1]);
    this.onPort(line.port2);
    const [track] = this.stream.getAudioTracks();
    track.addEventListener("ended", () => this._lost());
  }

  // `ended` comes when the device goes or the permission is taken back, not when we stop it.
  _lost() {
    this._release("missing", "The microphone was unplugged or its permission was taken back.");
  }

  _release(state, detail) {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    if (this.analyser !== null) this.onPort(null);
    this.context?.close();
    this.stream = null;
    this.context = null;
    this.analyser = null;
    this._set(state, detail);
  }

  _set(state, detail) {
    this.state = state;
    this.detail = detail;
    this.onState(state, detail);
  }
}
