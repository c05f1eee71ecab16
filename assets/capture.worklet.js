// The microphone: device rate to 24 kHz mono PCM16, in chunks that leave only while the gate is open.
//
// node.port:  receives {port}, one end of a MessageChannel whose other end the worker has,
//             {chunkMs} and {isMuted}; sends {peak, clipped} twenty times a second: how far the
//             device's own samples went, 0 to 1, and how many of them were at the end of the scale
// that port:  receives {command: "gate", open}; sends {sequence, timeMs, pcm, isFirst}, and {event:
//             "flushed"} after the last chunk each time the gate was closed
//
// `timeMs` is the moment of the chunk's first sample on the audio context's own clock. That is counted
// here: what the browser says may stand still for a quantum while the page changes the graph, and goes
// on from where it would have been. Only a clock that runs ahead of the count has left out some sound.
// `isFirst` says that the sound right before the chunk was not wanted: the gate was closed, or it was muted.

import { Resampler } from "./resampler.js";

// NOTE: keep in step with console/pcm.py.
const OUTPUT_RATE_HZ = 24000;
const QUANTUM = 128;
const LONGEST_QUANTUM = 1024;
const LEVELS_PER_S = 20;
// The largest sample of a device with 16 bits lies just below 1.
const FULL_SCALE = 0.9995;

class Capture extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.resampler = sampleRate === OUTPUT_RATE_HZ ? null : new Resampler(sampleRate, OUTPUT_RATE_HZ);
    this.resampled = new Float32Array(Math.ceil((LONGEST_QUANTUM * OUTPUT_RATE_HZ) / sampleRate) + 2);
    this.filled = 0;
    this.setChunk(processorOptions.chunkMs);
    this.timeMs = 0;
    this.sequence = 0;
    this.silence = new Float32Array(QUANTUM);
    this.nextFrame = 0;
    this.isOpen = false;
    this.isMuted = false;
    this.isFirst = true;
    this.line = null;
    this.nPerLevel = Math.round(sampleRate / LEVELS_PER_S);
    this.nMeasured = 0;
    this.peak = 0;
    this.clipped = 0;
    this.port.onmessage = ({ data }) => this.obey(data);
  }

  obey({ port, chunkMs, isMuted }) {
    if (port !== undefined) {
      this.line = port;
      this.line.onmessage = (message) => this.setGate(message.data.open);
    }
    if (chunkMs !== undefined) this.setChunk(chunkMs);
    if (isMuted !== undefined) {
      // What was said up to now was said before the mute.
      if (isMuted) this.give();
      this.isMuted = isMuted;
    }
  }

  setChunk(chunkMs) {
    this.give();
    this.nPerChunk = Math.round((chunkMs * OUTPUT_RATE_HZ) / 1000);
    this.chunk = new Int16Array(this.nPerChunk);
  }

  setGate(isOpen) {
    if (this.isOpen && !isOpen) this.give();
    this.isOpen = isOpen;
    if (!isOpen) this.line.postMessage({ event: "flushed" });
  }

  // Gives away what the chunk holds, whole or not.
  give() {
    if (this.filled === 0) return;
    const pcm = this.filled === this.nPerChunk ? this.chunk.buffer : this.chunk.slice(0, this.filled).buffer;
    this.line.postMessage({ sequence: this.sequence, timeMs: this.timeMs, pcm, isFirst: this.isFirst }, [pcm]);
    this.sequence += 1;
    this.isFirst = false;
    this.chunk = new Int16Array(this.nPerChunk);
    this.filled = 0;
  }

  process([input]) {
    // The browser left out some sound, as it does while a context starts: no chunk reaches over that.
    if (currentFrame > this.nextFrame) {
      this.give();
      this.nextFrame = currentFrame;
    }
    // A microphone that gives nothing for a moment is silent; time does not stand still for it.
    let samples = input.length === 0 ? this.silence : input[0];
    let n = samples.length;
    this.measure(samples);
    this.nextFrame += n;
    let endMs = (this.nextFrame * 1000) / sampleRate;
    if (this.resampler !== null) {
      // The filter runs behind a closed gate too, so that an opened one begins without a click.
      n = this.resampler.push(samples, this.resampled);
      samples = this.resampled;
      endMs -= (this.resampler.half * 1000) / sampleRate;
    }
    if (this.isOpen && !this.isMuted) this.take(samples, n, endMs);
    else this.isFirst = true;
    return true;
  }

  measure(samples) {
    for (let i = 0; i < samples.length; i++) {
      const size = Math.abs(samples[i]);
      if (size > this.peak) this.peak = size;
      if (size >= FULL_SCALE) this.clipped += 1;
    }
    this.nMeasured += samples.length;
    if (this.nMeasured < this.nPerLevel) return;
    this.port.postMessage({ peak: this.peak, clipped: this.clipped });
    this.nMeasured -= this.nPerLevel;
    this.peak = 0;
    this.clipped = 0;
  }

  // Takes `n` samples at 24 kHz, the last of which ends at `endMs`.
  take(samples, n, endMs) {
    for (let i = 0; i < n; i++) {
      if (this.filled === 0) this.timeMs = endMs - ((n - i) * 1000) / OUTPUT_RATE_HZ;
      // Clipped; NaN becomes 0 in the typed array.
      this.chunk[this.filled++] = Math.max(-32768, Math.min(32767, Math.round(samples[i] * 32768)));
      if (this.filled === this.nPerChunk) this.give();
    }
  }
}

registerProcessor("rc-capture", Capture);
