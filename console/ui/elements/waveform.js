// The waveform of an item's sound: a slider to click, to drag, and to move with the keys.
//
// Its peaks come from the server, when the item comes into view; the sound itself is not needed for it.

import { node } from "rc/dom.js";
import { soundLength } from "rc/format.js";
import { SharpCanvas } from "rc/sharp_canvas.js";

// Widths in pixels of the stylesheet: a bar, and the room behind it.
const BAR = 2;
const STEP = 3;
// A longer sound is a longer picture, up to a width that still fits.
const NARROWEST = 96;
const WIDEST = 480;
const PX_PER_S = 14;
// Speech that is quieter than this is drawn as quiet as it is.
const QUIETEST_TOP = 0.05;
// Raises what is quiet, as ears do.
const GAMMA = 0.7;
// The waveform of an item that grows is fetched anew so often.
const REFRESH_MS = 3000;
// What is about to be scrolled into view is fetched ahead.
const AHEAD = "150px";

const position = (ms) => (ms < 500 ? "0:00" : soundLength(ms));

const drawn = new Set();
const waveforms = new WeakMap();
let inView = null;

// One observer for all: whether a waveform is to be seen. And one of the theme.
function watch(waveform) {
  if (inView === null) {
    const seen = (entries) => entries.forEach((each) => waveforms.get(each.target)?.seen(each.isIntersecting));
    inView = new IntersectionObserver(seen, { rootMargin: AHEAD });
    const redraw = () => drawn.forEach((each) => each.draw());
    new MutationObserver(redraw).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  }
  waveforms.set(waveform.element, waveform);
  inView.observe(waveform.element);
}

export class Waveform {
  /**
   * @param {(ms: number, plays: boolean) => void} onSeek called when the user goes to a place;
   *   `plays` says that the sound is wanted from there on
   * @param {() => void} onToggle called for the keys that play and pause
   */
  constructor(onSeek, onToggle) {
    this.onSeek = onSeek;
    this.onToggle = onToggle;
    this.milliseconds = 0;
    this.heardMs = null;
    this.peaks = [];
    this.coveredMs = 0;
    // Where the sound stands, and where the finger is meanwhile; null: nowhere.
    this.positionMs = null;
    this.draggedMs = null;
    this.isSeen = false;
    this.fetched = null;
    this.fetchedAt = -Infinity;
    this.timer = null;
    this._build();
    watch(this);
  }

  /** The item has so much sound; `heardMs` of it were heard before it was cut off, null: all. */
  update({ url, milliseconds, heardMs, isGrowing }) {
    const isSame = this.milliseconds === milliseconds && this.heardMs === heardMs;
    this.url = url;
    this.isGrowing = isGrowing;
    this.milliseconds = milliseconds;
    this.heardMs = heardMs !== null && heardMs < milliseconds ? heardMs : null;
    this._plan();
    if (isSame) return;
    const width = Math.min(WIDEST, NARROWEST + (milliseconds / 1000) * PX_PER_S);
    this.element.style.setProperty("--rc-wave-width", `${Math.round(width)}px`);
    this.tell();
    this.draw();
  }

  /** The sound stands here now; null: at its beginning, and at rest. */
  move(milliseconds) {
    if (this.positionMs === milliseconds) return;
    this.positionMs = milliseconds;
    if (this.draggedMs === null) this.draw();
  }

  /** Say to screen readers where the sound stands; not while it plays, or they would never rest. */
  tell() {
    const now = this.draggedMs ?? this.positionMs ?? 0;
    const cut = this.heardMs === null ? "" : `, cut off at ${position(this.heardMs)}`;
    this.element.setAttribute("aria-valuemax", (this.milliseconds / 1000).toFixed(1));
    this.element.setAttribute("aria-valuenow", (now / 1000).toFixed(1));
    this.element.setAttribute("aria-valuetext", `${position(now)} of ${soundLength(this.milliseconds)}${cut}`);
  }

  seen(isSeen) {
    this.isSeen = isSeen;
    if (isSeen) drawn.add(this);
    else drawn.delete(this);
    this._plan();
    this.draw();
  }

  stop() {
    clearTimeout(this.timer);
    inView.unobserve(this.element);
    drawn.delete(this);
    this.canvas.stop();
    this.url = null;
  }

  _build() {
    this.element = node("div", "rc-wave", null, {
      role: "slider",
      tabindex: "0",
      "aria-label": "Position in the sound",
      "aria-valuemin": "0",
    });
    this.canvas = new SharpCanvas("rc-wave__picture", () => this.draw());
    this.element.append(this.canvas.element);
    const on = (type, handler) => this.element.addEventListener(type, handler);
    on("keydown", (event) => this._keyDown(event));
    on("focus", () => this.tell());
    on("pointerdown", (event) => this._pointerDown(event));
    on("pointermove", (event) => this.draggedMs !== null && this._drag(event));
    on("pointerup", (event) => this._pointerUp(event));
    on("pointercancel", () => this._letGo());
  }

  // Fetching ------------------------------------------------------------------------------------

