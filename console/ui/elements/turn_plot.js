// The latency of every turn over the session: a dot for each, with lines at p50 and p95.

const SPACE = "http://www.w3.org/2000/svg";
const HEIGHT = 88;
const LEFT = 4;
const RIGHT = 56;
const TOP = 10;
const BOTTOM = 16;
const RADIUS = 2.5;
const NAME_HEIGHT = 12;

function shape(name, attributes, text = null) {
  const element = document.createElementNS(SPACE, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== null) element.textContent = text;
  return element;
}

const words = (ms) => `${Math.round(ms).toLocaleString("en-US")} ms`;

/** Return the plot of `[turn, ms]` pairs, so wide; to the right its lines are named p50 and p95. */
export function drawPlot(points, p50, p95, width) {
  const plot = shape("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, class: "rc-plot", role: "img" });
  if (!points.length) {
    plot.setAttribute("aria-label", "No turn has been answered yet");
    return plot;
  }
  const first = points[0][0];
  const last = points[points.length - 1][0];
  const most = Math.max(...points.map(([, ms]) => ms)) || 1;
  const x = (turn) => LEFT + ((turn - first) / Math.max(1, last - first)) * (width - LEFT - RIGHT);
  const y = (ms) => HEIGHT - BOTTOM - (ms / most) * (HEIGHT - TOP - BOTTOM);
  plot.setAttribute(
    "aria-label",
    `Latency of ${points.length} turns: half within ${words(p50)}, 95 of 100 within ${words(p95)}`,
  );
  plot.append(shape("line", { x1: LEFT, x2: width - RIGHT, y1: y(0), y2: y(0), class: "rc-plot__axis" }));
  // Names that would lie upon each other give way, each to its side.
  const aside = Math.max(0, NAME_HEIGHT - (y(p50) - y(p95))) / 2;
  const named = p50 === p95 ? [["p95", p95, 0, "p50, p95"]] : [["p50", p50, aside, "p50"], ["p95", p95, -aside, "p95"]];
  for (const [line, ms, down, name] of named) {
    plot.append(
      shape("line", { x1: LEFT, x2: width - RIGHT, y1: y(ms), y2: y(ms), class: `rc-plot__line rc-plot__line--${line}` }),
      shape("text", { x: width - RIGHT + 8, y: y(ms) + 4 + down, class: "rc-plot__name" }, name),
    );
  }
  for (const [turn, ms] of points) {
    const dot = shape("circle", { cx: x(turn), cy: y(ms), r: RADIUS, class: "rc-plot__dot" });
    dot.append(shape("title", {}, `turn ${turn}: ${words(ms)}`));
    plot.append(dot);
  }
  plot.append(
    shape("text", { x: LEFT, y: HEIGHT - 3, class: "rc-plot__name" }, `turn ${first}`),
    shape("text", { x: width - RIGHT, y: HEIGHT - 3, class: "rc-plot__name", "text-anchor": "end" }, last === first ? "" : `${last}`),
  );
  return plot;
}
