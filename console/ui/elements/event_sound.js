// Plays the sound of events; one at a time, and nothing into what the user says.

import { iconButton, relabel } from "rc/dom.js";

let playing = null;

/** Nothing sounds any more. */
export function hushEvents() {
  playing?.stop();
}

export class SoundButton {
  /** @param {string} label  @param {() => string} url of a WAV file */
  constructor(label, url) {
    this.label = label;
    this.url = url;
    this.audio = null;
    this.button = iconButton("play_arrow", label, () => this.toggle());
    this.button.classList.add("rc-sound-button");
  }

  toggle() {
    if (this.audio) this.stop();
    else this.play();
  }

  play() {
    playing?.stop();
    playing = this;
    this.audio = new Audio(this.url());
    this.audio.addEventListener("ended", () => this.stop());
    this.audio.addEventListener("error", () => this.fail());
    relabel(this.button, "stop", "Stop");
    // What is stopped before it begins is no failure.
    this.audio.play().catch((error) => error.name !== "AbortError" && this.fail());
  }

  stop() {
    this.audio?.pause();
    this.audio = null;
    if (playing === this) playing = null;
    relabel(this.button, "play_arrow", this.label);
  }

  fail() {
    if (!this.audio) return;
    this.stop();
    relabel(this.button, "play_disabled", "The sound of this event is not held any more");
  }
}
