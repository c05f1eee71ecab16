// Every event of the session as a list that holds the rows in view, and no others.

import { bus } from "rc/bus.js";
import { setAttribute, setText } from "rc/dom.js";
import { EventBetween } from "rc/event_between.js";
import { pathOf } from "rc/event_cause.js";
import { EventDetail } from "rc/event_detail.js";
import { copyEvents } from "rc/event_copy.js";
import { EventRows, onRowHeight, rowPx } from "rc/event_rows.js";
import { hushEvents } from "rc/event_sound.js";
import { ExportMenu, JumpMenu, TypesMenu } from "rc/event_tools.js";
import { FollowTail } from "rc/follow_tail.js";
import { RowWindow } from "rc/row_window.js";

// The first key is answered at once, those that follow it closely together.
const FILTER_EVERY_MS = 40;
// NOTE: where style.css shows one pane at a time.
const ONE_PANE = "(max-width: 767px), (max-height: 480px)";
// What the long placeholder takes.
const PLACEHOLDER_PX = 140;
// The count's column is as wide as its heading, or as the longest run needs.
const COUNT_HEAD_PX = 36;
const CHARACTER_PX = 8;
const ZOOMS = ["frames", "spans", "turns"];
const ALL = { text: "", client: true, server: true, errors: false, types: null };
let lists = 0;

