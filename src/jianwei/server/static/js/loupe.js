/** A magnifier that follows the pointer and shows the original's pixels, whatever the zoom. */

import { find } from "./dom.js";

const SIZE = 192; // pixels of the page

export class Loupe {
  constructor(viewer) {
    this.viewer = viewer;
    this.on = false;
    this.canvas = find("loupe");
    this.source = find("large");
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

  follow({ x, y, px, py }) {
    const { width, height, scale } = this.viewer;
    if (!width || px < 0 || py < 0 || px > width || py > height) {
      this.canvas.hidden = true;
      return;
    }
    // One pixel of the original on one of the page; where that is no larger than what is seen, twice as large.
    const zoom = Math.max(1, scale * 2);
    const part = SIZE / zoom;
    const ratio = [this.source.naturalWidth / width, this.source.naturalHeight / height];
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    pen.imageSmoothingEnabled = zoom < 3;
    pen.drawImage(
      this.source,
      (px - part / 2) * ratio[0], (py - part / 2) * ratio[1], part * ratio[0], part * ratio[1],
      0, 0, this.canvas.width, this.canvas.height,
    );
    this.canvas.style.translate = `${x - SIZE / 2}px ${y - SIZE / 2}px`;
    this.canvas.hidden = false;
  }
}
