// A button with a small sheet below it, which a click elsewhere or Escape closes.

import { icon, node, relabel } from "rc/dom.js";

const EDGE_PX = 8;

export class PopUp {
  /**
   * @param {string} picture the button's icon
   * @param {string} label the button's name, and the sheet's
   * @param {(sheet: HTMLElement) => void} [opened] fills the sheet before it is seen
   */
  constructor(picture, label, opened = () => {}) {
    this.button = node("button", "rc-icon-button rc-pop__button", null, {
      type: "button",
      "aria-label": label,
      "aria-haspopup": "dialog",
      "aria-expanded": "false",
      title: label,
    });
    this.button.append(icon(picture));
    this.picture = picture;
    this.sheet = node("div", "rc-pop", null, { popover: "auto", role: "dialog", "aria-label": label });
    this.element = node("span", "rc-pop__place");
    this.element.append(this.button, this.sheet);
    // The browser closes the sheet when the button is pressed: the click shall not open it again.
    this.button.addEventListener("pointerdown", () => (this.wasOpen = this.isOpen));
    this.button.addEventListener("click", () => {
      if (!this.wasOpen) this.open();
      this.wasOpen = false;
    });
    this.sheet.addEventListener("toggle", ({ newState }) => {
      this.button.setAttribute("aria-expanded", newState === "open");
      if (newState === "closed") this.closed?.();
    });
    this.opened = opened;
  }

  get isOpen() {
    return this.sheet.matches(":popover-open");
  }

  open() {
    this.opened(this.sheet);
    this.sheet.showPopover();
    const at = this.button.getBoundingClientRect();
    const { offsetWidth, offsetHeight } = this.sheet;
    const left = Math.min(at.right - offsetWidth, innerWidth - offsetWidth - EDGE_PX);
    const top = Math.min(at.bottom + 4, innerHeight - offsetHeight - EDGE_PX);
    this.sheet.style.left = `${Math.max(EDGE_PX, left)}px`;
    this.sheet.style.top = `${Math.max(EDGE_PX, top)}px`;
    this.sheet.querySelector("input, button, a")?.focus();
  }

  close() {
    this.sheet.hidePopover();
  }

  /** Show whether it changes what is seen. */
  mark(isOn, label) {
    this.button.classList.toggle("rc-pop__button--on", isOn);
    relabel(this.button, this.picture, label);
  }
}
