/** The picture on the stage: zoom and pan. All coordinates that leave here are pixels of the original. */

import { find } from "./dom.js";

const MOST = 16; // screen pixels for one pixel of the original
const STEP = 1.25; // of one key or button
const MARGIN = 24; // pixels kept free around a picture that fits

export class Viewer {
  /**
   * `begin(event, point)` may take a press of the pointer for itself: it returns `{ move, end }`, or null to pan.
   * `changed()` is called after every change of the view.
   */
  constructor({ begin, changed }) {
    this.pane = find("pane");
    this.sheet = find("sheet");
    this.begin = begin;
    this.changed = changed;
    this.width = this.height = this.x = this.y = 0;
    this.scale = 1;
    this.fitted = true;
    this.pointers = new Map();
    this.drag = null;
    this.listen();
  }

  /** Show a picture of this size; the view starts with all of it. */
  open(width, height) {
    this.width = width;
    this.height = height;
    this.sheet.style.width = `${width}px`;
    this.sheet.style.height = `${height}px`;
    this.fit();
  }

  get fitting() {
    const margin = this.pane.clientWidth < 480 ? MARGIN / 3 : MARGIN;
    const [width, height] = [this.pane.clientWidth - 2 * margin, this.pane.clientHeight - 2 * margin];
    // A small picture is shown up to four times as large, not more: its pixels would be all one sees.
    return Math.max(0.001, Math.min(width / this.width, height / this.height, 4));
  }

  fit() {
    this.fitted = true;
    this.scale = this.fitting;
    this.x = (this.pane.clientWidth - this.width * this.scale) / 2;
    this.y = (this.pane.clientHeight - this.height * this.scale) / 2;
    this.apply();
  }

  /** Zoom so that the point of the pane `[x, y]` stays where it is; without one, the middle. */
  zoom(scale, x = this.pane.clientWidth / 2, y = this.pane.clientHeight / 2) {
    const next = Math.min(MOST, Math.max(Math.min(this.fitting, 1) / 2, scale));
    this.x = x - ((x - this.x) * next) / this.scale;
    this.y = y - ((y - this.y) * next) / this.scale;
    this.scale = next;
    this.fitted = false;
    this.apply();
  }

  step(direction) {
    this.zoom(this.scale * STEP ** direction);
  }

  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.apply();
  }

  apply() {
    // At least a corner of the picture stays in sight.
    const keep = 48;
    this.x = Math.min(this.pane.clientWidth - keep, Math.max(keep - this.width * this.scale, this.x));
    this.y = Math.min(this.pane.clientHeight - keep, Math.max(keep - this.height * this.scale, this.y));
    this.sheet.style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.scale})`;
    this.sheet.classList.toggle("coarse", this.scale >= 3);
    this.changed();
  }

  /** Where an event is: in the pane, and in the picture. */
  at(event) {
    const frame = this.pane.getBoundingClientRect();
    const [x, y] = [event.clientX - frame.left, event.clientY - frame.top];
    return { x, y, px: (x - this.x) / this.scale, py: (y - this.y) / this.scale };
  }

  /** A box of the picture as a rectangle of the pane. */
  onPane([x1, y1, x2, y2]) {
    return {
      x: this.x + x1 * this.scale,
      y: this.y + y1 * this.scale,
      width: (x2 - x1) * this.scale,
      height: (y2 - y1) * this.scale,
    };
  }

  listen() {
    const { pane } = this;
    pane.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const { x, y } = this.at(event);
        const lines = event.deltaMode === 1 ? 16 : 1;
        this.zoom(this.scale * Math.exp((-event.deltaY * lines) / (event.ctrlKey ? 120 : 480)), x, y);
      },
      { passive: false },
    );
    pane.addEventListener("pointerdown", (event) => this.press(event));
    pane.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) pane.addEventListener(name, (event) => this.release(event));
    pane.addEventListener("dblclick", (event) => {
      const { x, y } = this.at(event);
      if (this.fitted) this.zoom(Math.max(1, this.scale * 2), x, y);
      else this.fit();
    });
    pane.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => {
      if (!this.width) return;
      if (this.fitted) this.fit();
      else this.apply();
    }).observe(pane);
  }

  press(event) {
    if (event.button > 1 || !this.width || event.target.closest("button, input")) return;
    this.pane.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, this.at(event));
    if (this.pointers.size === 2) {
      this.drag?.cancel?.();
      this.drag = null;
    } else if (this.pointers.size === 1) {
      // The middle button pans whatever else is going on.
      this.drag = event.button === 1 ? null : this.begin(event, this.at(event));
      this.pane.classList.toggle("panning", this.drag === null);
    }
  }

  move(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    this.pointers.set(event.pointerId, now);
    if (this.pointers.size === 2) {
      const [other] = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
      const spread = (point) => Math.max(1, Math.hypot(point.x - other.x, point.y - other.y));
      this.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
      this.zoom((this.scale * spread(now)) / spread(before), (now.x + other.x) / 2, (now.y + other.y) / 2);
    } else if (this.drag) this.drag.move(now);
    else this.pan(now.x - before.x, now.y - before.y);
  }

  release(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    this.pane.classList.remove("panning");
    this.drag?.end();
    this.drag = null;
  }

  key(event) {
    if (event.target !== this.pane || event.ctrlKey || event.metaKey || event.altKey) return;
    const arrows = { ArrowLeft: [64, 0], ArrowRight: [-64, 0], ArrowUp: [0, 64], ArrowDown: [0, -64] };
    if (arrows[event.key] && !this.fitted) this.pan(...arrows[event.key]);
    else if (event.key === "+" || event.key === "=") this.step(1);
    else if (event.key === "-") this.step(-1);
    else if (event.key === "0") this.fit();
    else if (event.key === "1") this.zoom(1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
