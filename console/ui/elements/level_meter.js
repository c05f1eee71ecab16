// Bars that show how loud something is at ten pitches: quick up, slow down, with a mark at each bar's
// highest and a lamp for sound that is cut off at full scale.
//
// It draws on a canvas, with each picture of the screen, and only while there is something new to
// draw: in silence it listens 20 times a second, hidden it does nothing. The stubs of bars at rest are
// the stylesheet's. With reduced motion there is a number instead, which changes twice a second.

import { node, setText } from "rc/dom.js";
import { SharpCanvas } from "rc/sharp_canvas.js";
import { HeardBands, N_BARS, STILL, ToldBands } from "rc/voice_bands.js";

// A bar goes most of its way up in this time, and of its way down in that.
const RISE_MS = 25;
const FALL_MS = 110;
// The mark of a bar's highest stays so long, and then falls at this share of the height a second.
const HOLD_MS = 700;
const SINK_PER_S = 0.9;
const LAMP_MS = 1500;
// So many samples at full scale at once are heard as a fault.
const CLIPPED = 3;

const LISTEN_MS = 50;
const CALM_MS = 500;
// What is read aloud when somebody asks; colours may have changed as well.
const TELL_MS = 500;
// Widths of the picture, of which the stylesheet decides the size: bars, room between them, the lamp.
const BAR = 3;
const GAP = 2;
const UNITS = N_BARS * (BAR + GAP) + BAR;
const WORDS = [[0.02, "silent"], [0.4, "quiet"], [0.9, "speaking level"], [Infinity, "loud"]];

export class LevelMeter {
  // `element` is empty and has role=meter; `analyser()` gives an AnalyserNode, or null.
  constructor(element, analyser) {
    this.element = element;
    this.analyser = analyser;
    this.heard = null;
    this.told = null;
    this.isOn = false;
    // The request for the next picture, and the timer while nothing is drawn; null: not under way.
    this.frame = null;
    this.timer = null;
    this.at = 0;
    this.toldAt = -Infinity;
    this.levels = new Float32Array(N_BARS);
    this.marks = new Float32Array(N_BARS);
    this.heldUntil = new Float64Array(N_BARS);
    this.lampUntil = -Infinity;
    // Whether the capture worklet counts the samples at full scale: it misses none.
    this.isCounted = false;
    this.isLit = false;
    this.loudest = 0;
    this.drawn = "";
    this.color = "";
    this.lampColor = "";
    this._build();
  }

  // Says whether there is sound to show; the bars fall to rest by themselves.
  set(isOn) {
    this.isOn = isOn;
    if (isOn) this._wake();
  }

  // The loudest sample of the last 50 ms, and how many of them were at full scale.
  notePeak(_peak, clipped) {
    this.isCounted = true;
    if (clipped < CLIPPED) return;
    this._light();
    this._wake();
  }

  // Levels of the machine's own sound, each from 0 to 1.
  take(levels) {
    this.told ??= new ToldBands();
    this.told.take(levels, performance.now());
    if (levels.some((each) => each > STILL)) this._wake();
  }

  stop() {
    this.isOn = false;
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
    this.frame = this.timer = null;
    this.canvas.stop();
    this.listeners.abort();
  }

  _build() {
    this.canvas = new SharpCanvas("rc-meter__bars", () => this._resized());
    this.number = node("span", "rc-meter__number", "", { "aria-hidden": "true" });
    this.element.replaceChildren(this.canvas.element, this.number);
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    const wake = () => !document.hidden && this._wake();
    document.addEventListener("visibilitychange", wake, { signal });
    this.calm.addEventListener("change", () => this._turnCalm(), { signal });
    this._turnCalm();
    this._tell(-Infinity);
  }

  _turnCalm() {
    this.canvas.clear();
    this.drawn = "";
    this.element.classList.toggle("rc-meter--calm", this.calm.matches);
    this._wake();
  }

  _resized() {
    this.drawn = "";
    this._wake();
  }

  _wake() {
    if (this.frame !== null) return;
    clearTimeout(this.timer);
    this.timer = null;
    this.at = performance.now();
    this._next();
  }

  // What comes next: a picture at once, or a look at the sound in a while.
  _next() {
    this.frame = requestAnimationFrame((now) => this._step(now));
  }

  _wait(milliseconds) {
    this.frame = null;
    this.timer = setTimeout(() => this._listen(), milliseconds);
  }

  _step(now) {
    this.frame = null;
    const isSounding = this._hear(now);
    this._move(now);
    this._tell(now);
    if (this.calm.matches) {
      if (isSounding || this.isOn || this.loudest > STILL) this._wait(CALM_MS);
      return;
    }
    this._draw(now);
    const isMoving = this.loudest > STILL || this.marks.some((each) => each > STILL) || now < this.lampUntil;
    if (this.canvas.width && (isSounding || isMoving)) this._next();
    else if (this.isOn) this._wait(LISTEN_MS);
  }

