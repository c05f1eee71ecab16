// A canvas with a dot for each dot of the screen, whatever size the stylesheet gives it.
//
// Sizes are told by the browser when they change, so that drawing never asks for the layout.

import { node } from "rc/dom.js";

export class SharpCanvas {
  // `onResize()` is called when there is another size to draw in; what was drawn is gone then.
  constructor(className, onResize) {
    this.element = node("canvas", className, null, { "aria-hidden": "true" });
    this.context = this.element.getContext("2d");
    // In dots of the screen; none while the canvas is not shown.
    this.width = 0;
    this.height = 0;
    // Dots for each pixel of the stylesheet.
    this.scale = 1;
    this.observer = new ResizeObserver(([entry]) => this._fit(entry, onResize));
    try {
      this.observer.observe(this.element, { box: "device-pixel-content-box" });
    } catch {
      // Safari has no such box: there the size is rounded to dots here.
      this.observer.observe(this.element);
    }
  }

  stop() {
    this.observer.disconnect();
  }

  clear() {
    this.context.clearRect(0, 0, this.width, this.height);
  }

  _fit({ contentRect, devicePixelContentBoxSize }, onResize) {
    const box = devicePixelContentBoxSize?.[0];
    const ratio = window.devicePixelRatio;
    this.width = box ? box.inlineSize : Math.round(contentRect.width * ratio);
    this.height = box ? box.blockSize : Math.round(contentRect.height * ratio);
    this.scale = contentRect.width ? this.width / contentRect.width : ratio;
    this.element.width = this.width;
    this.element.height = this.height;
    onResize();
  }
}
