// What a page does whose browser is not let in any more: the console was started anew, or its owner
// has ended the visit. A refused WebSocket looks to a page like a lost network, so the door is asked.

const DOOR = "/door";
const TITLE = "This console needs a new link";

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

// Ends what would try again for ever, and says so over the page, whose content stays.
export function show(words) {
  if (isShown) return;
  isShown = true;
  window.socket?.disconnect();
  document.getElementById("popup")?.setAttribute("aria-hidden", "true");
  const panel = document.createElement("div");
  panel.className = "rc-shut-out";
  panel.setAttribute("role", "alertdialog");
  panel.setAttribute("aria-label", TITLE);
  const title = document.createElement("strong");
  title.textContent = TITLE;
  const text = document.createElement("span");
  text.textContent = words;
  const reload = document.createElement("button");
  reload.textContent = "Reload";
  reload.onclick = () => location.reload();
  panel.append(title, text, reload);
  document.body.append(panel);
  reload.focus();
}
