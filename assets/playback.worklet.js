// The speaker: a queue of tracks, with the position of each counted where its samples are rendered.
//
// node.port:  receives {port}, one end of a MessageChannel whose other end the worker has;
//             sends {isPlaying} when sound begins and ends
// that port:  receives {command: "write", track, pcm}, {command: "finish", track},
//             {command: "interrupt", id}, {command: "forget"}; sends `heard`, `drained` and
//             `interrupted` as the session channel carries them
//
// Every sample that is rendered will be heard: nothing takes it back from the device.

import { Resampler } from "./resampler.js";

// NOTE: keep in step with console/pcm.py.
const INPUT_RATE_HZ = 24000;
const LONGEST_QUANTUM = 1024;
const MS = INPUT_RATE_HZ / 1000;
// Before the first sample, and after an underrun; grows with each underrun.
const SHORTEST_BUFFER = 60 * MS;
const LONGEST_BUFFER = 100 * MS;
const BUFFER_STEP = 20 * MS;
// Long enough that nothing clicks, short enough that it counts as at once.
const FADE = 4 * MS;
const REPORT_EVERY = 200 * MS;
const BLOCK = 64;

class Playback extends AudioWorkletProcessor {
  constructor() {
    super();
    this.queue = [];
    this.tracks = new Map();
    this.current = null;
    this.nQueued = 0;
    this.isPlaying = false;
    this.waited = 0;
    this.buffer = SHORTEST_BUFFER;
    this.fade = new Float32Array(FADE);
    this.fadeAt = FADE;
    this.riseLeft = 0;
    this.last = 0;
    this.sinceReport = 0;
    this.report = { k: "heard", track: "", samples: 0, queued: 0, underruns: 0 };
    this.line = null;
    if (sampleRate !== INPUT_RATE_HZ) this.prepareResampling();
    this.port.onmessage = ({ data }) => {
      this.line = data.port;
      this.line.onmessage = (message) => this.receive(message.data);
    };
  }

  receive(message) {
    switch (message.command) {
      case "write":
        this.write(message.track, new Int16Array(message.pcm));
        break;
      case "finish":
        this.finish(message.track);
        break;
      case "interrupt":
        this.interrupt(message.id);
        break;
      case "forget":
        this.silence();
        this.tracks.clear();
        this.buffer = SHORTEST_BUFFER;
        break;
    }
  }

  trackNamed(name) {
    let track = this.tracks.get(name);
    if (track === undefined) {
      track = { name, nPlayed: 0, underruns: 0, isFinished: false, isOver: false };
      this.tracks.set(name, track);
    }
    return track;
  }

  write(name, pcm) {
    const track = this.trackNamed(name);
    if (track.isOver || pcm.length === 0) return;
    this.queue.push({ track, pcm, at: 0 });
    this.nQueued += pcm.length;
  }

  finish(name) {
    const track = this.trackNamed(name);
    if (track.isFinished || track.isOver) return;
    track.isFinished = true;
    this.queue.push({ track, pcm: null, at: 0 });
  }

  // Says which track was being heard and how far, then forgets all that waits. The few samples that
  // fade out are not counted: the cut is where the fade begins.
  interrupt(id) {
    const track = this.current ?? (this.queue.length ? this.queue[0].track : null);
    this.line.postMessage({
      k: "interrupted", id, track: track?.name ?? null, samples: track?.nPlayed ?? 0,
    });
    for (const each of this.tracks.values()) each.isOver = true;
    this.silence();
  }

  silence() {
    if (this.isPlaying && this.queue.length && this.queue[0].pcm !== null) {
      const { pcm, at } = this.queue[0];
      for (let i = 0; i < FADE; i++) {
        const sample = at + i < pcm.length ? pcm[at + i] / 32768 : 0;
        this.fade[i] = sample * (1 - (i + 1) / FADE);
      }
      this.fadeAt = 0;
    }
    this.queue.length = 0;
    this.nQueued = 0;
    this.current = null;
    this.setPlaying(false);
  }

  setPlaying(isPlaying) {
    this.waited = 0;
    if (this.isPlaying === isPlaying) return;
    this.isPlaying = isPlaying;
    this.port.postMessage({ isPlaying });
  }

