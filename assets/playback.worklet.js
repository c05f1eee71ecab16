// The speaker: renders the playback queue, and carries what it says.
//
// node.port:  receives {port}, one end of a MessageChannel whose other end the worker has;
//             sends {isPlaying} when sound begins and ends
// that port:  receives {command: "write", track, pcm}, {command: "finish", track},
//             {command: "interrupt", id}, {command: "forget"}; sends `heard`, `drained` and
//             `interrupted` as the session channel carries them
//
// Every sample that is rendered will be heard: nothing takes it back from the device.

import { PlaybackQueue, RATE_HZ } from "./playback_queue.js";
import { Resampler } from "./resampler.js";

const LONGEST_QUANTUM = 1024;
const BLOCK = 64;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.line = null;
    this.queue = new PlaybackQueue({
      say: (message) => this.say(message),
      onPlaying: (isPlaying) => this.port.postMessage({ isPlaying }),
    });
    if (sampleRate !== RATE_HZ) this.prepareResampling();
    this.port.onmessage = ({ data }) => {
      this.line = data.port;
      this.line.onmessage = (message) => this.receive(message.data);
    };
  }

  receive(message) {
    switch (message.command) {
      case "write":
        this.queue.write(message.track, new Int16Array(message.pcm));
        break;
      case "finish":
        this.queue.finish(message.track);
        break;
      case "interrupt":
        this.queue.interrupt(message.id);
        break;
      case "forget":
        this.queue.forget();
        break;
    }
  }

  say(message) {
    this.line.postMessage(message);
  }

  prepareResampling() {
    this.resampler = new Resampler(RATE_HZ, sampleRate);
    this.block = new Float32Array(BLOCK);
    this.ready = new Float32Array(LONGEST_QUANTUM + Math.ceil((BLOCK * sampleRate) / RATE_HZ) + 2);
    this.yielded = new Float32Array(Math.ceil((BLOCK * sampleRate) / RATE_HZ) + 2);
    this.nReady = 0;
  }

  // For a device that refuses 24 kHz; positions then run up to 4 ms ahead.
  readResampled(out) {
    while (this.nReady < out.length) {
      this.queue.read(this.block);
      const n = this.resampler.push(this.block, this.yielded);
      for (let i = 0; i < n; i++) this.ready[this.nReady + i] = this.yielded[i];
      this.nReady += n;
    }
    for (let i = 0; i < out.length; i++) out[i] = this.ready[i];
    this.ready.copyWithin(0, out.length, this.nReady);
    this.nReady -= out.length;
  }

  process(_inputs, [output]) {
    if (this.resampler === undefined) this.queue.read(output[0]);
    else this.readResampled(output[0]);
    for (let channel = 1; channel < output.length; channel++) output[channel].set(output[0]);
    return true;
  }
}

registerProcessor("rc-playback", Playback);
