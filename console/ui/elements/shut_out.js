// What a page does whose browser is not let in any more: the console was started anew, or its owner
// has ended the visit. A refused WebSocket looks to a page like a lost network, so the door is asked.

import { icon, node } from "./dom.js";

const DOOR = "/door";
const TITLE = "This console needs a new link";
const REMOVED =
  "The host has ended your visit. What you see stays here; for a new link ask the host.";
// How the server ends the lines of those whom the host removes, while they are open.
const POLICY_VIOLATION = 1008;
// What only asks the console for something. What is read stays as it is: it can be marked and copied.
const DEAD = [
  ".rc-actions",
  ".rc-header button",
  ".rc-tab",
  ".rc-item__delete",
  ".rc-conversation__menu",
  ".rc-player__save",
  ".rc-approval",
  ".rc-side :is(button, input, textarea, select)",
].join();

let isShown = false;

// Returns the door's words when it refuses us; null when it lets us in or cannot be reached.
export async function refusal() {
  try {
    const answer = await fetch(`${window.path_prefix ?? ""}${DOOR}`, { cache: "no-store" });
    return answer.status === 403 ? (await answer.text()).trim() : null;
  } catch {
    return null;
  }
}

// Ends what would try again for ever, and says so where other notices stand; the page stays.
// `code` is how the line was closed.
export function show(words, code) {
  if (isShown) return;
  isShown = true;
  window.socket?.disconnect();
  const hadFocus = document.activeElement?.closest(DEAD) != null;
  for (const each of document.querySelectorAll(DEAD)) each.inert = true;
  document.getElementById("popup")?.setAttribute("aria-hidden", "true");
  const notice = code === POLICY_VIOLATION ? removed() : renewed(words);
  const place = document.querySelector(".rc-line-notice");
  if (place) place.before(notice);
  else document.body.append(notice);
  // What had the focus may be dead now: the next key goes on from here.
  const next = notice.querySelector("button") ?? (hadFocus ? notice : null);
  next?.focus();
}

// No button: nothing that is done here opens the door again.
function removed() {
  return bar({ role: "alert", tabindex: "-1" }, node("span", "rc-notice__sentence", REMOVED));
}

// A new link may have been opened in another tab: then the page is there again once it is reloaded.
function renewed(words) {
  const text = node("span", "rc-notice__sentence");
  text.append(node("strong", "", `${TITLE}.`), ` ${words}`);
  const reload = node("button", "rc-button rc-notice__action", "Reload", { type: "button" });
  reload.addEventListener("click", () => location.reload());
  return bar({ role: "alertdialog", "aria-label": TITLE }, text, reload);
}

function bar(attributes, ...parts) {
  const element = node("div", "rc-notice rc-notice--error rc-shut-out", null, attributes);
  const picture = icon("error_outline");
  picture.classList.add("rc-notice__icon");
  element.append(picture, ...parts);
  return element;
}
