// One item of the conversation as DOM: made once, then changed only where the item changed.

import { AudioPlayer } from "rc/audio_player.js";
import { icon, iconButton, node, relabel } from "rc/dom.js";
import { ItemPictures } from "rc/item_pictures.js";
import { ItemText } from "rc/item_text.js";
import { callOf, isTool, questionOf } from "rc/item_tools.js";

// NOTE: keep in step with LATE_MS in console/app/item_view.py.
const LATE_MS = 3000;

export function roleOf(view) {
  return isTool(view) ? "tool" : view.role || view.type;
}

/** Deletes at the second click: neither the sound nor the place of an item comes back. */
function deleteButton(act) {
  const button = iconButton("delete_outline", "Delete item", () => {
    if (button.classList.toggle("rc-item__delete--asks")) {
      relabel(button, "delete_forever", "Delete for good: click again");
      return;
    }
    calm();
    act();
  });
  const calm = () => {
    button.classList.remove("rc-item__delete--asks");
    relabel(button, "delete_outline", "Delete item");
  };
  button.addEventListener("blur", calm);
  // A finger leaves with each tap.
  button.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && calm());
  button.classList.add("rc-item__delete");
  return button;
}

export class ConversationItem {
  /**
   * @param {(id: string) => string} soundUrl where the sound is, without the name's ending
   * @param {Record<string, Function>} told what is called: `deleted(id)` when the user asks to delete
   *   the item; `decided(id, approve)` when they let a call go on, or not; `selected(id)` when they
   *   want to see its events
   */
  constructor(view, soundUrl, told) {
    this.soundUrl = soundUrl;
    this.told = told;
    this.element = node("article", "rc-item", null, { "data-id": view.id });
    this.role = node("div", "rc-item__role");
    this.body = node("div", "rc-item__body");
    this.side = node("div", "rc-item__side");
    const events = iconButton("format_list_bulleted", "Show its events", () => told.selected(view.id));
    this.remove = deleteButton(() => told.deleted(view.id));
    events.classList.add("rc-item__events");
    this.side.append(events, this.remove);
    this.element.append(this.role, this.body, this.side);
    this.element.addEventListener("click", (event) => this.clicked(event));
    this.pendingText = "";
    this.update(view);
  }

  update(view) {
    const before = this.view;
    this.view = view;
    this.pendingText = "";
    const role = roleOf(view);
    if (!before || roleOf(before) !== role || before.apart !== view.apart) this.showRole(view, role);
    this.element.classList.toggle("rc-item--streaming", view.status === "in_progress");
    if (isTool(view)) this.showTool(view);
    else this.showMessage(view);
    this.showSound(view);
    this.showSpeaking(view);
    this.watchTranscript(view);
  }

  showRole(view, role) {
    this.element.dataset.role = role;
    this.element.classList.toggle("rc-item--apart", Boolean(view.apart));
    this.role.replaceChildren(role);
    if (view.apart) {
      const title = "An answer outside the conversation: the model does not remember it";
      this.role.append(node("span", "rc-item__apart", "out of band", { title }));
    }
    this.speaking = node("span", "rc-item__speaking");
    this.speaking.append(icon("volume_up"), "speaking");
    this.role.append(this.speaking);
  }

  showMessage(view) {
    if (!this.text) {
      this.text = new ItemText();
      this.note = node("p", "rc-item__note");
      this.body.append(this.text.element, this.note);
    }
    this.text.show(view);
    this.showPictures(view);
    this.showNote(view);
  }

  showPictures(view) {
    if (!view.images) return;
    if (!this.pictures) {
      this.pictures = new ItemPictures((place) => `${this.soundUrl(view.id)}/images/${place}`);
      this.text.element.after(this.pictures.element);
    }
    this.pictures.show(view.images);
  }

