// What a session has used, as facts and two small tables.

import { node } from "rc/dom.js";
import { count, span } from "rc/format.js";

const whole = (value) => (value === null || value === undefined ? "" : Math.round(value).toLocaleString("en-US"));
const percent = (share) => `${Math.round(share * 100)} %`;
const pad = (value) => String(value).padStart(2, "0");

function clock(seconds) {
  const total = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(total / 60);
  return minutes < 60
    ? `${pad(minutes)}:${pad(total % 60)}`
    : `${Math.floor(minutes / 60)}:${pad(minutes % 60)}:${pad(total % 60)}`;
}

function table(name, heads, rows) {
  const element = node("table", "rc-table", null, { "aria-label": name });
  const head = node("tr");
  head.append(...heads.map((each) => node("th", "", each, { scope: "col" })));
  const body = node("tbody");
  for (const [first, ...rest] of rows) {
    const row = node("tr");
    row.append(node("th", "", first, { scope: "row" }), ...rest.map((each) => node("td", "", each)));
    body.append(row);
  }
  const top = node("thead");
  top.append(head);
  element.append(top, body);
  return element;
}

/** A line below a fact; it breaks between its parts before it breaks in one of them. */
function remark(note) {
  const element = node("dd", "rc-fact__note");
  for (const part of note.split(/(?<= · )/)) element.append(node("span", "rc-fact__part", part));
  return element;
}

function fact(name, words, note = "", share = null) {
  const element = node("div", "rc-fact");
  element.append(node("dt", "", name), node("dd", "rc-fact__words", words));
  if (share !== null) {
    const meter = node("dd", "rc-fact__meter", null, { "aria-hidden": "true" });
    meter.append(node("span"));
    meter.firstChild.style.width = `${Math.min(100, share * 100)}%`;
    element.append(meter);
  }
  if (note) element.append(remark(note));
  return element;
}

export default {
  template: `<div class="rc-usage__totals"></div>`,
  props: { report: Object },
  mounted() {
    this.timer = setInterval(() => this.tick(), 1000);
    this.draw();
  },
  unmounted() {
    clearInterval(this.timer);
  },
  watch: {
    report() {
      this.draw();
    },
  },
  methods: {
    draw() {
      if (!this.report) return;
      this.cameAt = performance.now();
      const facts = node("dl", "rc-facts");
      facts.append(...this.facts());
      this.$el.replaceChildren(facts, this.tokens());
      if (this.report.limits.length) this.$el.append(this.limits());
      this.tick();
    },
    facts() {
      const { cost, prices, context, model, n_responses: answers, cached_share: cached, transcripts } = this.report;
      const share = context.most ? context.used / context.most : null;
      const of = `of ${context.most ? whole(context.most) : "unknown"}${model ? ` · ${model}` : ""}`;
      this.left = fact("Time left", "");
      const found = [
        fact("Cost of this session", cost.words, cost.note || `prices ${prices}`),
        fact("Context used", whole(context.used), of, share),
        this.left,
        fact("Cached input", cached === null ? "none yet" : percent(cached), count(answers, "answer")),
      ];
      if (transcripts) {
        const sizes = [
          transcripts.tokens ? `${whole(transcripts.tokens)} tokens` : "",
          transcripts.seconds ? `${transcripts.seconds.toFixed(1)} s` : "",
        ];
        found.push(fact("Transcripts", whole(transcripts.count), sizes.filter(Boolean).join(", ")));
      }
      return found;
    },
    tokens() {
      const rows = this.report.tokens.map((each) => [
        each.kind,
        whole(each.input),
        whole(each.cached),
        each.input ? percent(each.cached / each.input) : "",
        whole(each.output),
      ]);
      const element = table("Tokens by kind", ["Tokens", "in", "of it cached", "share", "out"], rows);
      if (this.report.reasoning) {
        const words = `${whole(this.report.reasoning)} of the text out were for reasoning.`;
        element.append(node("caption", "", words));
      }
      return element;
    },
    limits() {
      this.resets = [];
      const rows = this.report.limits.map((each) => [each.name, whole(each.remaining), whole(each.limit), ""]);
      const element = table("Rate limits", ["Rate limit", "left", "of", "full again in"], rows);
      this.report.limits.forEach((each, at) => {
        this.resets.push([element.tBodies[0].rows[at].lastChild, each.resets_in_s]);
      });
      return element;
    },
    // What runs out is counted here, so that the server need not say so each second.
    tick() {
      if (!this.left) return;
      const passed = (performance.now() - this.cameAt) / 1000;
      const ends = this.report.ends_in_s;
      const words = this.left.querySelector(".rc-fact__words");
      words.textContent = ends === null ? "unknown" : clock(ends - passed);
      for (const [cell, seconds] of this.report.limits.length ? this.resets : []) {
        const left = seconds === null ? null : Math.max(0, seconds - passed);
        cell.textContent = left === null ? "unknown" : left > 0 ? span(left * 1000) : "now";
      }
    },
  },
};
