/** The boxes that a question is about: drawn, moved, resized and deleted with mouse, finger and keys. */

import { find, s } from "./dom.js";
import { text } from "./words.js";

const SMALLEST = 6; // pixels of the screen: anything less was a click
const REACH = 14; // pixels of the screen around a corner or an edge that take hold of it
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const clamp = (value, most) => Math.min(most, Math.max(0, value));

/** Corners in order: left to right, top to bottom. */
const upright = ([x1, y1, x2, y2]) => [Math.min(x1, x2), Math.min(y1, y2), Math.max(x1, x2), Math.max(y1, y2)];

/** Boxes as the server's field `region` wants them: `picture:x1,y1,x2,y2`, joined by `;`; pictures count from 1. */
export function regionField(pictures) {
  return pictures
    .flatMap(({ regions }, index) => regions.map((box) => `${index + 1}:${box.map((value) => Math.round(value)).join(",")}`))
    .join(";");
}

export class Regions {
  /** @param {() => void} changed a box came, went or is where it was not */
  constructor(changed) {
    this.changed = changed;
    this.viewer = null;
    this.picture = null;
    this.offered = false; // whether the server takes boxes at all
    this.drawing = false;
    this.layer = find("regions");
    this.elements = new Map();
    this.layer.addEventListener("keydown", (event) => this.key(event));
  }

  /** Show the boxes of another picture. */
  open(picture) {
    this.picture = picture;
    this.place();
  }

  setDrawing(on) {
    this.drawing = on;
    this.viewer.pane.classList.toggle("drawing", on);
    find("draw").setAttribute("aria-pressed", `${on}`);
  }

  /** A new box in the middle of what is seen, for a person at the keys. */
  add() {
    const { viewer } = this;
    const seen = [
      clamp(-viewer.x / viewer.scale, viewer.width), clamp(-viewer.y / viewer.scale, viewer.height),
      clamp((viewer.pane.clientWidth - viewer.x) / viewer.scale, viewer.width),
      clamp((viewer.pane.clientHeight - viewer.y) / viewer.scale, viewer.height),
    ];
    const part = (low, high) => [low + (high - low) / 3, high - (high - low) / 3];
    const [[x1, x2], [y1, y2]] = [part(seen[0], seen[2]), part(seen[1], seen[3])];
    const box = [x1, y1, x2, y2].map(Math.round);
    this.picture.regions.push(box);
    this.update();
    this.elements.get(box).focus();
  }

  remove(box) {
    const { regions } = this.picture;
    const index = regions.indexOf(box);
    if (index < 0) return;
    regions.splice(index, 1);
    this.update();
    (this.elements.get(regions[index] ?? regions[index - 1]) ?? this.viewer.pane).focus();
  }

  update() {
    this.place();
    this.changed();
  }

  /** The pointer goes down: take hold of a box, begin a new one, or leave it to the viewer (null). */
  begin(event, start) {
    if (!this.picture) return null;
    const found = this.under(start);
    if (found) {
      const [box, hold] = found;
      this.elements.get(box).focus({ focusVisible: false });
      return this.carry(box, hold, start);
    }
    if (!this.drawing) return null;
    const { width, height } = this.viewer;
    const [px, py] = [clamp(start.px, width), clamp(start.py, height)];
    const box = [px, py, px, py];
    this.picture.regions.push(box);
    const drag = this.carry(box, { x: 2, y: 3 }, { px, py });
    return {
      ...drag,
      end: () => {
        drag.end();
        const drawn = this.viewer.onPane(box);
        if (drawn.width < SMALLEST || drawn.height < SMALLEST) this.remove(box);
        else this.elements.get(box).focus({ focusVisible: false });
      },
      cancel: () => this.remove(box),
    };
  }

