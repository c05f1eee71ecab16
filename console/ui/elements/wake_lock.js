// Keeps the screen awake while a session lasts: a phone that sleeps takes the microphone away.
//
// The browser gives the lock back by itself whenever the page is hidden, so it is asked for again
// when the page is seen. It may refuse, as with an empty battery; then the screen sleeps as usual.

export class WakeLock {
  constructor(wakeLock = navigator.wakeLock, page = document) {
    this.wakeLock = wakeLock;
    this.page = page;
    this.isWanted = false;
    this.sentinel = null;
    this.asking = null;
    this.seen = () => this.ask();
    page.addEventListener("visibilitychange", this.seen);
  }

  // Resolves when the screen is kept awake, or cannot be.
  hold() {
    this.isWanted = true;
    return this.ask();
  }

  release() {
    this.isWanted = false;
    this.sentinel?.release().catch(() => {});
    this.sentinel = null;
  }

  stop() {
    this.page.removeEventListener("visibilitychange", this.seen);
    this.release();
  }

  ask() {
    // Absent on insecure pages and in older browsers.
    if (!this.isWanted || !this.wakeLock || this.page.hidden) return Promise.resolve();
    if (this.sentinel !== null && !this.sentinel.released) return Promise.resolve();
    this.asking ??= this.request().finally(() => (this.asking = null));
    return this.asking;
  }

  async request() {
    const sentinel = await this.wakeLock.request("screen").catch(() => null);
    if (sentinel === null) return;
    // The session may have ended meanwhile.
    if (this.isWanted) this.sentinel = sentinel;
    else sentinel.release().catch(() => {});
  }
}
