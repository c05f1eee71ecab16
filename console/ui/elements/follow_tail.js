// Keeps a scroll container at its end until the user scrolls up; then lets go and says so.

const SLACK_PX = 4;
// How long after a wheel, a finger or a key a scroll is still theirs: as long as it glides.
const GLIDE_MS = 600;
const HANDS = ["wheel", "touchmove", "pointerdown", "keydown"];

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
    this.height = 0;
    this.width = 0;
    this.handAt = -Infinity;
    this.listeners = new AbortController();
    const options = { passive: true, signal: this.listeners.signal };
    element.addEventListener("scroll", () => this.scrolled(), options);
    const touched = ({ timeStamp }) => (this.handAt = timeStamp);
    for (const type of HANDS) element.addEventListener(type, touched, options);
    this.observer = new ResizeObserver(() => this.resized());
    this.observer.observe(element);
  }

  // Growth alone moves the end away without a change of scrollTop, so only going up lets go. A list
  // that was laid out anew has been moved by the browser, not by the user.
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    if (clientHeight === 0) return;
    if (scrollTop + clientHeight >= scrollHeight - SLACK_PX) {
      this.top = scrollTop;
      this.set(true);
    } else if (this.following && this.isLaidOutAnew()) {
      this.pin();
    } else {
      const wentUp = scrollTop < this.top;
      this.top = scrollTop;
      if (wentUp) this.set(false);
    }
  }

  isLaidOutAnew() {
    const { clientWidth, scrollHeight } = this.element;
    const isSame = clientWidth === this.width && scrollHeight === this.height;
    return !isSame && performance.now() - this.handAt > GLIDE_MS;
  }

  resized() {
    if (this.element.clientHeight === 0) return;
    // What is shown again after it was hidden begins at its top: back to where it was read.
    if (this.following) this.pin();
    else if (this.element.scrollTop === 0) this.element.scrollTop = this.top;
  }

  /** Go to the end if the end is being followed; call after content was added. */
  pin() {
    if (!this.following) return;
    const { clientWidth, scrollHeight, clientHeight } = this.element;
    const end = Math.max(0, scrollHeight - clientHeight);
    this.top = end;
    this.height = scrollHeight;
    this.width = clientWidth;
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
    this.listeners.abort();
  }
}
