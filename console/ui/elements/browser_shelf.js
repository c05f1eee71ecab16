// Keeps one text in the browser's storage, for this browser alone.

export default {
  template: `<span hidden></span>`,
  props: { name: String },
  methods: {
    /** @returns {string | null} null when the browser keeps nothing for this page */
    read() {
      try {
        return localStorage.getItem(this.name) ?? "";
      } catch {
        return null;
      }
    },
    /** @returns {boolean} whether it is kept: storage may be full, or refused */
    write(text) {
      try {
        localStorage.setItem(this.name, text);
        return true;
      } catch {
        return false;
      }
    },
  },
};