  // Fetches when it is in view and there is more sound than was drawn; what grows, now and then.
  _plan() {
    clearTimeout(this.timer);
    if (!this.isSeen || !this.url || this.fetched === this.milliseconds) return;
    const due = this.isGrowing ? this.fetchedAt + REFRESH_MS - performance.now() : 0;
    if (due > 0) this.timer = setTimeout(() => this._plan(), due);
    else this._fetch();
  }

  async _fetch() {
    const { url, milliseconds } = this;
    this.fetched = milliseconds;
    this.fetchedAt = performance.now();
    try {
      const answer = await fetch(url);
      if (!answer.ok) return;
      const { peaks, ms } = await answer.json();
      // An answer that was overtaken by a later one is of no use.
      if (!this.url || ms < this.coveredMs) return;
      this.peaks = peaks;
      this.coveredMs = ms;
      this.draw();
    } catch {
      // The console is not reachable: the slider works without its picture, and more sound asks anew.
    }
  }

  // Going to a place ----------------------------------------------------------------------------

  _keyDown(event) {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") this.onToggle();
    else {
      const now = this.positionMs ?? 0;
      const to = {
        ArrowRight: now + 1000, ArrowUp: now + 1000, ArrowLeft: now - 1000, ArrowDown: now - 1000,
        PageUp: now + 10_000, PageDown: now - 10_000, Home: 0, End: this.milliseconds,
      }[event.key];
      if (to === undefined) return;
      this.onSeek(Math.min(this.milliseconds, Math.max(0, to)), false);
      this.tell();
    }
    event.preventDefault();
  }

  _pointerDown(event) {
    if (event.button !== 0) return;
    this.element.setPointerCapture(event.pointerId);
    this._drag(event);
  }

  _drag(event) {
    const { left, width } = this.element.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    this.draggedMs = share * this.milliseconds;
    this.draw();
  }

  _pointerUp(event) {
    if (this.draggedMs === null) return;
    this._drag(event);
    const to = this.draggedMs;
    this._letGo();
    this.onSeek(to, true);
    this.tell();
  }

  _letGo() {
    this.draggedMs = null;
    this.draw();
  }

  // Drawing -------------------------------------------------------------------------------------

  draw() {
    const { width } = this.canvas;
    if (!width || !this.isSeen || !this.milliseconds) return;
    this.canvas.clear();
    const style = getComputedStyle(this.element);
    const color = (name) => style.getPropertyValue(`--rc-${name}`);
    const now = this.draggedMs ?? this.positionMs;
    const x = (ms) => Math.round(Math.min(1, ms / this.milliseconds) * width);
    if (now !== null) this._fill(color("selected"), 0, x(now));
    const heardTo = this.heardMs === null ? width : x(this.heardMs);
    this._drawBars(style.color, color("edge"), heardTo);
    if (this.heardMs !== null) this._drawCut(color("text"), heardTo);
    if (now !== null) this._fill(color("text"), Math.max(0, x(now) - this.canvas.scale), 2 * this.canvas.scale);
  }

  _fill(color, left, width) {
    const { context, height } = this.canvas;
    context.fillStyle = color;
    context.fillRect(left, 0, width, height);
  }

  // What was not heard is thinner as well as of another colour.
  _drawBars(heardColor, restColor, heardTo) {
    const { context, width, height, scale } = this.canvas;
    const step = Math.max(2, Math.round(STEP * scale));
    const thick = Math.max(1, Math.round(BAR * scale));
    const room = height - 4 * scale;
    const top = Math.max(QUIETEST_TOP, ...this.peaks);
    for (let left = 0; left + thick <= width; left += step) {
      const share = this._peak(left / width, (left + step) / width) / top;
      const high = Math.max(thick, Math.round(share ** GAMMA * room));
      const isHeard = left < heardTo;
      context.fillStyle = isHeard ? heardColor : restColor;
      context.fillRect(left, Math.round((height - high) / 2), isHeard ? thick : Math.ceil(thick / 2), high);
    }
  }

  // The highest peak between two shares of the sound.
  _peak(from, to) {
    const each = (this.peaks.length * this.milliseconds) / (this.coveredMs || 1);
    const first = Math.floor(from * each);
    let highest = this.peaks[first] ?? 0;
    for (let at = first + 1; at < Math.min(to * each, this.peaks.length); at++) highest = Math.max(highest, this.peaks[at]);
    return highest;
  }

  // A dashed line with a flag at both ends: here it was cut off.
  _drawCut(color, at) {
    const { context, width, height, scale } = this.canvas;
    const x = Math.min(width - scale, Math.max(scale, at));
    const flag = 4 * scale;
    context.strokeStyle = context.fillStyle = color;
    context.lineWidth = Math.max(1, Math.round(scale));
    context.setLineDash([3 * scale, 2 * scale]);
    context.beginPath();
    context.moveTo(x, 0);
    context.lineTo(x, height);
    context.stroke();
    context.setLineDash([]);
    for (const [y, inward] of [[0, flag], [height, height - flag]]) {
      context.beginPath();
      context.moveTo(x - flag, y);
      context.lineTo(x + flag, y);
      context.lineTo(x, inward);
      context.fill();
    }
  }
}
