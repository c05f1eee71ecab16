// Ten bars that show how loud something is at ten pitches; drawn while there is something to show.

const N_BARS = 10;
const LOWEST_HZ = 80;
const HIGHEST_HZ = 7000;
// A bar is empty at this level and full this much above it.
const FLOOR_DB = -80;
const RANGE_DB = 60;
const FRAME_MS = 33;
// With reduced motion the bars change four times a second; so does the value that is read aloud.
const CALM_MS = 250;
const STILL = 0.01;

export class LevelMeter {
  // `element` has one child for each bar; `analyser()` gives an AnalyserNode, or null for silence.
  constructor(element, analyser) {
    this.element = element;
    this.bars = [...element.children];
    this.analyser = analyser;
    this.levels = new Float32Array(N_BARS);
    this.spectrum = new Float32Array(0);
    this.edges = null;
    this.isOn = false;
    this.frame = null;
    this.drawnAt = 0;
    this.spokenAt = 0;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  // Says whether there is sound to show; the bars fall to rest by themselves.
  set(isOn) {
    this.isOn = isOn;
    if (isOn && this.frame === null) this._next();
  }

  stop() {
    cancelAnimationFrame(this.frame);
  }

  _next() {
    this.frame = requestAnimationFrame((now) => this._draw(now));
  }

  _draw(now) {
    const isDue = now - this.drawnAt >= (this.calm.matches ? CALM_MS : FRAME_MS) - 4;
    if (isDue) {
      this.drawnAt = now;
      const loudest = this._measure();
      if (!this.isOn && loudest < STILL) {
        this._rest(now);
        return;
      }
      this._show(loudest, now);
    }
    this._next();
  }

  _rest(now) {
    this.levels.fill(0);
    this._show(0, now);
    this.frame = null;
  }

  // Moves the bars towards what is heard, quickly up and slowly down; returns the highest.
  _measure() {
    const analyser = this.isOn ? this.analyser() : null;
    if (analyser !== null) this._analyse(analyser);
    let loudest = 0;
    for (let bar = 0; bar < N_BARS; bar++) {
      const target = analyser === null ? 0 : this._target(bar);
      const share = target > this.levels[bar] ? 0.7 : 0.25;
      this.levels[bar] += (target - this.levels[bar]) * share;
      loudest = Math.max(loudest, this.levels[bar]);
    }
    return loudest;
  }

  _analyse(analyser) {
    if (this.spectrum.length !== analyser.frequencyBinCount) {
      this.spectrum = new Float32Array(analyser.frequencyBinCount);
      this.edges = edges(analyser.fftSize / analyser.context.sampleRate);
    }
    analyser.getFloatFrequencyData(this.spectrum);
  }

  // The strongest frequency within the bar, as a share of the range.
  _target(bar) {
    let highest = -Infinity;
    for (let bin = this.edges[bar]; bin < this.edges[bar + 1]; bin++) highest = Math.max(highest, this.spectrum[bin]);
    return Math.min(1, Math.max(0, (highest - FLOOR_DB) / RANGE_DB));
  }

  _show(loudest, now) {
    for (let bar = 0; bar < N_BARS; bar++) {
      this.bars[bar].style.transform = `scaleY(${Math.max(0.06, this.levels[bar]).toFixed(3)})`;
    }
    if (now - this.spokenAt < CALM_MS && loudest >= STILL) return;
    this.spokenAt = now;
    this.element.setAttribute("aria-valuenow", Math.round(loudest * 100));
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
