// Push-to-talk: hold the button with mouse, finger or pen, or hold the space bar.
//
// `isReady()` says whether a press is taken now; `onPress()` and `onRelease()` come in pairs.

import { isInDialog, isTyped } from "rc/typing.js";

// The pointer may stray this far from the button before the hold ends.
const MARGIN_PX = 16;

export class PushToTalk {
  constructor({ selector, isReady, onPress, onRelease }) {
    this.selector = selector;
    this.isReady = isReady;
    this.onPress = onPress;
    this.onRelease = onRelease;
    this.button = null;
    this.pointerId = null;
    this.isHeld = false;
    // A press by space that was ended before its key is up: what the key does is still ours.
    this.isSpaceDown = false;
    this.listeners = new AbortController();
  }

  listen() {
    const { signal } = this.listeners;
    const on = (target, type, handler) => target.addEventListener(type, handler, { capture: true, signal });
    on(document, "pointerdown", (event) => this._pointerDown(event));
    on(document, "pointermove", (event) => this._pointerMoved(event));
    for (const type of ["pointerup", "pointercancel", "lostpointercapture"]) {
      on(document, type, (event) => event.pointerId === this.pointerId && this.release());
    }
    // A long touch asks for the context menu, which would end the hold.
    on(document, "contextmenu", (event) => event.target.closest?.(this.selector) && event.preventDefault());
    on(window, "keydown", (event) => this._keyDown(event));
    on(window, "keyup", (event) => this._keyUp(event));
    on(window, "blur", (event) => event.target === window && this.release());
    on(window, "pagehide", () => this.release());
    on(document, "visibilitychange", () => document.hidden && this.release());
  }

  stop() {
    this.release();
    this.listeners.abort();
  }

  release() {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.pointerId = null;
    for (const button of document.querySelectorAll(this.selector)) delete button.dataset.rcHeld;
    this.onRelease();
  }

  _press() {
    this.isHeld = true;
    for (const button of document.querySelectorAll(this.selector)) button.dataset.rcHeld = "";
    this.onPress();
  }

  _pointerDown(event) {
    const button = event.target.closest?.(this.selector);
    if (!button || button.disabled || event.button !== 0 || this.isHeld || !this.isReady()) return;
    this.button = button;
    this.pointerId = event.pointerId;
    button.setPointerCapture(event.pointerId);
    this._press();
  }

  _pointerMoved(event) {
    if (event.pointerId !== this.pointerId) return;
    const { left, right, top, bottom } = this.button.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    const isNear = x > left - MARGIN_PX && x < right + MARGIN_PX && y > top - MARGIN_PX && y < bottom + MARGIN_PX;
    if (!isNear) this.release();
  }

  _keyDown(event) {
    if (event.code !== "Space" || event.ctrlKey || event.altKey || event.metaKey) return;
    // Its release may have gone to another window.
    if (!event.repeat) this.isSpaceDown = false;
    const isOurs = this.isHeld || this.isSpaceDown;
    if (!isOurs && (event.repeat || event.isComposing || needsSpace(event) || !this.isReady())) return;
    // Neither scrolls nor presses the button that has the focus.
    event.preventDefault();
    event.stopPropagation();
    if (isOurs) return;
    this.isSpaceDown = true;
    this._press();
  }

  _keyUp(event) {
    if (event.code !== "Space" || !this.isSpaceDown) return;
    this.isSpaceDown = false;
    event.preventDefault();
    event.stopPropagation();
    if (this.pointerId === null) this.release();
  }
}

// Whether the space bar has work of its own here: typing, a list that opens, a player.
function needsSpace(event) {
  return isTyped(event) || isInDialog(event) || event.target.closest?.("audio, video") != null;
}
