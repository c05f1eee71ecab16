// What does not fit into a box is not put there at all, and its writer is told.

import { setText } from "rc/dom.js";

/**
 * Let a box take texts as a whole or not at all. A browser would take what fits of it, and say
 * nothing of the rest; what has no limit may be more than a message to the server can hold.
 *
 * @param {HTMLInputElement | HTMLTextAreaElement} box where one types
 * @param {number} most how many characters it takes
 * @param {HTMLElement} told shows how many they would be and how many they may be, until the next
 *   input
 */
export function takeWhole(box, most, told) {
  const tell = (sentence) => {
    setText(told, sentence);
    told.hidden = !sentence;
    if (sentence) told.scrollIntoView({ block: "nearest" }); // the box may be long
  };
  tell("");
  box.maxLength = most;
  box.addEventListener("beforeinput", (event) => {
    const text = event.data ?? (event.inputType === "insertLineBreak" ? "\n" : "");
    const length = box.value.length - (box.selectionEnd - box.selectionStart) + text.length;
    if (!text || !event.cancelable || length <= most) return;
    event.preventDefault();
    const number = (value) => value.toLocaleString("en");
    tell(
      `With what was put in, this would have ${number(length)} characters, and ${number(most)} `
        + "is the most. Nothing was put in: do it in parts.",
    );
  });
  box.addEventListener("input", () => tell(""));
}
