// The conversation: items in protocol order, text as it streams in, the sound of each.

import { hush, setSpeaker, setSpeaking } from "rc/audio_player.js";
import { bus } from "rc/bus.js";
import { ConversationItem, roleOf } from "rc/conversation_item.js";
import { ConversationMenu } from "rc/conversation_menu.js";
import { ConversationSearch } from "rc/conversation_search.js";
import { setText } from "rc/dom.js";
import { FollowTail } from "rc/follow_tail.js";
import { voiceOf } from "rc/voice_parts.js";

// Words are looked for again this long after the text has changed.
const LOOK_AGAIN_MS = 250;

export default {
  template: `
    <div class="rc-conversation">
      <div class="rc-panel__bar">
        <h2 class="rc-panel__title">Conversation</h2>
        <span class="rc-panel__count" ref="count"></span>
        <label class="rc-filter rc-conversation__search">
          <i class="rc-icon" data-icon="search" aria-hidden="true"></i>
          <input type="search" placeholder="Search" aria-label="Search the conversation" ref="query"
            @input="search" @keydown="searchKey" />
          <span class="rc-conversation__found" ref="found" role="status"></span>
        </label>
        <span class="rc-conversation__menu" ref="menu"></span>
      </div>
      <div class="rc-conversation__scroll" ref="scroll" tabindex="0" role="group"
        aria-label="Messages">
        <div class="rc-conversation__items" ref="items"></div>
        <div class="rc-empty" ref="empty">
          <p class="rc-empty__title">No messages yet</p>
          <p>{{ hint }}</p>
        </div>
      </div>
      <button class="rc-new" ref="fresh" type="button" hidden @click="follow">latest</button>
      <div class="rc-sr-only" ref="live" aria-live="polite"></div>
    </div>`,
  props: { session: String, hint: String },
  emits: ["discarded", "decided"],
  created() {
    this.views = new Map();
    this.frame = 0;
    this.touched = new Set();
  },
  mounted() {
    this.tail = new FollowTail(this.$refs.scroll, () => this.schedule());
    this.words = new ConversationSearch(this.$refs.items);
    this.menu = new ConversationMenu(
      (kind) => `${this.base()}/conversation.${kind}`,
      (words) => setText(this.$refs.live, words),
    );
    this.$refs.menu.append(this.menu.element);
    const channel = bus(this.session);
    this.stops = [
      channel.on("items", (message) => this.receive(message)),
      channel.on("text", (message) => this.appendText(message)),
      channel.on("removed", ({ ids }) => ids.forEach((id) => this.drop(id))),
      channel.on("cleared", () => this.clear()),
      channel.on("welcome", (message) => this.welcome(message)),
      channel.on("playing", ({ places }) => this.move(places)),
      channel.on("selected", (chosen) => this.select(chosen)),
      channel.on("hush", hush),
      // With this machine's sound; the browser's own is followed below.
      channel.on("levels", ({ isSounding }) => {
        if (isSounding !== undefined) setSpeaking(isSounding);
      }),
    ];
    const voice = voiceOf(this.session);
    const follow = () => {
      if (voice.parts?.isTalking) hush();
      if (voice.parts?.speakerSettings) setSpeaker(voice.parts.speakerSettings);
      setSpeaking(voice.parts?.isSounding ?? false);
    };
    follow();
    voice.addEventListener("change", follow);
    this.stops.push(() => voice.removeEventListener("change", follow));
  },
  unmounted() {
    for (const stop of this.stops) stop();
    this.tail.stop();
    this.words.stop();
    this.menu.stop();
    clearTimeout(this.lookingAgain);
    cancelAnimationFrame(this.frame);
  },
  methods: {
    // Items held from another epoch are of another session; the server sends its own after this.
    welcome({ epoch }) {
      if (this.epoch !== undefined && epoch !== this.epoch) this.clear();
      this.epoch = epoch;
    },
    receive({ items, order }) {
      for (const view of items) this.upsert(view);
      if (order) this.reorder(order);
      this.schedule();
    },
    upsert(view) {
      const held = this.views.get(view.id);
      if (held) {
        const wasOpen = held.view.status === "in_progress" || held.view.pending;
        held.update(view);
        if (wasOpen) this.announce(view);
        return;
      }
      const item = new ConversationItem(view, (id) => this.soundUrl(id), {
        deleted: (id) => this.$emit("discarded", id),
        decided: (id, approve) => this.$emit("decided", { id, approve }),
        selected: (id) => this.share(id),
      });
      this.views.set(view.id, item);
      this.$refs.items.append(item.element);
    },
    // Only what finished in front of the user is read aloud, once and whole.
    announce(view) {
      if (view.status === "in_progress" || view.pending || !view.text) return;
      setText(this.$refs.live, `${roleOf(view)}: ${view.text}`);
    },
    reorder(order) {
      let after = null;
      for (const id of order) {
        const element = this.views.get(id)?.element;
        if (!element) continue;
        const wanted = after ? after.nextSibling : this.$refs.items.firstChild;
        // Moving an element stops its sound and drops the focus: only move what is out of place.
        if (wanted !== element) this.$refs.items.insertBefore(element, wanted);
        after = element;
      }
    },
    appendText({ deltas }) {
      for (const [id, text] of deltas) {
        const item = this.views.get(id);
        if (!item) continue;
        item.append(text);
        this.touched.add(item);
      }
      this.schedule();
    },
    // What sounds moves four times a second or more: only that is told, and drawn.
    move(places) {
      for (const place of places) this.views.get(place.id)?.move(place);
      this.schedule();
    },
    // Linked selection: the same item is marked here and in the list of events.
    share(id) {
      this.mark(id);
      // An answer that failed has no item: it goes by its response.
      const isAnswer = this.views.get(id)?.view.type === "response";
      const names = isAnswer ? { item: null, response: id } : { item: id, response: null };
      bus(this.session).share("selected", { ...names, from: "conversation", reveal: true });
    },
    select({ item, response, from }) {
      if (from === "conversation") return;
      const id = item ?? response;
      this.mark(id);
      this.views.get(id)?.element.scrollIntoView({ block: "nearest" });
    },
    mark(id) {
      if (this.marked !== id) this.views.get(this.marked)?.mark(false);
      this.marked = id;
      this.views.get(id)?.mark(true);
    },
    search() {
      this.words.find(this.$refs.query.value);
      setText(this.$refs.found, this.words.words);
    },
    searchKey(event) {
      if (event.key === "Escape") this.$refs.query.value = "";
      if (event.key === "Escape") this.search();
      if (event.key === "Enter") this.words.step(event.shiftKey ? 1 : -1);
      setText(this.$refs.found, this.words.words);
    },
    lookAgain() {
      this.lookingAgain ||= setTimeout(() => {
        this.lookingAgain = 0;
        this.words.refresh();
        setText(this.$refs.found, this.words.words);
      }, LOOK_AGAIN_MS);
    },
    drop(id) {
      this.views.get(id)?.destroy();
      this.views.delete(id);
      this.schedule();
    },
    clear() {
      for (const item of this.views.values()) item.destroy();
      this.views.clear();
      this.touched.clear();
      this.tail.follow();
      this.schedule();
    },
    base() {
      return `${window.path_prefix ?? ""}/rt/${this.session}`;
    },
    soundUrl(id) {
      return `${this.base()}/items/${encodeURIComponent(id)}`;
    },
    schedule() {
      this.frame ||= requestAnimationFrame(() => this.render());
    },
    render() {
      this.frame = 0;
      for (const item of this.touched) item.flush();
      this.touched.clear();
      const count = this.views.size;
      this.$refs.empty.hidden = count > 0;
      setText(this.$refs.count, count ? String(count) : "");
      if (this.words.query) this.lookAgain();
      this.$refs.fresh.hidden = this.tail.following;
      this.tail.pin();
    },
    follow() {
      this.tail.follow();
      this.schedule();
    },
  },
};
