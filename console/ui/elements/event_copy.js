// Copies events of the list to the clipboard.

const MOST_FRAMES = 5000;

/**
 * @param {string} base where the session's routes are
 * @param {string} zoom
 * @param {object} row
 * @param {object | null} other with it, all events from the one to the other are copied
 * @returns {Promise<string | null>} why it did not work; null when it did
 */
export async function copyEvents(base, zoom, row, other) {
  try {
    const text = other ? await lines(base, row, other) : await one(base, zoom, row);
    await navigator.clipboard.writeText(text);
    return null;
  } catch (error) {
    return `Not copied: ${error.message}`;
  }
}

async function one(base, zoom, row) {
  const { events } = await (await get(`${base}/rows/${row.i}?zoom=${zoom}&limit=1`)).json();
  return JSON.stringify(events[0]?.event ?? null, null, 2);
}

async function lines(base, row, other) {
  const first = Math.min(row.i, other.i);
  const last = Math.max(row.i, other.i) + 1;
  if (last - first > MOST_FRAMES) throw new Error("these are too many events; export them");
  return (await get(`${base}/events.jsonl?first=${first}&last=${last}`)).text();
}

async function get(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error("the server does not give them");
  return answer;
}
