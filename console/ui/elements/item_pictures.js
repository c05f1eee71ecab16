// The pictures of an item, fetched from the console: nothing is loaded from where a message says.

import { node } from "rc/dom.js";

export class ItemPictures {
  /** @param {(place: number) => string} urlOf where a picture is */
  constructor(urlOf) {
    this.element = node("div", "rc-pictures");
    this.urlOf = urlOf;
    this.count = 0;
  }

  show(count) {
    this.element.hidden = count === 0;
    for (; this.count < count; this.count += 1) this.element.append(this.picture(this.count));
  }

  picture(place) {
    const url = this.urlOf(place);
    const link = node("a", "rc-pictures__one", null, { href: url, target: "_blank", rel: "noopener" });
    const image = node("img", "", null, { src: url, loading: "lazy", alt: `Picture ${place + 1}` });
    image.addEventListener("error", async () => link.replaceWith(await this.missing(url)));
    link.append(image);
    return link;
  }

  // A picture that lies elsewhere, or is none, is named by the answer.
  async missing(url) {
    let words = "The picture cannot be had.";
    try {
      const answer = await fetch(url);
      words = (await answer.json()).detail ?? words;
    } catch {
      // The console is not reachable, or what it sent is no picture that this browser can show.
    }
    return node("p", "rc-item__note", words);
  }
}