  showNote(view) {
    const waiting = view.pending ? (this.isLate ? "the transcript is late…" : "transcribing…") : "";
    const typing = !view.text && view.status === "in_progress" && !view.pending ? "…" : "";
    const words = view.note || view.error || waiting || typing;
    this.writeNote(words ?? "", Boolean(view.error));
    this.note.hidden = !words;
    this.note.classList.toggle("rc-item__note--waiting", Boolean(waiting || typing) && !view.note);
  }

  writeNote(words, isError) {
    const wasError = this.note.classList.contains("rc-item__note--error");
    if (this.note.textContent === words && wasError === isError) return;
    this.note.classList.toggle("rc-item__note--error", isError);
    this.note.replaceChildren(...(isError ? [icon("error_outline"), node("span", "", words)] : [words]));
  }

  // A transcript that is still to come is called late after a while.
  watchTranscript(view) {
    const isWaited = Boolean(view.pending) && !isTool(view);
    if (isWaited === (this.lateTimer !== undefined)) return;
    clearTimeout(this.lateTimer);
    this.lateTimer = undefined;
    this.isLate = false;
    if (!isWaited) return;
    this.lateTimer = setTimeout(() => {
      this.isLate = true;
      this.showNote(this.view);
    }, LATE_MS);
  }

  showTool(view) {
    const isOpen = this.body.querySelector("details")?.open ?? false;
    this.body.replaceChildren(callOf(view, isOpen));
    if (view.approval === "pending") this.body.append(questionOf(view, this.told.decided));
  }

  showSound(view) {
    const hasSound = Boolean(view.playable && view.audio_ms > 0);
    if (hasSound && !this.player) {
      this.player = new AudioPlayer();
      this.body.append(this.player.element);
    }
    if (!this.player) return;
    this.player.element.hidden = !hasSound;
    if (!hasSound) return;
    const url = this.soundUrl(view.id);
    this.player.update({
      url: `${url}.wav`,
      peaksUrl: `${url}.peaks`,
      name: `${view.id}.wav`,
      milliseconds: view.audio_ms,
      heardMs: view.heard_ms,
      isGrowing: view.status === "in_progress",
    });
  }

  /** The item is being played, and was heard so far; or it is not any more. */
  move({ played, played_ms, speaking }) {
    this.view = { ...this.view, played, played_ms, speaking };
    this.text?.show(this.view);
    this.showSpeaking(this.view);
  }

  showSpeaking(view) {
    this.element.classList.toggle("rc-item--speaking", Boolean(view.speaking));
    if (view.speaking) this.player?.followAnswer(view.played_ms);
    else if (this.isFollowed) this.player?.followAnswer(null);
    this.isFollowed = Boolean(view.speaking);
  }

  /** The item is the one that is looked at elsewhere on the page. */
  mark(isMarked) {
    this.element.classList.toggle("rc-item--selected", isMarked);
    if (isMarked) this.element.setAttribute("aria-current", "true");
    else this.element.removeAttribute("aria-current");
  }

  // A click on what does something itself, or one that ends a selection of text, selects no item.
  clicked(event) {
    const isOwn = event.target.closest("button, a, summary, input, [role=slider], .rc-call__detail");
    if (!isOwn && getSelection().isCollapsed) this.told.selected(this.view.id);
  }

  /** Remember streamed text; `flush` puts all of it into the one text node. */
  append(text) {
    this.pendingText += text;
  }

  flush() {
    if (!this.pendingText) return;
    const text = this.pendingText;
    this.pendingText = "";
    if (isTool(this.view)) {
      this.view = { ...this.view, arguments: (this.view.arguments ?? "") + text };
      this.showTool(this.view);
      return;
    }
    this.view = { ...this.view, text: (this.view.text ?? "") + text, pending: false };
    this.text.append(this.view, text);
    this.showNote(this.view);
    this.watchTranscript(this.view);
  }

  destroy() {
    clearTimeout(this.lateTimer);
    this.player?.stop();
    this.element.remove();
  }
}