  // Fills `out` with the next samples at 24 kHz; what is missing is silence and counts for no track.
  read(out) {
    let at = this.readFade(out);
    while (at < out.length && this.queue.length) {
      const head = this.queue[0];
      if (head.pcm === null) {
        this.queue.shift();
        this.drain(head.track);
      } else if (this.isPlaying || this.mayBegin(out.length - at)) {
        at = this.readChunk(head, out, at);
      } else {
        break;
      }
    }
    if (at < out.length && this.isPlaying && !this.queue.length) this.runOut();
    this.rest(out, at);
  }

  readFade(out) {
    let at = 0;
    while (this.fadeAt < FADE && at < out.length) out[at++] = this.fade[this.fadeAt++];
    if (at > 0) this.last = out[at - 1];
    return at;
  }

  // Enough is there, or no more will come, or it has been waited for as long as the buffer lasts.
  mayBegin(n) {
    this.waited += n;
    const enough = this.nQueued >= this.buffer || this.waited > this.buffer;
    if (!enough && !this.queue[0].track.isFinished) return false;
    this.setPlaying(true);
    return true;
  }

  readChunk(head, out, start) {
    const { track, pcm } = head;
    if (track !== this.current) {
      this.current = track;
      this.sinceReport = REPORT_EVERY; // the first samples are reported at once
    }
    const n = Math.min(out.length - start, pcm.length - head.at);
    for (let i = 0; i < n; i++) out[start + i] = pcm[head.at + i] / 32768;
    for (let i = 0; i < n && this.riseLeft > 0; i++) out[start + i] *= 1 - this.riseLeft-- / FADE;
    this.last = out[start + n - 1];
    head.at += n;
    track.nPlayed += n;
    this.nQueued -= n;
    this.sinceReport += n;
    if (head.at === pcm.length) this.queue.shift();
    if (this.sinceReport >= REPORT_EVERY) this.sendReport(track);
    return start + n;
  }

  sendReport(track) {
    this.sinceReport = 0;
    this.report.track = track.name;
    this.report.samples = track.nPlayed;
    this.report.queued = this.nQueued;
    this.report.underruns = track.underruns;
    this.line.postMessage(this.report);
  }

  drain(track) {
    track.isOver = true;
    if (track === this.current) this.current = null;
    if (!this.queue.length) this.setPlaying(false);
    this.line.postMessage({ k: "drained", track: track.name, samples: track.nPlayed });
  }

  // The sound is late: wait for a little more of it, and next time keep more at hand.
  runOut() {
    this.current.underruns += 1;
    this.buffer = Math.min(LONGEST_BUFFER, this.buffer + BUFFER_STEP);
    this.riseLeft = FADE;
    this.setPlaying(false);
  }

  // Silence from `start` on, reached by a short slope from the last sample.
  rest(out, start) {
    const step = 1 / FADE;
    for (let i = start; i < out.length; i++) {
      this.last = Math.abs(this.last) < step ? 0 : this.last - Math.sign(this.last) * step;
      out[i] = this.last;
    }
  }

  prepareResampling() {
    this.resampler = new Resampler(INPUT_RATE_HZ, sampleRate);
    this.block = new Float32Array(BLOCK);
    this.ready = new Float32Array(LONGEST_QUANTUM + Math.ceil((BLOCK * sampleRate) / INPUT_RATE_HZ) + 2);
    this.yielded = new Float32Array(Math.ceil((BLOCK * sampleRate) / INPUT_RATE_HZ) + 2);
    this.nReady = 0;
  }

  // For a device that refuses 24 kHz; positions then run up to 4 ms ahead.
  readResampled(out) {
    while (this.nReady < out.length) {
      this.read(this.block);
      const n = this.resampler.push(this.block, this.yielded);
      for (let i = 0; i < n; i++) this.ready[this.nReady + i] = this.yielded[i];
      this.nReady += n;
    }
    for (let i = 0; i < out.length; i++) out[i] = this.ready[i];
    this.ready.copyWithin(0, out.length, this.nReady);
    this.nReady -= out.length;
  }

  process(_inputs, [output]) {
    if (this.resampler === undefined) this.read(output[0]);
    else this.readResampled(output[0]);
    for (let channel = 1; channel < output.length; channel++) output[channel].set(output[0]);
    return true;
  }
}

registerProcessor("rc-playback", Playback);
