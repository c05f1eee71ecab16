// Time since the connection began, counted in the browser: no message a second for a clock.

const pad = (value) => String(value).padStart(2, "0");

export default {
  template: `<span class="rc-elapsed" role="timer"></span>`,
  props: { seconds: Number },
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
      this.began = performance.now() - this.seconds * 1000;
      this.show();
    },
    show() {
      const total = Math.max(0, Math.floor((performance.now() - this.began) / 1000));
      const minutes = Math.floor(total / 60);
      const hours = Math.floor(minutes / 60);
      const tail = `${pad(minutes % 60)}:${pad(total % 60)}`;
      this.$el.textContent = hours ? `${hours}:${tail}` : tail;
    },
  },
};