  // Nothing is drawn now: is there something to draw again?
  _listen() {
    this.timer = null;
    // When the page is seen again, `visibilitychange` says so.
    if (document.hidden) return;
    const now = performance.now();
    if (this.calm.matches || (this._hear(now) && this.canvas.width)) this._wake();
    else if (this.isOn) this._wait(LISTEN_MS);
  }

  // Takes the levels of the moment; says whether there is sound.
  _hear(now) {
    this.source = this._source();
    this.source?.read(now);
    if (this.source === null) return false;
    if (this.source.clipped >= CLIPPED && !this.isCounted) this._light();
    return this.source.isSounding;
  }

  _source() {
    const analyser = this.isOn ? this.analyser() : null;
    if (analyser === null) return this.told;
    if (this.heard?.analyser !== analyser) this.heard = new HeardBands(analyser);
    return this.heard;
  }

  // Moves the bars towards what is heard, at the same speed whatever the screen's rate is.
  _move(now) {
    const passed = Math.min(100, Math.max(0, now - this.at));
    this.at = now;
    const up = 1 - Math.exp(-passed / RISE_MS);
    const down = 1 - Math.exp(-passed / FALL_MS);
    this.loudest = 0;
    for (let bar = 0; bar < N_BARS; bar++) {
      const target = this.source?.levels[bar] ?? 0;
      const before = this.levels[bar];
      const level = before + (target - before) * (target > before ? up : down);
      this.levels[bar] = level < STILL && target === 0 ? 0 : level;
      this.loudest = Math.max(this.loudest, this.levels[bar]);
      this._mark(bar, now, passed);
    }
  }

  _mark(bar, now, passed) {
    if (this.levels[bar] >= this.marks[bar]) {
      this.marks[bar] = this.levels[bar];
      this.heldUntil[bar] = now + HOLD_MS;
    } else if (now > this.heldUntil[bar]) {
      this.marks[bar] = Math.max(this.levels[bar], this.marks[bar] - (SINK_PER_S * passed) / 1000);
    }
  }

  _light() {
    this.lampUntil = performance.now() + LAMP_MS;
  }

  _draw(now) {
    const { context, width, height, scale } = this.canvas;
    if (!width) return;
    const dots = (share) => (share < STILL ? 0 : Math.max(1, Math.round(share * height)));
    const isLit = now < this.lampUntil;
    // Bars that did not move by a dot are left as they are.
    const picture = `${isLit}${this.color}${Array.from(this.levels, dots)}${Array.from(this.marks, dots)}`;
    if (picture === this.drawn) return;
    this.drawn = picture;
    this.canvas.clear();
    context.fillStyle = this.color;
    const unit = width / UNITS;
    const capHeight = Math.max(1, Math.round(scale));
    for (let bar = 0; bar < N_BARS; bar++) {
      const left = Math.round(bar * (BAR + GAP) * unit);
      const wide = Math.round((bar * (BAR + GAP) + BAR) * unit) - left;
      const high = dots(this.levels[bar]);
      const mark = dots(this.marks[bar]);
      context.fillRect(left, height - high, wide, high);
      if (mark > high + capHeight) context.fillRect(left, height - mark, wide, capHeight);
    }
    if (!isLit) return;
    context.fillStyle = this.lampColor;
    context.fillRect(width - Math.round(BAR * unit), 0, width, Math.round(height / 3));
  }

  // What a screen reader finds, and the number for those who want nothing to move.
  _tell(now) {
    const isLit = now < this.lampUntil;
    const isAtRest = this.loudest < STILL;
    // The end of the sound, and the lamp, are told at once: nothing may come after them.
    const isNews = (isAtRest && this.spoken) || isLit !== this.isLit;
    if (now - this.toldAt < TELL_MS && !isNews) return;
    this.toldAt = now;
    this.isLit = isLit;
    const style = getComputedStyle(this.element);
    this.color = style.color;
    this.lampColor = style.getPropertyValue("--rc-error") || style.color;
    // In steps of five: what hardly changed is not told again.
    const spoken = isAtRest ? 0 : Math.round(this.loudest * 20) * 5;
    const words = isLit ? "too loud, the sound is clipped" : WORDS.find(([below]) => this.loudest < below)[1];
    this.element.toggleAttribute("data-rc-clipped", isLit);
    if (spoken === this.spoken && words === this.words) return;
    this.spoken = spoken;
    this.words = words;
    this.element.setAttribute("aria-valuenow", spoken);
    this.element.setAttribute("aria-valuetext", words);
    if (this.calm.matches) setText(this.number, isLit ? "clip" : String(spoken));
  }
}