export default {
  template: `
    <div class="rc-events">
      <div class="rc-panel__bar" ref="bar">
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
        <div class="rc-zooms" role="group" aria-label="Zoom">
          <button ref="frames" type="button" class="rc-zoom" aria-pressed="false"
            title="Each event" @click="zoomTo('frames')">frames</button>
          <button ref="spans" type="button" class="rc-zoom" aria-pressed="true"
            title="Runs of events folded" @click="zoomTo('spans')">spans</button>
          <button ref="turns" type="button" class="rc-zoom" aria-pressed="false"
            title="One row for each turn" @click="zoomTo('turns')">turns</button>
        </div>
        <div class="rc-events__tools" ref="tools"></div>
      </div>
      <div class="rc-events__body" ref="body">
        <div class="rc-events__main" ref="main">
          <div class="rc-events__grid" ref="grid" role="grid" aria-label="Event list" tabindex="0"
            aria-multiselectable="true" data-zoom="spans" @keydown="key">
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
          </div>
          <button class="rc-new" ref="fresh" type="button" hidden @click="follow"></button>
          <div class="rc-empty" ref="empty">
            <p class="rc-empty__title" ref="emptyTitle"></p>
            <p ref="emptyText"></p>
          </div>
        </div>
      </div>
      <div class="rc-sr-only" ref="live" aria-live="polite"></div>
    </div>`,
  props: { session: String },
  emits: ["errors"],
  created() {
    this.selected = null;
    this.other = null;
    this.linked = { item: null, response: null };
    this.wanted = null;
    this.unseen = 0;
    this.frame = 0;
    this.toldErrors = 0;
    this.countPx = 0;
    this.filteredAt = -Infinity;
  },
  mounted() {
    lists += 1;
    const channel = bus(this.session);
    this.channel = channel;
    this.held = new RowWindow((message) => channel.send(message));
    this.rows = new EventRows(this.$refs.space, `rc-event-${lists}`);
    this.tail = new FollowTail(this.$refs.scroll, () => this.schedule());
    this.buildParts();
    this.$refs.scroll.addEventListener("scroll", () => this.schedule(), { passive: true });
    this.observer = new ResizeObserver(() => {
      this.fitPlaceholder();
      this.fitHead();
      this.schedule();
    });
    this.observer.observe(this.$refs.scroll);
    this.stops = [
      channel.on("rows", (message) => this.receive(message)),
      channel.on("found", (message) => this.held.found(message)),
      channel.on("welcome", (message) => this.welcome(message)),
      channel.on("selected", (message) => this.link(message)),
      channel.on("hush", hushEvents),
      onRowHeight((ratio) => this.refit(ratio)),
    ];
    this.schedule();
  },
  unmounted() {
    for (const stop of this.stops) stop();
    this.tail.stop();
    this.held.stop();
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.typing);
  },
  methods: {
    buildParts() {
      this.types = new TypesMenu((types, isOpen) => this.chooseTypes(types, isOpen));
      this.jump = new JumpMenu((ms) => this.jumpTo(ms));
      this.exports = new ExportMenu(() => this.detail.base);
      this.$refs.tools.append(...[this.types, this.jump, this.exports].map(({ pop }) => pop.element));
      this.detail = new EventDetail(this.session, {
        closed: () => this.closeDetail(),
        caused: (eventId, param) => this.openEvent(eventId, param),
        guessed: (number, param) => this.openBy("frame", number, param),
        narrowed: (name) => this.narrow(name),
        unfolded: (row) => this.unfold(row),
      });
      this.$refs.body.append(this.detail.element);
      this.between = new EventBetween(() => this.copy(), () => this.selectOther(null));
      this.$refs.fresh.before(this.between.element);
    },
    fitPlaceholder() {
      const { text } = this.$refs;
      text.placeholder = text.clientWidth < PLACEHOLDER_PX ? "Filter" : "Filter: text or /regex/";
    },
    // The same row stays at the top when rows become higher or lower.
    refit(ratio) {
      const { scroll } = this.$refs;
      const top = scroll.scrollTop * ratio;
      this.rows.resize(this.held.total);
      scroll.scrollTop = top;
      this.schedule();
    },
    // The columns of the head stand over those of the rows, also where a scrollbar takes room.
    fitHead() {
      const { scroll, grid } = this.$refs;
      grid.style.setProperty("--rc-scrollbar", `${scroll.offsetWidth - scroll.clientWidth}px`);
    },
    // After each (re)connection the server has to be told what is looked at.
    welcome({ epoch }) {
      if (epoch !== this.epoch && this.epoch !== undefined) this.reset();
      this.epoch = epoch;
      this.held.refilter();
      if (!this.tail.following) this.held.asked.tail = false;
    },
    reset() {
      this.held.clear();
      this.unseen = 0;
      this.selected = this.other = this.wanted = null;
      this.between.show(null, null);
      this.closeDetail(false);
      this.tail.follow();
      this.schedule();
    },
    receive(message) {
      const change = this.held.receive(message);
      if (!change) return;
      // What went at the head moves the rest up: what is read stays where it is.
      if (change.cut && !this.tail.following) this.$refs.scroll.scrollTop -= change.cut * rowPx();
      if (!this.tail.following) this.unseen += change.added;
      if (message.types) this.types.show(message.types);
      if (change.wasWaiting) this.tellCount();
      this.schedule();
    },
    schedule() {
      this.frame ||= requestAnimationFrame(() => this.render());
    },
    render() {
      this.frame = 0;
      const { scroll, grid } = this.$refs;
      const { held } = this;
      if (this.tail.following) this.unseen = 0;
      this.rows.resize(held.total);
      this.tail.pin();
      this.arrive();
      const visible = Math.ceil(scroll.clientHeight / rowPx()) + 2;
      if (scroll.clientHeight) {
        held.look(Math.floor(scroll.scrollTop / rowPx()), visible, this.tail.following);
      }
      const selected = new Set([this.selected, this.other].filter(Boolean).map(({ i }) => i));
      this.rows.render(held, scroll.scrollTop, scroll.clientHeight, { selected, ...this.linked });
      this.renderWords();
      const active = this.selected === null ? "" : this.rows.idOf(this.selected.i);
      setAttribute(grid, "aria-activedescendant", active);
      if (this.detail.isOpen) this.refreshDetail();
      if (this.typing === undefined && !held.isWaiting) this.setBusy(false);
    },
    renderWords() {
      const { all, total, errors, gone, isFiltering, longest } = this.held;
      const number = (value) => value.toLocaleString("en");
      const heldWords = gone ? `${number(all)}, ${number(gone)} older not held` : number(all);
      setText(this.$refs.count, all === 0 ? "" : isFiltering ? `${number(total)} of ${heldWords}` : heldWords);
      setText(this.$refs.errorCount, errors ? number(errors) : "");
      if (errors !== this.toldErrors) {
        this.toldErrors = errors;
        this.$emit("errors", errors);
      }
      const countPx = Math.max(COUNT_HEAD_PX, (String(longest).length + 1) * CHARACTER_PX);
      if (countPx !== this.countPx) this.$refs.grid.style.setProperty("--rc-count", `${countPx}px`);
      this.countPx = countPx;
      this.$refs.errors.classList.toggle("rc-toggle--alarm", errors > 0);
      setAttribute(this.$refs.grid, "aria-rowcount", total + 1);
      if (this.$refs.fresh.hidden !== (this.unseen === 0)) this.$refs.fresh.hidden = this.unseen === 0;
      setText(this.$refs.fresh, `${number(this.unseen)} new`);
      this.renderEmpty();
    },
    renderEmpty() {
      const { total, wrong } = this.held;
      const { text } = this.$refs;
      setAttribute(text, "aria-invalid", Boolean(wrong));
      setAttribute(text, "title", wrong && `The filter cannot be used: ${wrong}`);
      if (this.$refs.empty.hidden !== total > 0) this.$refs.empty.hidden = total > 0;
      if (total) return;
      const [title, words] = this.emptyWords();
      setText(this.$refs.emptyTitle, title);
      setText(this.$refs.emptyText, words);
    },
    emptyWords() {
      const { filter, wrong, all } = this.held;
      if (wrong) return ["The filter cannot be used", `${filter.text.trim()} - ${wrong}`];
      if (!all) {
        return ["No events yet", "Each event appears here with its time. Click one for its JSON."];
      }
      const ways = [
        filter.text.trim() && "change the words above",
        !(filter.client && filter.server) && "switch both directions on",
        filter.errors && "switch off errors only",
        filter.types && "choose more types",
      ].filter(Boolean).join(", or ");
      return ["No event matches the filter", `${ways[0]?.toUpperCase() ?? ""}${ways.slice(1)}.`];
    },
    // What is shown is not yet what was asked for.
    setBusy(isBusy) {
      setAttribute(this.$refs.grid, "aria-busy", isBusy);
    },
    tellCount() {
      const { isFiltering, total } = this.held;
      setText(this.$refs.live, isFiltering ? `${total.toLocaleString("en")} rows match` : "");
    },
    refreshDetail() {
      const row = this.held.at(this.held.placeOf(this.detail.row.i));
      if (row && this.detail.zoom === this.held.filter.zoom) this.detail.update(row);
    },
    follow() {
      this.tail.follow();
      this.$refs.grid.focus({ preventScroll: true });
      this.schedule();
    },
    // What is shown
    filterSoon() {
      clearTimeout(this.typing);
      const wait = this.filteredAt + FILTER_EVERY_MS - performance.now();
      if (wait <= 0) {
        this.applyFilter();
        return;
      }
      this.setBusy(true);
      this.typing = setTimeout(() => this.applyFilter(), wait);
    },
    clearFilter() {
      this.$refs.text.value = "";
      this.applyFilter();
    },
    toggle(name) {
      this.applyFilter({ [name]: !this.held.filter[name] });
    },
    chooseTypes(types, isOpen) {
      const isSame = JSON.stringify(types) === JSON.stringify(this.held.filter.types);
      this.held.counts = isOpen;
      if (!isSame) this.applyFilter({ types });
      else this.held.lookSoon();
    },
    showErrors() {
      this.types.chosen = null;
      this.types.told();
      this.applyFilter({ ...ALL, errors: true });
    },
    showAll() {
      this.types.chosen = null;
      this.types.told();
      this.applyFilter({ ...ALL });
    },
    narrow(name) {
      this.applyFilter({ text: name });
      this.$refs.text.focus();
    },
    applyFilter(changes = {}) {
      clearTimeout(this.typing);
      this.typing = undefined;
      this.filteredAt = performance.now();
      this.setBusy(true);
      if (changes.text !== undefined) this.$refs.text.value = changes.text;
      this.held.refilter({ ...changes, text: this.$refs.text.value });
      for (const name of ["client", "server", "errors"]) {
        this.$refs[name].setAttribute("aria-pressed", this.held.filter[name]);
      }
      this.unseen = 0;
      this.stay();
      this.schedule();
    },
    zoomTo(zoom) {
      if (zoom === this.held.filter.zoom) return;
      for (const each of ZOOMS) this.$refs[each].setAttribute("aria-pressed", each === zoom);
      this.$refs.grid.dataset.zoom = zoom;
      this.selectOther(null);
      this.closeDetail(false);
      this.applyFilter({ zoom });
    },
    unfold(row) {
      this.zoomTo("spans");
      this.goTo("frame", row.i);
    },
    // Another filter or zoom shows the same place, unless the newest is followed.
    stay() {
      if (this.tail.following) return;
      const first = this.held.at(Math.floor(this.$refs.scroll.scrollTop / rowPx()));
      if (first) this.goTo("time", first.t, { select: false });
    },
    jumpTo(ms) {
      this.goTo("time", ms);
    },
    async goTo(by, value, { select = true, open = false, path = "", isAlone = false } = {}) {
      const { place, i } = await this.held.find(by, value);
      if (place < 0) return false;
      this.tail.letGo();
      this.wanted = { place, i, select, open, path, isAlone };
      const { scroll } = this.$refs;
      this.rows.resize(this.held.total);
      const above = select ? Math.floor(scroll.clientHeight / rowPx() / 3) : 0;
      scroll.scrollTop = (place - above) * rowPx();
      this.schedule();
      return true;
    },
    /**
     * Show the event with this id, whatever was filtered, its JSON, and what an error names in it.
     * `isAlone`: its documentation is told in the event, and the pane beside stays as it is.
     */
    openEvent(eventId, param = "", isAlone = false) {
      return this.openBy("newest", eventId, param, isAlone);
    },
    async openBy(by, value, param, isAlone = false) {
      const isPlain = !this.held.isFiltering && this.held.filter.zoom !== "turns";
      if (!isPlain) {
        if (this.held.filter.zoom === "turns") this.zoomTo("spans");
        this.showAll();
      }
      const isThere = await this.goTo(by, value, { open: true, path: pathOf(param), isAlone });
      if (!isThere) setText(this.$refs.live, "The event is not held any more");
    },
    // The row that was gone to has come.
    arrive() {
      const row = this.wanted && this.held.at(this.wanted.place);
      if (!row) return;
      const { select, extend, open, path, isAlone } = this.wanted;
      this.wanted = null;
      if (!select) return;
      if (extend && this.selected) this.selectOther(row);
      else this.take(row);
      if (!open) return;
      this.openDetail(path);
      if (path && isAlone) this.detail.explain(path);
      else if (path) this.explainField(row.y, path);
    },
    // Who follows an error to its cause finds the documentation of the field open beside it, or in
    // the event where nothing stands beside it.
    explainField(type, field) {
      if (!this.$el.hasAttribute("data-composes") || matchMedia(ONE_PANE).matches) {
        this.detail.explain(field);
        return;
      }
      this.$el.dispatchEvent(new CustomEvent("explain", { bubbles: true, detail: { type, field } }));
    },
    // Selection
    click(event) {
      const element = event.target.closest(".rc-row");
      if (!element || getSelection().toString()) return;
      const row = this.held.at(this.held.placeOf(Number(element.dataset.i)));
      if (!row) return;
      if (event.shiftKey && this.selected) {
        this.selectOther(row);
        return;
      }
      this.take(row);
      this.openDetail();
    },
    take(row) {
      this.selected = row;
      this.selectOther(null);
      this.linked = { item: row.item, response: row.resp };
      this.channel.share("selected", {
        item: row.item, response: row.resp, from: "events", reveal: true,
      });
      if (this.detail.isOpen) this.detail.open(row, this.held.filter.zoom);
      this.schedule();
    },
    selectOther(row) {
      this.other = row === this.selected ? null : row;
      this.between.show(this.selected, this.other);
      this.schedule();
    },
    // Something of the conversation was selected: its events are marked.
    link({ item, response, from, reveal }) {
      if (from === "events") return;
      this.linked = { item, response };
      this.schedule();
      const name = item ?? response;
      if (name && reveal) this.goTo("name", name, { select: false });
    },
    moveTo(position, extend) {
      const { total } = this.held;
      // What is extended has to be there first.
      if (!total || (extend && this.wanted && !this.wanted.extend)) return;
      const place = Math.max(0, Math.min(total - 1, position));
      this.reveal(place);
      const row = this.held.at(place);
      if (!row) this.wanted = { place, select: true, extend };
      else if (extend && this.selected) this.selectOther(row);
      else this.take(row);
      this.schedule();
    },
    reveal(place) {
      const { scroll } = this.$refs;
      const top = place * rowPx();
      if (place < this.held.total - 1) this.tail.letGo();
      if (top < scroll.scrollTop) scroll.scrollTop = top;
      else if (top + rowPx() > scroll.scrollTop + scroll.clientHeight) {
        scroll.scrollTop = top + rowPx() - scroll.clientHeight;
      }
    },
    openDetail(path = "") {
      if (!this.selected) return;
      this.$refs.body.classList.add("rc-events__body--split");
      this.detail.open(this.selected, this.held.filter.zoom, path);
    },
    closeDetail(takesFocus = true) {
      this.detail.close();
      this.$refs.body.classList.remove("rc-events__body--split");
      if (takesFocus) this.$refs.grid.focus({ preventScroll: true });
    },
    async copy() {
      if (!this.selected) return;
      const { selected, other } = this;
      const failure = await copyEvents(this.detail.base, this.held.filter.zoom, selected, other);
      setText(this.$refs.live, failure ?? "Copied");
      if (other !== null && other === this.other) this.between.tellCopied(failure);
    },
    key(event) {
      if (event.target !== this.$refs.grid || event.altKey) return;
      if (event.ctrlKey || event.metaKey) {
        if (event.key.toLowerCase() === "c" && this.selected && !getSelection().toString()) {
          event.preventDefault();
          this.copy();
        }
        return;
      }
      const act = this.keys(event.shiftKey)[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    },
    keys(extend) {
      const page = Math.max(1, Math.floor(this.$refs.scroll.clientHeight / rowPx()) - 1);
      const last = this.held.total - 1;
      const mark = extend && this.other ? this.other : this.selected;
      const held = mark === null ? -1 : this.held.placeOf(mark.i);
      // A row that was gone to and has not come yet is where the next step begins.
      const at = this.wanted?.place ?? (held < 0 && mark ? mark.p : held);
      const from = at < 0 ? last + 1 : at;
      const go = (position) => () => this.moveTo(position, extend);
      return {
        ArrowUp: go(from - 1),
        ArrowDown: go(at < 0 ? last : at + 1),
        PageUp: go(from - page),
        PageDown: go(at < 0 ? last : at + page),
        Home: go(0),
        End: () => (this.moveTo(last, extend), this.follow()),
        Enter: () => this.openDetail(),
        ArrowLeft: () => this.detail.isOpen && this.detail.step(-1),
        ArrowRight: () => this.detail.isOpen && this.detail.step(1),
        Escape: () => (this.other ? this.selectOther(null) : this.detail.isOpen && this.closeDetail()),
        g: () => this.jump.pop.open(),
        z: () => this.zoomTo(ZOOMS[(ZOOMS.indexOf(this.held.filter.zoom) + 1) % ZOOMS.length]),
      };
    },
  },
};
