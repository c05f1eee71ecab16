// A small player for the sound of one item; the sound is fetched when it is first wanted.

import { iconButton, node, relabel, setText } from "rc/dom.js";
import { soundLength } from "rc/format.js";

let playing = null;

export class AudioPlayer {
  constructor() {
    this.element = node("span", "rc-player");
    this.button = iconButton("play_arrow", "Play", () => this.toggle());
    this.position = node("input", "rc-player__position", null, {
      type: "range",
      min: "0",
      max: "1000",
      value: "0",
      "aria-label": "Position",
    });
    this.position.hidden = true;
    this.position.addEventListener("input", () => this.seek());
    this.length = node("span", "rc-player__length");
    this.save = node("a", "rc-icon-button rc-player__save", null, {
      "aria-label": "Download audio",
      title: "Download audio",
    });
    this.save.append(node("i", "rc-icon", null, { "data-icon": "download", "aria-hidden": "true" }));
    this.element.append(this.button, this.position, this.length, this.save);
    this.audio = null;
  }

  /**
   * The item has sound at `url`, this long. Growing sound is fetched again when played next.
   * `heardMs` is how much of it was heard before it was cut off; null: it was not.
   */
  update(url, name, milliseconds, heardMs) {
    this.url = url;
    this.milliseconds = milliseconds;
    this.heardMs = heardMs ?? null;
    this.save.href = url;
    this.save.download = name;
    this.showLength();
  }

  showLength() {
    const isCut = this.heardMs !== null && this.heardMs < this.milliseconds;
    const heard = isCut ? (this.heardMs > 0 ? soundLength(this.heardMs) : "0:00") : null;
    const whole = soundLength(this.milliseconds);
    setText(this.length, isCut ? `${heard} of ${whole}` : whole);
    this.length.title = isCut ? `${heard} of ${whole} were heard` : "";
  }

  toggle() {
    if (this.audio && !this.audio.paused) this.audio.pause();
    else this.play();
  }

  async play() {
    if (!this.audio || this.loaded !== this.milliseconds) this.load();
    if (playing && playing !== this) playing.audio?.pause();
    playing = this;
    const audio = this.audio;
    try {
      await audio.play();
    } catch (error) {
      // Paused before it began is no failure.
      if (error.name !== "AbortError" && this.audio === audio) this.failed();
    }
  }

  load() {
    this.letGo();
    const audio = node("audio", "", null, { preload: "none", src: this.url });
    this.audio = audio;
    this.loaded = this.milliseconds;
    // A player that was let go still has events under way; they must not speak for its successor.
    const on = (type, handler) =>
      audio.addEventListener(type, () => this.audio === audio && handler());
    on("play", () => this.showPlaying(true));
    on("pause", () => this.showPlaying(false));
    on("timeupdate", () => this.showPosition());
    on("ended", () => this.ended());
    on("error", () => this.failed());
    this.element.append(audio);
  }

  showPlaying(isPlaying) {
    relabel(this.button, isPlaying ? "pause" : "play_arrow", isPlaying ? "Pause" : "Play");
    if (isPlaying) this.position.hidden = false;
  }

  showPosition() {
    const { currentTime, duration } = this.audio;
    if (!duration) return;
    this.position.value = String(Math.round((currentTime / duration) * 1000));
    const now = currentTime > 0 ? `${soundLength(Math.max(1, currentTime * 1000))} / ` : "";
    setText(this.length, now + soundLength(this.milliseconds));
  }

  seek() {
    if (this.audio?.duration) {
      this.audio.currentTime = (Number(this.position.value) / 1000) * this.audio.duration;
    }
  }

  ended() {
    this.position.hidden = true;
    this.position.value = "0";
    this.showLength();
  }

  failed() {
    this.position.hidden = true;
    relabel(this.button, "error_outline", "The sound cannot be had. Play again");
    this.letGo();
  }

  letGo() {
    const audio = this.audio;
    this.audio = null;
    audio?.pause();
    audio?.remove();
  }

  stop() {
    this.audio?.pause();
    if (playing === this) playing = null;
  }
}
