// How loud the bands of the voice are: heard by an analyser of the browser, or told by the server.

// NOTE: keep in step with console/audio/levels.py: so many bars at these pitches.
export const N_BARS = 10;
const LOWEST_HZ = 80;
const HIGHEST_HZ = 7000;
// A bar below this is empty.
export const STILL = 0.02;
// A bar is empty at this level and full this much above it.
const FLOOR_DB = -80;
const RANGE_DB = 60;
// Samples from here on are at full scale; PCM16 has no 1.0 above zero.
const FULL_SCALE = 0.999;

// The server tells its levels this often; what is shown glides from one to the next.
const TOLD_EVERY_MS = 50;
// It tells what has changed. When it has told nothing for so long, it is gone rather than steady.
const STALE_MS = 2000;

// What an AnalyserNode hears.
export class HeardBands {
  constructor(analyser) {
    this.analyser = analyser;
    this.levels = new Float32Array(N_BARS);
    // Samples at full scale among the last ones.
    this.clipped = 0;
    this.spectrum = new Float32Array(analyser.frequencyBinCount);
    this.wave = new Float32Array(analyser.fftSize);
    this.edges = edges(analyser.fftSize / analyser.context.sampleRate);
  }

  // Fills `levels`, each from 0 to 1.
  read() {
    this.analyser.getFloatFrequencyData(this.spectrum);
    for (let bar = 0; bar < N_BARS; bar++) this.levels[bar] = this._level(bar);
    this.analyser.getFloatTimeDomainData(this.wave);
    this.clipped = 0;
    for (const sample of this.wave) if (sample >= FULL_SCALE || sample <= -FULL_SCALE) this.clipped += 1;
  }

  get isSounding() {
    return this.levels.some((each) => each > STILL);
  }

  // The strongest frequency within the bar, as a share of the range.
  _level(bar) {
    let highest = -Infinity;
    for (let bin = this.edges[bar]; bin < this.edges[bar + 1]; bin++) highest = Math.max(highest, this.spectrum[bin]);
    return Math.min(1, Math.max(0, (highest - FLOOR_DB) / RANGE_DB));
  }
}

// What the server tells of the sound of its machine, 20 times a second.
export class ToldBands {
  constructor() {
    this.levels = new Float32Array(N_BARS);
    this.clipped = 0;
    this.from = new Float32Array(N_BARS);
    this.to = new Float32Array(N_BARS);
    this.at = -Infinity;
  }

  take(levels, now) {
    this.read(now);
    this.from.set(this.levels);
    for (let bar = 0; bar < N_BARS; bar++) this.to[bar] = Math.min(1, Math.max(0, levels[bar] ?? 0));
    this.at = now;
  }

  // What has just been told counts, though the picture that is drawn may be of a moment before it.
  get isSounding() {
    return this.to.some((each) => each > STILL) || this.levels.some((each) => each > STILL);
  }

  read(now) {
    const age = now - this.at;
    if (age > STALE_MS) this.to.fill(0);
    const share = Math.min(1, Math.max(0, age / TOLD_EVERY_MS));
    for (let bar = 0; bar < N_BARS; bar++) {
      this.levels[bar] = age > STALE_MS ? 0 : this.from[bar] + (this.to[bar] - this.from[bar]) * share;
    }
  }
}

// First bin of each bar and the end of the last, at even musical distances and at least one apart.
function edges(binsPerHz) {
  const found = [];
  for (let bar = 0; bar <= N_BARS; bar++) {
    const bin = Math.round(LOWEST_HZ * (HIGHEST_HZ / LOWEST_HZ) ** (bar / N_BARS) * binsPerHz);
    found.push(bar === 0 ? Math.max(1, bin) : Math.max(found[bar - 1] + 1, bin));
  }
  return found;
}