  /** The box under a point and which of its sides are held: `{ x: 0 | 2 | null, y: 1 | 3 | null }`, null for inside. */
  under({ x, y }) {
    for (const box of [...this.picture.regions].reverse()) {
      const pane = this.viewer.onPane(box);
      const [left, top, right, bottom] = [pane.x, pane.y, pane.x + pane.width, pane.y + pane.height];
      if (x < left - REACH || x > right + REACH || y < top - REACH || y > bottom + REACH) continue;
      const nearer = (value, low, high, one, other) => {
        const [near, far] = [Math.abs(value - low), Math.abs(value - high)];
        return Math.min(near, far) > REACH ? null : near < far ? one : other;
      };
      const hold = { x: nearer(x, left, right, 0, 2), y: nearer(y, top, bottom, 1, 3) };
      // While drawing, a new box may begin inside another one.
      if (hold.x !== null || hold.y !== null || !this.drawing) return [box, hold];
    }
    return null;
  }

  /** Carry a box, or the held sides of it, with the pointer. */
  carry(box, hold, start) {
    const { viewer } = this;
    const first = [...box];
    return {
      move: ({ px, py }) => {
        const [dx, dy] = [px - start.px, py - start.py];
        if (hold.x === null && hold.y === null) this.shift(box, first, dx, dy);
        else {
          if (hold.x !== null) box[hold.x] = clamp(first[hold.x] + dx, viewer.width);
          if (hold.y !== null) box[hold.y] = clamp(first[hold.y] + dy, viewer.height);
        }
        this.place();
      },
      end: () => {
        box.splice(0, 4, ...upright(box));
        this.update();
      },
    };
  }

  shift(box, from, dx, dy) {
    const { width, height } = this.viewer;
    const x = Math.min(width - from[2], Math.max(-from[0], dx));
    const y = Math.min(height - from[3], Math.max(-from[1], dy));
    box.splice(0, 4, from[0] + x, from[1] + y, from[2] + x, from[3] + y);
  }

  key(event) {
    const box = [...this.elements].find(([, element]) => element === event.target)?.[0];
    if (!box) return;
    const step = event.altKey ? 1 : Math.max(1, Math.round(8 / this.viewer.scale));
    const arrow = KEYS[event.key];
    if (arrow) {
      const [dx, dy] = arrow.map((value) => value * step);
      if (event.shiftKey) {
        box[2] = Math.min(this.viewer.width, Math.max(box[0] + 2, box[2] + dx));
        box[3] = Math.min(this.viewer.height, Math.max(box[1] + 2, box[3] + dy));
      } else this.shift(box, [...box], dx, dy);
      this.update();
    } else if (event.key === "Delete" || event.key === "Backspace") this.remove(box);
    else if (event.key === "Escape") this.viewer.pane.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Put the elements where the boxes are now. */
  place() {
    const regions = this.picture?.regions ?? [];
    for (const [box, element] of this.elements)
      if (!regions.includes(box)) {
        element.remove();
        this.elements.delete(box);
      }
    regions.forEach((box, index) => {
      let element = this.elements.get(box);
      if (!element) {
        const corners = [0, 1, 2, 3].map(() => s("rect", { class: "corner", width: 10, height: 10, rx: 2 }));
        element = s("g", { class: "region", tabindex: 0, role: "button" }, s("rect", { class: "line" }), ...corners);
        this.layer.append(element);
        this.elements.set(box, element);
      }
      const corners = upright(box);
      const { x, y, width, height } = this.viewer.onPane(corners);
      const values = corners.map((value) => Math.round(value));
      element.setAttribute("aria-label", text("boxLabel", { number: index + 1, box: values.join(", ") }));
      const [line, ...squares] = element.children;
      for (const [name, value] of Object.entries({ x, y, width, height })) line.setAttribute(name, value);
      squares.forEach((square, corner) => {
        square.setAttribute("x", x - 5 + (corner % 2 ? width : 0));
        square.setAttribute("y", y - 5 + (corner > 1 ? height : 0));
      });
    });
  }
}
