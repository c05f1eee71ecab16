// How much sound has to wait before it begins: little on a quiet line, more on one that stalls.
//
// The size is wanted before the first sample and again after an underrun. It grows by what was missing
// when sound ran out, and shrinks while what was kept at hand is not needed.

const FIRST_MS = 60;
const SHORTEST_MS = 40;
const LONGEST_MS = 500;
const LEAST_STEP_MS = 20;
// What was needed once may be needed again, and a little more.
const MARGIN = 1.25;
// After this much sound without an underrun the size falls by a fifth at the most.
const CALM_MS = 5000;
const SHRINKING = 0.8;

export class Prebuffer {
  // `perMs`: samples in a millisecond; everything else is in samples.
  constructor(perMs) {
    this.shortest = SHORTEST_MS * perMs;
    this.longest = LONGEST_MS * perMs;
    this.leastStep = LEAST_STEP_MS * perMs;
    this.calmAfter = CALM_MS * perMs;
    this.size = FIRST_MS * perMs;
    this.waited = 0;
    this.gap = null;
    this.filled = 0;
    this._watchAnew();
  }

  // Whether sound may begin with `nQueued` at hand; if not, `n` samples of silence pass. One that is
  // whole waits for nothing, and nothing waits longer than the buffer lasts.
  mayBegin(nQueued, isWhole, n) {
    if (this.gap !== null) this._grow(this.gap);
    this.gap = null;
    this.waited += n;
    return isWhole || nQueued >= this.size || this.waited > this.size;
  }

  begun(nQueued) {
    this.waited = 0;
    this.filled = nQueued;
    this._watchAnew();
  }

  // Sound has run out in the middle of a track.
  ranOut() {
    this.gap = 0;
    this.waited = 0;
  }

  // The track was complete: nothing was late.
  ended() {
    this.gap = null;
  }

  // `n` samples of silence passed with nothing at hand.
  noteGap(n) {
    if (this.gap !== null) this.gap += n;
  }

  // So much is at hand, and more is to come.
  noteLevel(nQueued) {
    this.lowest = Math.min(this.lowest, nQueued);
  }

  played(n) {
    this.calm += n;
    if (this.calm < this.calmAfter) return;
    // With less at the start, all levels since would have been lower by as much.
    const needed = (this.filled - this.lowest) * MARGIN;
    this.size = Math.min(this.size, Math.max(this.shortest, needed, this.size * SHRINKING));
    this._watchAnew();
  }

  // A gap that no buffer would have bridged teaches little.
  _grow(gap) {
    const needed = gap <= this.longest ? (this.size + gap) * MARGIN : 0;
    this.size = Math.min(this.longest, Math.max(needed, this.size + this.leastStep));
  }

  _watchAnew() {
    this.calm = 0;
    this.lowest = Infinity;
  }
}
