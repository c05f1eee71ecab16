// Finds words in the conversation and marks them, without touching the nodes that they are in.

const MOST_FOUND = 1000;
const FOUND = "rc-found";
const CURRENT = "rc-found-now";
// Without the browser's own marks a find still scrolls there and counts.
const marks = globalThis.CSS?.highlights;

// What the page itself says of an item is not looked through.
const NOT_SAID =
  ".rc-sr-only, .rc-item__mark, .rc-item__note, .rc-call__heading, .rc-approval, .rc-player, [hidden]";

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** The text nodes of an element that are read, with where each begins in the whole. */
function textOf(element) {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT, (each) =>
    each.parentElement.closest(NOT_SAID) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT,
  );
  const nodes = [];
  let whole = "";
  while (walker.nextNode()) {
    nodes.push([whole.length, walker.currentNode]);
    whole += walker.currentNode.data;
  }
  return { nodes, whole };
}

function placeOf(nodes, at) {
  let [start, found] = nodes[0];
  for (const [begins, each] of nodes) {
    if (begins > at) break;
    [start, found] = [begins, each];
  }
  return [found, Math.min(at - start, found.length)];
}

export class ConversationSearch {
  /** @param {HTMLElement} root what is searched, by its children's `.rc-item__body` */
  constructor(root) {
    this.root = root;
    this.query = "";
    this.found = [];
    this.at = -1;
  }

  /** Look for these words; the newest find is shown first, since that is where one reads. */
  find(query) {
    this.query = query.trim();
    this.at = -1;
    this.look();
    this.at = this.found.length - 1;
    this.show();
  }

  /** Look again, because the text has changed; one stays where one was. */
  refresh() {
    if (!this.query) return;
    this.look();
    const last = this.found.length - 1;
    this.at = this.at === -1 ? last : Math.min(this.at, last);
    this.mark();
  }

  step(by) {
    if (!this.found.length) return;
    this.at = (this.at + by + this.found.length) % this.found.length;
    this.show();
  }

  /** "2 of 7", or nothing while nothing is looked for. */
  get words() {
    if (!this.query) return "";
    const many = this.found.length >= MOST_FOUND ? `${MOST_FOUND} or more` : String(this.found.length);
    return this.found.length ? `${this.at + 1} of ${many}` : "not found";
  }

  stop() {
    marks?.delete(FOUND);
    marks?.delete(CURRENT);
  }

  look() {
    this.found = [];
    if (!this.query) return;
    const pattern = new RegExp(escaped(this.query), "giu");
    for (const body of this.root.querySelectorAll(".rc-item__body")) {
      const { nodes, whole } = textOf(body);
      for (const { index, 0: words } of whole.matchAll(pattern)) {
        if (this.found.length >= MOST_FOUND) return;
        const range = new Range();
        range.setStart(...placeOf(nodes, index));
        range.setEnd(...placeOf(nodes, index + words.length));
        this.found.push(range);
      }
    }
  }

  mark() {
    if (!marks) return;
    this.stop();
    if (this.found.length) marks.set(FOUND, new Highlight(...this.found));
    const current = this.found[this.at];
    if (!current) return;
    const now = new Highlight(current);
    now.priority = 1;
    marks.set(CURRENT, now);
  }

  show() {
    this.mark();
    const current = this.found[this.at];
    if (!current) return;
    const folded = current.startContainer.parentElement.closest("details:not([open])");
    if (folded) folded.open = true;
    current.startContainer.parentElement.scrollIntoView({ block: "nearest" });
  }
}
