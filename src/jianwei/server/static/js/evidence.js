/** What backs an answer, on the picture: the places it speaks of, and where the model looked. */

import { find, h, s } from "./dom.js";
import { text } from "./words.js";

const SHORTEST = 2; // letters of a label that is looked for in the answer

/** A colour of the heat map for 0 to 255: from nothing over violet and red to a full yellow, told apart by lightness, and from white paper. */
function colour(value) {
  const stops = [[40, 10, 90], [140, 30, 120], [215, 50, 60], [245, 120, 20], [255, 196, 0]];
  const place = (value / 255) * (stops.length - 1);
  const low = Math.min(Math.floor(place), stops.length - 2);
  const mix = stops[low].map((one, channel) => Math.round(one + (stops[low + 1][channel] - one) * (place - low)));
  return [...mix, Math.min(255, Math.round(value * 1.15))];
}

const COLOURS = new Uint8ClampedArray(4 * 256);
for (let value = 0; value < 256; value++) COLOURS.set(colour(value), 4 * value);

/** Draw bytes (base64, row after row) into a canvas, one pixel a cell. */
export function paint(canvas, values, rows, columns) {
  const bytes = Uint8Array.from(atob(values), (letter) => letter.charCodeAt(0));
  canvas.width = columns;
  canvas.height = rows;
  const pixels = new ImageData(columns, rows);
  bytes.forEach((value, index) => pixels.data.set(COLOURS.subarray(4 * value, 4 * value + 4), 4 * index));
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** Wrap each label of `boxes` that stands in the text under `root` in a mark. */
export function link(root, boxes) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  // Longer labels first: "Total due" is not to be found as "Total".
  const order = [...boxes.keys()].sort((one, other) => boxes[other].label.length - boxes[one].label.length);
  for (const index of order) {
    const { label } = boxes[index];
    if (label.length < SHORTEST) continue;
    const place = nodes.findIndex((node) => node.data.includes(label));
    if (place < 0) continue;
    const middle = nodes[place].splitText(nodes[place].data.indexOf(label));
    const rest = middle.splitText(label.length);
    const mark = h("mark.place", { tabIndex: 0, "data-place": `${index}` });
    middle.replaceWith(mark);
    mark.append(middle);
    nodes.splice(place, 1, nodes[place], rest);
  }
}

/** A length in centimetres, as exact as it is known. */
export const centimetres = (value) => `${Number(value.toPrecision(value < 1 ? 2 : 3))}`;

/** All that is marked on pictures for a turn: places first, then what was measured, all lengths of a thing together. */
export function marksOf(turn) {
  const things = [];
  for (const one of turn?.measures ?? []) {
    const same = things.find((thing) => thing.picture === one.picture && `${thing.bbox}` === `${one.bbox}`);
    if (same) same.lengths.push(one);
    else things.push({ bbox: one.bbox, picture: one.picture, lengths: [one] });
  }
  return [
    ...(turn?.boxes ?? []).map((box, index) => ({ ...box, mark: `${index + 1}` })),
    ...things.map((thing) => ({
      ...thing,
      label: thing.lengths.map(({ what }) => what).join(", "),
      mark: `${thing.lengths.map(({ value }) => centimetres(value)).join(" × ")} cm`,
    })),
  ];
}

export class Evidence {
  /** @param {(picture: number) => void} turnTo shows another picture of the conversation */
  constructor(turnTo) {
    this.turnTo = turnTo;
    this.viewer = null;
    this.layer = find("places");
    this.canvas = find("heat");
    this.turn = null; // the answer whose evidence is shown
    this.view = null;
    this.picture = 0;
    this.marks = []; // of that answer
    this.groups = [];
    this.heat = false;
    this.token = null; // the piece of the answer whose heat is shown; null: the whole answer
    find("heat-opacity").addEventListener("input", (event) => {
      this.canvas.style.opacity = event.target.value / 100;
    });
    this.canvas.style.opacity = find("heat-opacity").value / 100;
  }

  /** Show what backs this turn; null: nothing. */
  show(view, { heat = false } = {}) {
    this.view?.lookedAt(false);
    this.view = view;
    this.turn = view?.turn ?? null;
    this.marks = marksOf(this.turn);
    this.heat = heat && Boolean(this.turn?.heatmap);
    this.token = null;
    this.view?.lookedAt(true, this.heat);
    this.draw();
  }

  /** Another picture is on the stage. */
  open(index) {
    this.picture = index;
    this.draw();
  }

  draw() {
    this.groups = (this.heat ? [] : this.marks).map((box, index) => {
      if (box.picture !== this.picture) return null;
      const light = (on) => () => this.light(index, on);
      const kind = box.lengths ? "place length" : "place";
      const group = s("g", { class: kind, role: "img", "aria-label": box.label }, s("rect", {}), s("text", {}));
      group.lastChild.textContent = box.mark;
      group.addEventListener("pointerenter", light(true));
      group.addEventListener("pointerleave", light(false));
      return group;
    });
    this.layer.replaceChildren(...this.groups.filter(Boolean));
    this.place();
    this.drawHeat();
  }

  place() {
    this.groups.forEach((group, index) => {
      if (!group) return;
      const { x, y, width, height } = this.viewer.onPane(this.marks[index].bbox);
      const [rect, label] = group.children;
      for (const [name, value] of Object.entries({ x, y, width, height })) rect.setAttribute(name, Math.max(0, value) || 0);
      label.setAttribute("x", x + 4);
      label.setAttribute("y", y - 5);
    });
  }

  drawHeat() {
    const heat = this.heat ? this.turn.heatmap : null;
    const whole = heat?.maps.find((map) => map.picture === this.picture);
    const part = this.token === null ? whole : heat?.tokens[this.token]?.maps.find((map) => map.picture === this.picture);
    this.canvas.hidden = !whole || !part;
    find("heat-tools").hidden = !heat;
    if (heat) find("heat-share").textContent = this.share(heat);
    if (whole && part) paint(this.canvas, part.values, whole.rows, whole.columns);
  }

  share({ picture_share: picture, evidence_share: read }) {
    const percent = (part) => Math.round(100 * part);
    return text(read ? "shareRead" : "share", { percent: percent(picture), read: percent(read) });
  }

  /** Show the heat of one piece of the answer; null: of the whole. */
  lightToken(index) {
    this.token = index;
    this.drawHeat();
  }

  /** Light a box and the words that speak of it. */
  light(index, on) {
    if (!this.turn) return;
    if (on && this.marks[index].picture !== this.picture) this.turnTo(this.marks[index].picture);
    this.groups[index]?.classList.toggle("lit", on);
    for (const word of this.view.element.querySelectorAll(`[data-place="${index}"]`)) word.classList.toggle("lit", on);
  }
}
