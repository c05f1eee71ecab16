// Keys that work on the whole page while nobody types: each goes to a field, presses a button or
// opens a tab. Where one pane is seen at a time, its tab is opened first.

import { isInDialog, isTyped } from "rc/typing.js";

export default {
  template: `<span hidden></span>`,
  props: {
    actions: { type: Array, default: () => [] },
    enabled: { type: Boolean, default: true },
  },
  mounted() {
    this.listeners = new AbortController();
    // After everything else: what an element does with a key of its own is not done twice.
    window.addEventListener("keydown", (event) => this.key(event), { signal: this.listeners.signal });
  },
  unmounted() {
    this.listeners.abort();
    this.waiting?.disconnect();
  },
  methods: {
    key(event) {
      if (!this.enabled || event.defaultPrevented || event.repeat || event.isComposing) return;
      if (isChord(event) || isTyped(event) || isInDialog(event)) return;
      const action = this.actions.find(({ key }) => key === event.key.toLowerCase());
      if (!action) return;
      event.preventDefault();
      this.waiting?.disconnect();
      this.act(action);
    },
    act({ does, target, tabs }) {
      const element = target && document.querySelector(target);
      if (element && (does === "press" || isSeen(element))) {
        done(element, does);
        return;
      }
      const tab = tabOf(tabs);
      if (!tab) return;
      tab.click();
      if (element) this.wait(element, () => done(element, does));
      else tab.focus();
    },
    /** Go on once the element is seen: the server opens the pane that it is in. */
    wait(element, then) {
      this.waiting = new IntersectionObserver((entries, observer) => {
        // NOTE: a page that was busy tells several changes at once, and the last is how it is now.
        if (!entries.at(-1).isIntersecting) return;
        observer.disconnect();
        then();
      });
      this.waiting.observe(element);
    },
  },
};

function done(element, does) {
  if (does === "press") element.click();
  else element.focus();
}

// On some keyboards "/" or "?" is made with AltGr, which counts as Ctrl and Alt.
function isChord(event) {
  return (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph");
}

function isSeen(element) {
  return element.checkVisibility();
}

function tabOf(names) {
  const tabs = [...document.querySelectorAll("[role=tab][data-name]")].filter(isSeen);
  return tabs.find(({ dataset }) => names.includes(dataset.name));
}
