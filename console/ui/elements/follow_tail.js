// Keeps a scroll container at its end until the user scrolls up; then lets go and says so.

const SLACK_PX = 4;

export class FollowTail {
  /**
   * @param {HTMLElement} element the scroll container
   * @param {(following: boolean) => void} changed called when the user lets go or comes back
   */
  constructor(element, changed) {
    this.element = element;
    this.changed = changed;
    this.following = true;
    this.top = 0;
    this.onScroll = () => this.scrolled();
    element.addEventListener("scroll", this.onScroll, { passive: true });
    this.observer = new ResizeObserver(() => this.pin());
    this.observer.observe(element);
  }

  // Growth alone moves the end away without a change of scrollTop, so only going up lets go.
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const wentUp = scrollTop < this.top;
    const atEnd = scrollTop + clientHeight >= scrollHeight - SLACK_PX;
    this.top = scrollTop;
    if (atEnd) this.set(true);
    else if (wentUp) this.set(false);
  }

  /** Go to the end if the end is being followed; call after content was added. */
  pin() {
    if (!this.following) return;
    const { scrollHeight, clientHeight } = this.element;
    const end = Math.max(0, scrollHeight - clientHeight);
    this.top = end;
    if (Math.abs(this.element.scrollTop - end) >= 1) this.element.scrollTop = end;
  }

  /** Follow the end from now on. */
  follow() {
    this.set(true);
    this.pin();
  }

  letGo() {
    this.top = this.element.scrollTop;
    this.set(false);
  }

  set(following) {
    if (following === this.following) return;
    this.following = following;
    this.changed(following);
  }

  stop() {
    this.observer.disconnect();
    this.element.removeEventListener("scroll", this.onScroll);
  }
}
