// The operator's page: asks for the list of sessions every two seconds and shows it as text.
// NOTE: the fields are those of ListedSession in console/realtime/observed.py.

const EVERY_MS = 2000;
const KEPT = "relay-operator-token";

const find = (id) => document.getElementById(id);

/** The token, from the link's end (never sent with a request) or from before a reload. */
function knownToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given) {
    sessionStorage.setItem(KEPT, given);
    history.replaceState(null, "", location.pathname);
  }
  return sessionStorage.getItem(KEPT) ?? "";
}

function tell(state, sentence) {
  find("state").dataset.is = state;
  find("state").textContent = sentence;
}

function askForToken(sentence) {
  sessionStorage.removeItem(KEPT);
  find("sessions").hidden = true;
  find("door").hidden = false;
  find("refusal").textContent = sentence;
  tell("out", "Not connected");
  find("token").focus();
}

async function ask(token) {
  return fetch("/relay/sessions", {
    headers: { Authorization: `Bearer ${token}` },
    cache: "no-store",
  });
}

async function refusalOf(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `The relay answered ${response.status}.`;
  }
}

/** Why nobody new is let in at present; empty: they are. */
async function obstacle() {
  const response = await fetch("/readyz", { cache: "no-store" });
  if (response.ok) return "";
  const why = (await response.text()).trim();
  return why === "ending"
    ? "This relay is about to end: it lets nobody new in and finishes the answers under way."
    : `Nobody new is let in: ${why}. Sessions that go on are counted later.`;
}

async function look() {
  const token = sessionStorage.getItem(KEPT);
  if (!token || document.hidden) return;
  try {
    const response = await ask(token);
    if (response.status === 401) {
      askForToken("This token is no operator's.");
    } else if (response.status === 429) {
      askForToken(await refusalOf(response));
    } else if (response.ok) {
      show((await response.json()).sessions);
      remark(await obstacle());
    } else {
      lost(await refusalOf(response));
    }
  } catch {
    lost("The relay does not answer; trying again.");
  }
}

function lost(sentence) {
  tell("lost", sentence);
  find("sessions").dataset.is = "stale";
  remark("");
}

function remark(sentence) {
  find("remark").hidden = sentence === "";
  if (find("remark").textContent !== sentence) find("remark").textContent = sentence;
}

function show(sessions) {
  const live = sessions.filter((each) => each.ended === "");
  find("door").hidden = true;
  find("sessions").hidden = false;
  find("sessions").dataset.is = "live";
  find("none").hidden = sessions.length > 0;
  find("frame").hidden = sessions.length === 0;
  tell("live", live.length === 1 ? "1 session goes on" : `${live.length} sessions go on`);
  find("rows").replaceChildren(...sessions.map(rowOf));
  find("sums").replaceChildren(...sumsOf(sessions));
}

function rowOf(session) {
  const row = document.createElement("tr");
  const client = session.agent ? `${session.address}  ${session.agent}` : session.address;
  const cells = [
    [session.token, "token"],
    [client, "client"],
    [session.dialect === "ga" ? "GA" : session.dialect],
    [session.asked_model ? `${session.model}, asked for ${session.asked_model}` : session.model,
      "model"],
    [lasting(session.seconds), "number"],
    [traffic(session.up_events, session.up_bytes), "number"],
    [traffic(session.down_events, session.down_bytes), "number"],
    [count(session.refused), session.refused ? "number notable" : "number"],
    [count(session.dropped), session.dropped ? "number notable" : "number"],
    [cost(session.dollars, session.is_estimate), "number"],
    session.ended ? [`ended ${session.ended}`, "ended"] : ["goes on", "going-on"],
  ];
  // A narrow screen shows each session as a list, and its titles beside the values.
  const titles = [...document.querySelectorAll("thead th")].map((each) => each.textContent);
  cells.forEach(([text, name], at) => {
    const cell = document.createElement("td");
    cell.textContent = text;
    cell.dataset.title = titles[at];
    if (name) cell.className = name;
    if (name === "client") cell.title = text;
    row.append(cell);
  });
  return row;
}

function sumsOf(sessions) {
  const sum = (name) => sessions.reduce((all, each) => all + each[name], 0);
  const shown = {
    "Events up": count(sum("up_events")),
    "Events down": count(sum("down_events")),
    "Refused": count(sum("refused")),
    "Dropped": count(sum("dropped")),
    "Cost": cost(sum("dollars"), sessions.some((each) => each.is_estimate)),
  };
  return Object.entries(shown).map(([name, value]) => {
    const part = document.createElement("div");
    const title = document.createElement("dt");
    const data = document.createElement("dd");
    title.textContent = name;
    data.textContent = value;
    part.append(title, data);
    return part;
  });
}

function count(value) {
  return value.toLocaleString("en");
}

function traffic(events, bytes) {
  return `${count(events)} (${size(bytes)})`;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function lasting(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((each) => `${each}`.padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return (hours ? [hours, ...parts] : parts).join(":");
}

function cost(dollars, isEstimate) {
  const places = dollars === 0 || dollars >= 0.1 ? 2 : 4;
  return `${isEstimate ? "about " : ""}$${dollars.toFixed(places)}`;
}

find("door").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEPT, find("token").value.trim());
  find("token").value = "";
  find("refusal").textContent = "";
  look();
});
find("command").textContent = `python main.py --watch ${location.origin.replace(/^http/, "ws")}`;
document.addEventListener("visibilitychange", look);
window.addEventListener("hashchange", () => knownToken() && look());
if (knownToken()) find("door").hidden = true;
else find("token").focus();
look();
setInterval(look, EVERY_MS);
