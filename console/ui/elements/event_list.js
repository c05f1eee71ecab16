// Every event of the session as a list that holds in the DOM only the rows in view.

import { bus } from "rc/bus.js";
import { setText } from "rc/dom.js";
import { EventDetail } from "rc/event_detail.js";
import { EventRows, ROW_PX } from "rc/event_rows.js";
import { FollowTail } from "rc/follow_tail.js";
import { RowStore } from "rc/row_store.js";

const FILTER_DELAY_MS = 120;
// What the long placeholder takes.
const PLACEHOLDER_PX = 140;
// The count's column is as wide as its heading, or as the longest run needs.
const COUNT_HEAD_PX = 36;
const CHARACTER_PX = 8;
let lists = 0;

export default {
  template: `
    <div class="rc-events">
      <div class="rc-panel__bar">
        <h2 class="rc-panel__title">Events</h2>
        <span class="rc-panel__count" ref="count"></span>
        <label class="rc-filter">
          <i class="rc-icon" data-icon="search" aria-hidden="true"></i>
          <input ref="text" type="search" aria-label="Filter events" spellcheck="false"
            autocomplete="off"
            @input="filterSoon" @keydown.esc.stop="clearFilter">
        </label>
        <div class="rc-toggles" role="group" aria-label="Show events of">
          <button ref="client" type="button" class="rc-toggle rc-toggle--client" aria-pressed="true"
            title="Events of the client" @click="toggle('client')">
            <i class="rc-icon" data-icon="arrow_upward" aria-hidden="true"></i><span
            class="rc-toggle__word">client</span></button>
          <button ref="server" type="button" class="rc-toggle rc-toggle--server" aria-pressed="true"
            title="Events of the server" @click="toggle('server')">
            <i class="rc-icon" data-icon="arrow_downward" aria-hidden="true"></i><span
            class="rc-toggle__word">server</span></button>
          <button ref="errors" type="button" class="rc-toggle rc-toggle--error" aria-pressed="false"
            title="Errors only" @click="toggle('errors')">
            <i class="rc-icon" data-icon="error_outline" aria-hidden="true"></i><span
            class="rc-toggle__word">errors </span><span ref="errorCount"></span></button>
        </div>
      </div>
      <div class="rc-events__body" ref="body">
        <div class="rc-events__grid" ref="grid" role="grid" aria-label="Event list" tabindex="0"
          @keydown="key">
          <div class="rc-row rc-row--head" role="row" aria-rowindex="1">
            <span class="rc-row__time" role="columnheader">time</span>
            <span class="rc-row__gap" role="columnheader">gap</span>
            <span class="rc-row__source" role="columnheader">from</span>
            <span class="rc-row__type" role="columnheader">type</span>
            <span class="rc-row__count" role="columnheader">count</span>
            <span class="rc-row__size" role="columnheader">size</span>
            <span class="rc-row__summary" role="columnheader">summary</span>
          </div>
          <div class="rc-events__scroll" ref="scroll" role="rowgroup" tabindex="-1">
            <div class="rc-events__space" ref="space" role="presentation" @click="click"></div>
          </div>
          <button class="rc-new" ref="fresh" type="button" hidden @click="follow"></button>
          <div class="rc-empty" ref="empty">
            <p class="rc-empty__title" ref="emptyTitle"></p>
            <p ref="emptyText"></p>
          </div>
        </div>
      </div>
    </div>`,
  props: { session: String, limit: { type: Number, default: 100_000 } },
  emits: ["errors"],
  created() {
    // Not reactive on purpose: Vue must not watch 100,000 rows.
    this.store = new RowStore(this.limit);
    this.selected = null;
    this.unseen = 0;
    this.frame = 0;
    this.toldErrors = 0;
    this.filter = { text: "", client: true, server: true, errors: false };
  },
  mounted() {
    lists += 1;
    this.rows = new EventRows(this.$refs.space, `rc-event-${lists}`);
    this.tail = new FollowTail(this.$refs.scroll, () => this.schedule());
    this.detail = new EventDetail(this.session, () => this.closeDetail());
    this.$refs.body.append(this.detail.element);
    this.$refs.scroll.addEventListener("scroll", () => this.schedule(), { passive: true });
    this.observer = new ResizeObserver(() => {
      this.fitPlaceholder();
      this.fitHead();
      this.schedule();
    });
    this.observer.observe(this.$refs.scroll);
    const channel = bus(this.session);
    this.stops = [
      channel.on("rows", (message) => this.receive(message)),
      channel.on("welcome", (message) => this.welcome(message)),
    ];
    this.schedule();
  },
  unmounted() {
    for (const stop of this.stops) stop();
    this.tail.stop();
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.typing);
  },
  methods: {
    fitPlaceholder() {
      const { text } = this.$refs;
      text.placeholder = text.clientWidth < PLACEHOLDER_PX ? "Filter" : "Filter: text or /regex/";
    },
    // The columns of the head stand over those of the rows, also where a scrollbar takes room.
    fitHead() {
      const { scroll, grid } = this.$refs;
      grid.style.setProperty("--rc-scrollbar", `${scroll.offsetWidth - scroll.clientWidth}px`);
    },
    welcome({ epoch }) {
      if (epoch === this.epoch) return;
      if (this.epoch !== undefined) this.reset();
      this.epoch = epoch;
    },
    reset() {
      this.store.clear();
      this.unseen = 0;
      this.selected = null;
      this.closeDetail();
      this.tail.follow();
      this.schedule();
    },
    receive({ rows }) {
      const added = this.store.upsert(rows);
      if (!this.tail.following) this.unseen += added;
      this.schedule();
    },
    schedule() {
      this.frame ||= requestAnimationFrame(() => this.render());
    },
    render() {
      this.frame = 0;
      const { scroll, grid } = this.$refs;
      if (this.tail.following) this.unseen = 0;
      this.rows.resize(this.store.shown.length);
      this.tail.pin();
      this.rows.render(this.store.shown, scroll.scrollTop, scroll.clientHeight, this.selected);
      this.renderWords();
      const active = this.selected === null ? "" : this.rows.idOf(this.selected);
      if (grid.getAttribute("aria-activedescendant") !== active) {
        grid.setAttribute("aria-activedescendant", active);
      }
      if (this.detail.isOpen) this.refreshDetail();
    },
    renderWords() {
      const { all, shown, errors, dropped, isFiltering, longestRun } = this.store;
      const number = (value) => value.toLocaleString("en");
      const held = dropped ? `${number(all.length)}, ${number(dropped)} older not held` : number(all.length);
      setText(this.$refs.count, all.length === 0 ? "" : isFiltering ? `${number(shown.length)} of ${held}` : held);
      setText(this.$refs.errorCount, errors ? number(errors) : "");
      if (errors !== this.toldErrors) {
        this.toldErrors = errors;
        this.$emit("errors", errors);
      }
      const countPx = Math.max(COUNT_HEAD_PX, (String(longestRun).length + 1) * CHARACTER_PX);
      this.$refs.grid.style.setProperty("--rc-count", `${countPx}px`);
      this.$refs.errors.classList.toggle("rc-toggle--alarm", errors > 0);
      this.$refs.grid.setAttribute("aria-rowcount", shown.length + 1);
      this.$refs.fresh.hidden = this.unseen === 0;
      setText(this.$refs.fresh, `${number(this.unseen)} new`);
      this.$refs.empty.hidden = shown.length > 0;
      if (shown.length) return;
      const [title, text] = this.emptyWords();
      setText(this.$refs.emptyTitle, title);
      setText(this.$refs.emptyText, text);
    },
    emptyWords() {
      const { client, server, errors, text } = this.filter;
      if (this.store.wrong) return ["Not a regular expression", `${text.trim()} - ${this.store.wrong}`];
      if (!this.store.all.length) {
        return ["No events yet", "Each event appears here with its time. Click one for its JSON."];
      }
      const ways = [
        text.trim() && "change the words above",
        !(client && server) && "switch both directions on",
        errors && "switch off errors only",
      ].filter(Boolean).join(", or ");
      return ["No event matches the filter", `${ways[0].toUpperCase()}${ways.slice(1)}.`];
    },
    refreshDetail() {
      const at = this.store.position(this.detail.row.i);
      if (at >= 0) this.detail.update(this.store.shown[at]);
    },
    follow() {
      this.tail.follow();
      this.$refs.grid.focus({ preventScroll: true });
      this.schedule();
    },
    filterSoon() {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.applyFilter(), FILTER_DELAY_MS);
    },
    clearFilter() {
      this.$refs.text.value = "";
      this.applyFilter();
    },
    toggle(name) {
      this.filter[name] = !this.filter[name];
      this.$refs[name].setAttribute("aria-pressed", this.filter[name]);
      this.applyFilter();
    },
    applyFilter() {
      clearTimeout(this.typing);
      this.filter.text = this.$refs.text.value;
      this.store.setFilter({ ...this.filter });
      this.$refs.text.setAttribute("aria-invalid", Boolean(this.store.wrong));
      this.$refs.text.title = this.store.wrong && `Not a regular expression: ${this.store.wrong}`;
      this.unseen = 0;
      this.schedule();
    },
    click(event) {
      const row = event.target.closest(".rc-row");
      if (!row || getSelection().toString()) return;
      this.select(this.store.position(Number(row.dataset.i)));
      this.openDetail();
    },
    select(position) {
      const { shown } = this.store;
      if (!shown.length) return;
      const at = Math.max(0, Math.min(shown.length - 1, position));
      this.selected = shown[at].i;
      this.reveal(at);
      if (this.detail.isOpen) this.detail.open(shown[at]);
      this.schedule();
    },
    reveal(position) {
      const { scroll } = this.$refs;
      const top = position * ROW_PX;
      if (position < this.store.shown.length - 1) this.tail.letGo();
      if (top < scroll.scrollTop) scroll.scrollTop = top;
      else if (top + ROW_PX > scroll.scrollTop + scroll.clientHeight) {
        scroll.scrollTop = top + ROW_PX - scroll.clientHeight;
      }
    },
    openDetail() {
      const at = this.selected === null ? -1 : this.store.position(this.selected);
      if (at < 0) return;
      this.$refs.body.classList.add("rc-events__body--split");
      this.detail.open(this.store.shown[at]);
    },
    closeDetail() {
      this.detail.close();
      this.$refs.body.classList.remove("rc-events__body--split");
      this.$refs.grid.focus({ preventScroll: true });
    },
    key(event) {
      if (event.target !== this.$refs.grid) return;
      const page = Math.max(1, Math.floor(this.$refs.scroll.clientHeight / ROW_PX) - 1);
      const last = this.store.shown.length - 1;
      const at = this.selected === null ? -1 : this.store.position(this.selected);
      const from = at < 0 ? last + 1 : at;
      const moves = {
        ArrowUp: () => this.select(from - 1),
        ArrowDown: () => this.select(at < 0 ? last : at + 1),
        PageUp: () => this.select(from - page),
        PageDown: () => this.select(at < 0 ? last : at + page),
        Home: () => this.select(0),
        End: () => (this.select(last), this.follow()),
        Enter: () => this.openDetail(),
        ArrowLeft: () => this.detail.isOpen && this.detail.step(-1),
        ArrowRight: () => this.detail.isOpen && this.detail.step(1),
        Escape: () => this.detail.isOpen && this.closeDetail(),
      };
      if (!moves[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      moves[event.key]();
    },
  },
};
