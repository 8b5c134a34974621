/** A mended picture over the one as it was sent, with a slider between before and after. */

import * as api from "./api.js";
import { find } from "./dom.js";

export class Compare {
  constructor() {
    this.turn = null;
    this.picture = 0;
    this.image = find("after");
    this.slider = find("compare-place");
    this.slider.addEventListener("input", () => this.cut());
  }

  cut() {
    this.image.style.clipPath = `inset(0 0 0 ${this.slider.value}%)`;
  }

  /** Offer to compare the pictures of this turn; null: nothing. */
  show(turn) {
    this.turn = turn;
    this.load();
  }

  open(index) {
    this.picture = index;
    this.load();
  }

  async load() {
    const { turn, picture } = this;
    const found = turn?.enhance?.find((one) => one.picture === picture && one.did?.length);
    find("compare-tools").hidden = this.image.hidden = true;
    if (!found) return;
    try {
      const url = await api.enhanced(turn.turn_id ?? turn.id, picture);
      if (turn !== this.turn || picture !== this.picture) return URL.revokeObjectURL(url);
      if (this.image.src) URL.revokeObjectURL(this.image.src);
      this.image.src = url;
      this.slider.value = 50;
      this.cut();
      find("compare-tools").hidden = this.image.hidden = false;
    } catch {
      // The server has it no longer; the sentence of the answer still tells what was done.
    }
  }
}
