// What a page says while the console does not answer it: the stylesheet shows one of both.

export default {
  template: `
    <div class="rc-line-notices">
      <div class="rc-notice rc-notice--error rc-line-notice rc-unreachable" role="alert">
        <q-icon name="error_outline" class="rc-notice__icon" aria-hidden="true" />
        <div class="rc-notice__sentence">{{ unreachable }}</div>
      </div>
      <div class="rc-notice rc-notice--error rc-line-notice rc-ended" role="alert">
        <q-icon name="error_outline" class="rc-notice__icon" aria-hidden="true" />
        <div class="rc-notice__sentence">{{ ended }}</div>
        <q-btn label="Reload" outline no-caps dense class="rc-button rc-notice__action"
          @click="reload" />
      </div>
    </div>`,
  props: {
    unreachable: { type: String, required: true },
    ended: { type: String, required: true },
  },
  methods: {
    reload: () => location.reload(),
  },
};
