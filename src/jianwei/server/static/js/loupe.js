/** A magnifier that follows the pointer and shows the original's pixels, whatever the zoom. */

import { find } from "./dom.js";

const SIZE = 192; // pixels of the page

export class Loupe {
  constructor(viewer, surface) {
    this.viewer = viewer;
    this.surface = surface;
    this.on = false;
    this.place = null; // what is magnified
    this.canvas = find("loupe");
    const sharp = Math.min(2, devicePixelRatio || 1);
    this.canvas.width = this.canvas.height = SIZE * sharp;
    find("magnify").addEventListener("click", () => this.toggle());
    viewer.pane.addEventListener("pointermove", (event) => this.on && this.follow(viewer.at(event)));
    viewer.pane.addEventListener("pointerleave", () => {
      this.canvas.hidden = true;
    });
  }

  toggle(on = !this.on) {
    this.on = on;
    this.canvas.hidden = true;
    find("magnify").setAttribute("aria-pressed", `${on}`);
    this.viewer.pane.classList.toggle("magnifying", on);
    if (on) this.viewer.wantDetail?.();
    // Without a pointer the middle is shown; arrow keys move the picture under it.
    if (on) this.middle();
  }

  middle() {
    const { pane, x, y, scale } = this.viewer;
    const [middleX, middleY] = [pane.clientWidth / 2, pane.clientHeight / 2];
    this.follow({ x: middleX, y: middleY, px: (middleX - x) / scale, py: (middleY - y) / scale });
  }

  /** More of the picture is there. */
  again() {
    if (this.on && !this.canvas.hidden && this.place) this.follow(this.place);
  }

  follow(place) {
    const { x, y, px, py } = place;
    const { width, height, scale } = this.viewer;
    this.place = place;
    if (!width || px < 0 || py < 0 || px > width || py > height) {
      this.canvas.hidden = true;
      return;
    }
    // One pixel of the original on one of the page; where that is no larger than what is seen, twice as large.
    const zoom = Math.max(1, scale * 2);
    const part = SIZE / zoom;
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.surface.cut(pen, { x: px - part / 2, y: py - part / 2, width: part, height: part }, this.canvas.width / part, zoom < 3);
    this.canvas.style.translate = `${x - SIZE / 2}px ${y - SIZE / 2}px`;
    this.canvas.hidden = false;
  }
}
