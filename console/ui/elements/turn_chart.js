// How long each turn took: a row for each with its stages in time, percentiles, and all of them plotted.

import { bus } from "rc/bus.js";
import { node } from "rc/dom.js";
import { span } from "rc/format.js";
import { drawPlot } from "rc/turn_plot.js";

// In order; each part of a bar leads to the stage that it is named for.
const PARTS = ["committed", "created", "first_transcript", "first_audio", "first_heard"];
// The scale leaves so much room behind the slowest beginning of an answer.
const ROOM = 1.15;
const KINDS = { speech: "spoken", text: "typed", request: "asked for", out_of_band: "out of band" };

const latencyWords = (ms) => (ms === null ? "" : `${Math.round(ms).toLocaleString("en-US")} ms`);

export default {
  template: `
    <div class="rc-turns">
      <div class="rc-turns__head">
        <h3 class="rc-turns__title">Latency</h3>
        <span class="rc-turns__words" ref="words"></span>
      </div>
      <div class="rc-turns__plot" ref="plot"></div>
      <div class="rc-turns__legend" ref="legend"></div>
      <ol class="rc-turns__rows" ref="rows" aria-label="Turns, newest first"></ol>
      <div class="rc-turns__stages" ref="stages"></div>
      <p class="rc-turns__none" ref="none">
        Each turn appears here with the time from the end of speech to the first sound of the answer.
      </p>
    </div>`,
  props: { session: String, report: Object },
  created() {
    this.opened = new Set();
  },
  mounted() {
    this.observer = new ResizeObserver(() => this.drawPlot());
    this.observer.observe(this.$refs.plot);
    this.draw();
  },
  unmounted() {
    this.observer.disconnect();
  },
  watch: {
    report() {
      this.draw();
    },
  },
  methods: {
    draw() {
      const report = this.report;
      const isEmpty = !report || report.turns.length === 0;
      this.$refs.none.hidden = !isEmpty;
      for (const name of ["words", "plot", "legend", "rows", "stages"]) this.$refs[name].hidden = isEmpty;
      if (isEmpty) return;
      const { p50, p95, n } = report.waited;
      this.$refs.words.textContent = n
        ? `p50 ${latencyWords(p50)} · p95 ${latencyWords(p95)} · ${n} ${n === 1 ? "turn" : "turns"}`
        : "";
      this.drawPlot();
      this.drawLegend(report.stages);
      this.drawRows(report);
      this.drawStages(report.stages);
    },
    // Drawn in the pixels that there are, so that its names are as large as other text.
    drawPlot() {
      const width = this.$refs.plot.clientWidth;
      if (!this.report?.turns.length || !width) return;
      const { waited, plot } = this.report;
      this.$refs.plot.replaceChildren(drawPlot(plot, waited.p50, waited.p95, width));
    },
    drawLegend(stages) {
      const labels = Object.fromEntries(stages.map((each) => [each.name, each.label]));
      this.$refs.legend.replaceChildren(
        ...PARTS.map((name) => {
          const entry = node("span", "rc-turns__key");
          entry.append(node("span", `rc-bar__part rc-bar__part--${name}`, null, { "aria-hidden": "true" }), labels[name]);
          return entry;
        }),
      );
    },
    drawRows({ turns, stages }) {
      const slowest = Math.max(...turns.map(({ stages: each }) => Math.max(0, ...PARTS.map((name) => each[name] ?? 0))), 100);
      const scale = slowest * ROOM;
      const focused = this.$refs.rows.contains(document.activeElement)
        ? document.activeElement.closest("li")?.dataset.turn
        : undefined;
      this.$refs.rows.replaceChildren(...[...turns].reverse().map((turn) => this.row(turn, scale, stages)));
      if (focused) this.$refs.rows.querySelector(`[data-turn="${focused}"] button`)?.focus();
    },
    row(turn, scale, stages) {
      const row = node("li", "rc-turn-row", null, { "data-turn": String(turn.number) });
      const isOpen = this.opened.has(turn.number);
      const button = node("button", "rc-turn-row__head", null, { type: "button", "aria-expanded": String(isOpen) });
      const cost = node("span", "rc-turn-row__cost", turn.cost.words, turn.cost.note ? { title: turn.cost.note } : {});
      button.append(
        node("span", "rc-turn-row__number", String(turn.number)),
        this.bar(turn, scale),
        node("span", "rc-turn-row__latency", latencyWords(turn.latency) || this.stateOf(turn)),
        node("span", "rc-turn-row__tokens", turn.tokens ? `${turn.tokens.toLocaleString("en-US")} tok` : ""),
        cost,
      );
      const detail = this.detail(turn, stages);
      detail.hidden = !isOpen;
      button.addEventListener("click", () => this.toggle(turn, button, detail));
      row.append(button, detail);
      return row;
    },
    stateOf({ status, kind }) {
      if (kind === "out_of_band") return "out of band";
      return status === null ? "waiting…" : status;
    },
    // Parts end where their stage was reached; what comes before another in time is drawn first.
    bar(turn, scale) {
      const bar = node("span", "rc-bar", null, { "aria-hidden": "true" });
      const reached = PARTS.filter((name) => turn.stages[name] !== undefined);
      let from = 0;
      for (const name of reached.sort((a, b) => turn.stages[a] - turn.stages[b])) {
        const to = turn.stages[name];
        const part = node("span", `rc-bar__part rc-bar__part--${name}`);
        part.style.left = `${(from / scale) * 100}%`;
        part.style.width = `${(Math.max(0, to - from) / scale) * 100}%`;
        bar.append(part);
        from = Math.max(from, to);
      }
      const ends = Math.max(turn.stages.done ?? 0, turn.stages.playback_ended ?? 0);
      if (ends > from) {
        const tail = node("span", ends > scale ? "rc-bar__tail rc-bar__tail--on" : "rc-bar__tail");
        tail.style.left = `${(from / scale) * 100}%`;
        tail.style.width = `${((Math.min(ends, scale) - from) / scale) * 100}%`;
        bar.append(tail);
      }
      return bar;
    },
    detail(turn, stages) {
      const element = node("dl", "rc-turn-row__detail");
      const add = (name, words) => {
        const pair = node("div");
        pair.append(node("dt", "", name), node("dd", "", words));
        element.append(pair);
      };
      add("turn", [KINDS[turn.kind], ...turn.tools].filter(Boolean).join(", "));
      for (const { name, label } of stages) {
        add(label, turn.stages[name] === undefined ? "–" : span(turn.stages[name]));
      }
      if (turn.status) add("ended as", turn.status);
      return element;
    },
    toggle(turn, button, detail) {
      detail.hidden = !detail.hidden;
      button.setAttribute("aria-expanded", String(!detail.hidden));
      if (detail.hidden) this.opened.delete(turn.number);
      else {
        this.opened.add(turn.number);
        bus(this.session).share("selected", { item: turn.item, response: turn.response, from: "usage", reveal: true });
      }
    },
    drawStages(stages) {
      const table = node("table", "rc-table", null, { "aria-label": "Time to each stage" });
      const head = node("thead");
      const body = node("tbody");
      head.append(rowOf("th", ["After the end of speech", "p50", "p95", "turns"]));
      for (const { label, p50, p95, n } of stages) {
        if (n) body.append(rowOf("td", [label, span(p50), span(p95), String(n)]));
      }
      table.append(head, body);
      this.$refs.stages.replaceChildren(table);
    },
  },
};

function rowOf(kind, [first, ...rest]) {
  const row = node("tr");
  row.append(node("th", "", first, { scope: kind === "th" ? "col" : "row" }));
  row.append(...rest.map((each) => node(kind, "", each, kind === "th" ? { scope: "col" } : {})));
  return row;
}
