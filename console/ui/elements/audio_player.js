// A small player for the sound of one item; the sound is fetched when it is first wanted.
//
// One sound at a time: a player that begins stops the other, an answer that is spoken stops them all,
// and what is asked for meanwhile begins behind it. Nothing plays into what the user says. All are as
// loud as the assistant, and are heard where it is.

import { iconButton, node, relabel, setText } from "rc/dom.js";
import { soundLength } from "rc/format.js";
import { Waveform } from "rc/waveform.js";

let playing = null;
let waiting = null;
let isSpeaking = false;
let speaker = { device_id: "", volume: 1, is_muted: false };

/** The assistant is heard, or not any more. */
export function setSpeaking(isSpeakingNow) {
  if (isSpeaking === isSpeakingNow) return;
  isSpeaking = isSpeakingNow;
  if (isSpeaking) playing?.audio?.pause();
  else waiting?.play();
}

/** The user speaks: nothing sounds, and nothing that waits will. */
export function hush() {
  waiting?.stopWaiting();
  playing?.audio?.pause();
}

/** The speaker is set like this: SpeakerSettings in console/app/sound_settings.py. */
export function setSpeaker(settings) {
  speaker = settings;
  if (playing?.audio) sendTo(playing.audio);
}

// A device that is not there, or that the browser does not give, leaves the sound on the system's.
async function sendTo(audio) {
  audio.volume = Math.min(1, speaker.volume);
  audio.muted = speaker.is_muted;
  if (!("setSinkId" in audio) || audio.sinkId === speaker.device_id) return;
  await audio.setSinkId(speaker.device_id).catch((error) => console.warn("the item's sound stays:", error));
}

export class AudioPlayer {
  constructor() {
    this.element = node("div", "rc-player");
    this.button = iconButton("play_arrow", "Play", () => this.toggle());
    this.button.classList.add("rc-player__button");
    this.wave = new Waveform((ms, plays) => this.seek(ms, plays), () => this.toggle());
    this.length = node("span", "rc-player__length");
    this.save = node("a", "rc-icon-button rc-player__save", null, {
      "aria-label": "Download audio",
      title: "Download audio",
    });
    this.save.append(node("i", "rc-icon", null, { "data-icon": "download", "aria-hidden": "true" }));
    this.element.append(this.button, this.wave.element, this.length, this.save);
    this.audio = null;
    // Where to begin; null: at the beginning, and nothing has been played of it.
    this.positionMs = null;
    this.frame = null;
    this.calm = matchMedia("(prefers-reduced-motion: reduce)");
  }

  /**
   * The item has sound at `url`, this long. Growing sound is fetched again when played next.
   * `heardMs` is how much of it was heard before it was cut off; null: it was not.
   */
  update({ url, peaksUrl, name, milliseconds, heardMs, isGrowing }) {
    this.url = url;
    this.milliseconds = milliseconds;
    this.heardMs = heardMs ?? null;
    this.save.href = url;
    this.save.download = name;
    this.wave.update({ url: peaksUrl, milliseconds, heardMs: this.heardMs, isGrowing });
    this.showLength();
  }

  showLength() {
    const isCut = this.heardMs !== null && this.heardMs < this.milliseconds;
    const heard = isCut ? (this.heardMs > 0 ? soundLength(this.heardMs) : "0:00") : null;
    const whole = soundLength(this.milliseconds);
    if (this.positionMs !== null) {
      const now = this.positionMs < 500 ? "0:00" : soundLength(this.positionMs);
      setText(this.length, `${now} / ${whole}`);
    } else setText(this.length, isCut ? `${heard} of ${whole}` : whole);
    this.length.title = isCut ? `${heard} of ${whole} were heard` : "";
  }

  toggle() {
    if (waiting === this) this.stopWaiting();
    else if (this.audio && !this.audio.paused) this.audio.pause();
    else this.play();
  }

  /** Go to a place; it sounds from there at once, or when it is played next. */
  seek(milliseconds, plays) {
    this.show(milliseconds);
    // Sound whose length is not known yet goes there when it is.
    if (this.audio?.readyState > 0) this.audio.currentTime = milliseconds / 1000;
    if (plays && (this.audio?.paused ?? true)) this.play();
  }

  async play() {
    if (isSpeaking) {
      this.wait();
      return;
    }
    this.stopWaiting();
    if (!this.audio || this.loaded !== this.milliseconds) this.load();
    if (playing && playing !== this) playing.audio?.pause();
    playing = this;
    const audio = this.audio;
    sendTo(audio);
    try {
      await audio.play();
    } catch (error) {
      // Paused before it began is no failure.
      if (error.name !== "AbortError" && this.audio === audio) this.failed();
    }
  }

  wait() {
    waiting?.stopWaiting();
    waiting = this;
    relabel(this.button, "hourglass_empty", "Plays once the answer has been spoken. Do not");
  }

  stopWaiting() {
    if (waiting !== this) return;
    waiting = null;
    this.showPlaying(false);
  }

  load() {
    this.letGo();
    // The place belongs to the address: a browser that is busy would begin to play before it is told.
    const place = this.positionMs ? `#t=${this.positionMs / 1000}` : "";
    const audio = node("audio", "", null, { preload: "none", src: this.url + place });
    this.audio = audio;
    this.loaded = this.milliseconds;
    // A player that was let go still has events under way; they must not speak for its successor.
    const on = (type, handler) =>
      audio.addEventListener(type, () => this.audio === audio && handler());
    on("loadedmetadata", () => {
      const seconds = (this.positionMs ?? 0) / 1000;
      if (Math.abs(audio.currentTime - seconds) > 0.01) audio.currentTime = seconds;
    });
    on("play", () => this.showPlaying(true));
    on("pause", () => this.showPlaying(false));
    on("timeupdate", () => this.follow());
    on("ended", () => this.ended());
    on("error", () => this.failed());
    this.element.append(audio);
  }

  showPlaying(isPlaying) {
    relabel(this.button, isPlaying ? "pause" : "play_arrow", isPlaying ? "Pause" : "Play");
    cancelAnimationFrame(this.frame);
    if (isPlaying && !this.calm.matches) this.frame = requestAnimationFrame(() => this.glide());
    if (!isPlaying) this.wave.tell();
  }

  // The line moves with each picture of the screen; where nothing shall move, four times a second.
  glide() {
    this.follow();
    if (this.audio && !this.audio.paused) this.frame = requestAnimationFrame(() => this.glide());
  }

  /** The sound of the item is heard as an answer, and stands here now; null: not any more. */
  followAnswer(milliseconds) {
    if (this.audio === null) this.show(milliseconds);
  }

  follow() {
    const { currentTime, seeking, readyState, ended } = this.audio ?? {};
    // A sound that has not arrived where it was sent stands at its old place.
    if (readyState > 0 && !seeking && !ended && currentTime > 0) this.show(currentTime * 1000);
  }

  show(milliseconds) {
    this.positionMs = milliseconds;
    this.wave.move(milliseconds);
    this.showLength();
  }

  ended() {
    this.show(null);
    this.wave.tell();
  }

  failed() {
    this.letGo();
    this.show(null);
    relabel(this.button, "error_outline", "The sound cannot be had. Play again");
  }

  letGo() {
    const audio = this.audio;
    this.audio = null;
    cancelAnimationFrame(this.frame);
    audio?.pause();
    audio?.remove();
  }

  stop() {
    this.letGo();
    this.stopWaiting();
    this.wave.stop();
    if (playing === this) playing = null;
  }
}
