// Places that the weather was asked for: the newest first, to go back to.

import { clockOfDay } from "rc/format.js";

export default {
  template: `
    <div v-if="places.length > 1" class="rc-places">
      <button type="button" class="rc-places__open" :aria-expanded="String(isOpen)"
        @click="isOpen = !isOpen">{{ places.length }} places <i
        class="rc-icon" :data-icon="isOpen ? 'expand_less' : 'expand_more'" aria-hidden="true"></i></button>
      <ol v-if="isOpen" class="rc-places__list" aria-label="Places" reversed>
        <li v-for="place in [...places].reverse()" :key="place.index">
          <button type="button" class="rc-places__place" :aria-current="String(place.index === chosen)"
            @click="$emit('chosen', place.index)">
            <time class="rc-places__time">{{ time(place) }}</time>
            <span class="rc-places__name">{{ place.name }}</span>
            <span class="rc-places__value">{{ place.value }}</span>
          </button>
        </li>
      </ol>
    </div>`,
  props: { places: { type: Array, default: () => [] }, chosen: Number },
  emits: ["chosen"],
  data: () => ({ isOpen: false }),
  methods: { time: (place) => clockOfDay(place.at) },
};
