// What is played, sample by sample: tracks in the order in which they came, and how far each was heard.
//
// Knows no audio context, no port and no clock: whoever renders asks with `read`, and all that is said
// about what was heard is counted there. `say(message)` gets `heard`, `drained` and `interrupted` as
// the session channel carries them; `onPlaying(isPlaying)` hears when sound begins and ends.
//
// Everything is in samples at 24 kHz.

import { Prebuffer } from "./prebuffer.js";

// NOTE: keep in step with console/pcm.py.
export const RATE_HZ = 24000;
const MS = RATE_HZ / 1000;
// Long enough that nothing clicks, short enough that it counts as at once.
export const FADE = 4 * MS;
const REPORT_EVERY = 200 * MS;

export class PlaybackQueue {
  constructor({ say, onPlaying }) {
    this.say = say;
    this.onPlaying = onPlaying;
    this.queue = [];
    this.tracks = new Map();
    // The track whose samples were rendered last; it stays so while it waits for more of them.
    this.current = null;
    this.nQueued = 0;
    this.isPlaying = false;
    this.prebuffer = new Prebuffer(MS);
    // The last samples that were rendered, the newest at the end.
    this.past = new Float32Array(FADE);
    this.fade = new Float32Array(FADE);
    this.fadeAt = FADE;
    this.riseLeft = 0;
    this.sinceReport = 0;
    this.report = { k: "heard", track: "", samples: 0, queued: 0, underruns: 0, buffer: 0 };
  }

  write(name, pcm) {
    const track = this._track(name);
    if (track.isOver || pcm.length === 0) return;
    this.queue.push({ track, pcm, at: 0 });
    this.nQueued += pcm.length;
  }

  finish(name) {
    const track = this._track(name);
    if (track.isFinished || track.isOver) return;
    track.isFinished = true;
    this.queue.push({ track, pcm: null, at: 0 });
  }

  // Says which track was being heard and how far, then forgets all that waits. The few samples that
  // fade out are not counted: the cut is where the fade begins.
  interrupt(id) {
    const track = this.current ?? (this.queue.length ? this.queue[0].track : null);
    this.say({ k: "interrupted", id, track: track?.name ?? null, samples: track?.nPlayed ?? 0 });
    for (const each of this.tracks.values()) each.isOver = true;
    this._silence();
  }

  // The tracks only: what was learned about the line stays true.
  forget() {
    this._silence();
    this.tracks.clear();
  }

  // Fills `out` with what comes next; what is missing is silence and counts for no track.
  read(out) {
    let at = this._readFade(out, 0);
    while (at < out.length && this.queue.length) {
      const head = this.queue[0];
      if (head.pcm === null) {
        this.queue.shift();
        this._drain(head.track);
      } else if (this.isPlaying || this._mayBegin(out.length - at)) {
        at = this._readChunk(head, out, at);
      } else {
        break;
      }
    }
    if (at < out.length && this.isPlaying) this._runOut();
    at = this._readFade(out, at);
    this._noteLevel(out.length - at);
    out.fill(0, at);
  }

  _track(name) {
    let track = this.tracks.get(name);
    if (track === undefined) {
      track = { name, nPlayed: 0, underruns: 0, isFinished: false, isOver: false };
      this.tracks.set(name, track);
    }
    return track;
  }

  // Enough is there, or no more will come, or it has been waited for as long as the buffer lasts.
  _mayBegin(n) {
    const isWhole = this.queue[0].track.isFinished;
    if (!this.prebuffer.mayBegin(this.nQueued, isWhole, n)) return false;
    this._resume();
    this._setPlaying(true);
    return true;
  }

