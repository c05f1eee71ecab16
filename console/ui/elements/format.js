// Times and sizes as the page writes them.

const pad = (value) => String(value).padStart(2, "0");

/** Time since the session began: "00:01.20", from one hour on "1:00:01.20". It never wraps. */
export function clockTime(ms) {
  const hundredths = Math.max(0, Math.floor(ms / 10));
  const seconds = Math.floor(hundredths / 100);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const tail = `${pad(minutes % 60)}:${pad(seconds % 60)}.${pad(hundredths % 100)}`;
  return hours ? `${hours}:${tail}` : tail;
}

/** The time of day where the browser is: "14:05:09". `seconds` since 1970. */
export function clockOfDay(seconds) {
  const at = new Date(seconds * 1000);
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map(pad).join(":");
}

/** Length of a sound: "0:04", from one hour on "1:00:04". A sound is never "0:00" long. */
export function soundLength(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  return hours
    ? `${hours}:${pad(minutes % 60)}:${pad(seconds % 60)}`
    : `${minutes}:${pad(seconds % 60)}`;
}

/** A span of time in its natural unit: "12 ms", "1.2 s", "3 min". */
export function span(ms) {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 3_570_000) return `${Math.round(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}

/** How long something took: a span of time, but what took time is never "0 ms". */
export const duration = (ms) => (ms < 1 ? "<1 ms" : span(ms));

/** A number of bytes: "512 B", "12.8 kB", "3.1 MB". */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_950) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** So many of something: "1 item", "2 items". */
export const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
