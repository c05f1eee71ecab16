// Time since a moment, or left until one, counted in the browser: no message a second for a clock.

const pad = (value) => String(value).padStart(2, "0");

export default {
  template: `<span class="rc-elapsed" role="timer"></span>`,
  props: { seconds: Number, isLeft: Boolean },
  mounted() {
    this.restart();
    this.timer = setInterval(() => this.show(), 1000);
  },
  unmounted() {
    clearInterval(this.timer);
  },
  watch: {
    seconds() {
      this.restart();
    },
  },
  methods: {
    restart() {
      this.shownAt = performance.now();
      this.show();
    },
    show() {
      const since = (performance.now() - this.shownAt) / 1000;
      // Of what is left a second counts until it is over: zero is the end.
      const now = this.isLeft ? Math.ceil(this.seconds - since) : Math.floor(this.seconds + since);
      const total = Math.max(0, now);
      const minutes = Math.floor(total / 60);
      const hours = Math.floor(minutes / 60);
      const tail = `${pad(minutes % 60)}:${pad(total % 60)}`;
      this.$el.textContent = hours ? `${hours}:${tail}` : tail;
    },
  },
};