  _readChunk(head, out, start) {
    const { track, pcm } = head;
    if (track !== this.current) {
      this.current = track;
      this.sinceReport = REPORT_EVERY; // the first samples are reported at once
    }
    const n = Math.min(out.length - start, pcm.length - head.at);
    for (let i = 0; i < n; i++) out[start + i] = pcm[head.at + i] / 32768;
    for (let i = 0; i < n && this.riseLeft > 0; i++) out[start + i] *= 1 - this.riseLeft-- / FADE;
    this._remember(out, start, n);
    head.at += n;
    track.nPlayed += n;
    this.nQueued -= n;
    this.sinceReport += n;
    this.prebuffer.played(n);
    if (head.at === pcm.length) this.queue.shift();
    if (this.sinceReport >= REPORT_EVERY) this._report(track);
    return start + n;
  }

  _remember(out, start, n) {
    const kept = Math.min(n, FADE);
    this.past.copyWithin(0, kept);
    for (let i = 0; i < kept; i++) this.past[FADE - kept + i] = out[start + n - kept + i];
  }

  _report(track) {
    this.sinceReport = 0;
    this.report.track = track.name;
    this.report.samples = track.nPlayed;
    this.report.queued = this.nQueued;
    this.report.underruns = track.underruns;
    this.report.buffer = Math.round(this.prebuffer.size);
    this.say(this.report);
  }

  _drain(track) {
    track.isOver = true;
    if (track === this.current) {
      this.current = null;
      this.riseLeft = 0;
      this.prebuffer.ended();
    }
    if (!this.queue.length && this.current === null) this._rest();
    this.say({ k: "drained", track: track.name, samples: track.nPlayed });
  }

  // Nothing is at hand of a track that goes on. Whether that was too late shows when more comes.
  _runOut() {
    this.prebuffer.ranOut();
    this.riseLeft = FADE;
    this._rest();
    this._report(this.current);
  }

  _resume() {
    if (this.queue[0].track === this.current && this.riseLeft > 0) {
      this.current.underruns += 1;
      this.sinceReport = REPORT_EVERY; // an underrun is reported at once
    }
  }

  _noteLevel(nSilent) {
    const tail = this.queue.length ? this.queue[this.queue.length - 1] : null;
    // At its end a track runs out as it should: that says nothing about the line.
    if (this.isPlaying && tail?.pcm) this.prebuffer.noteLevel(this.nQueued);
    if (tail === null && this.current !== null) this.prebuffer.noteGap(nSilent);
  }

  // Sound ends here, and nothing more of it is at hand.
  _rest() {
    this._fadeOut([], 1);
    this._setPlaying(false);
  }

  // Sound ends here, though more of it may be at hand; that is forgotten.
  _silence() {
    this._fadeOut(this._upcoming(), 1 - this.riseLeft / FADE);
    this.queue.length = 0;
    this.nQueued = 0;
    this.current = null;
    this.riseLeft = 0;
    this._setPlaying(false);
  }

  _upcoming() {
    const next = [];
    for (const { pcm, at } of this.queue) {
      for (let i = at; pcm !== null && i < pcm.length && next.length < FADE; i++) next.push(pcm[i] / 32768);
    }
    return next;
  }

  // What would have come next fades; from its end on, the sound fades as it was, backwards.
  _fadeOut(next, gain) {
    if (!this.isPlaying) return;
    const sound = [...this.past, ...next.map((each) => each * gain)];
    const end = sound.length - 1;
    for (let i = 0; i < FADE; i++) {
      const at = FADE + i;
      this.fade[i] = sound[at <= end ? at : 2 * end + 1 - at] * (1 - (i + 1) / FADE);
    }
    this.fadeAt = 0;
    this.past.fill(0);
  }

  _readFade(out, start) {
    let at = start;
    while (this.fadeAt < FADE && at < out.length) out[at++] = this.fade[this.fadeAt++];
    return at;
  }

  _setPlaying(isPlaying) {
    if (this.isPlaying === isPlaying) return;
    this.isPlaying = isPlaying;
    if (isPlaying) this.prebuffer.begun(this.nQueued);
    this.onPlaying(isPlaying);
  }
}
