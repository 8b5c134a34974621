/**
 * A large picture on the stage. A browser that is given millions of pixels to show at another size stands still while it decodes them anew for
 * each size; here a worker decodes once, and the page draws copies of half the size, a quarter and so on, and pieces of the original where more is seen.
 */

import { find } from "./dom.js";

const LARGE = 4e6; // pixels from which a picture is drawn here; smaller ones the browser shows by itself
const PIECE = 1024; // pixels of a side
const KEPT = 24; // pieces, at least

export class Surface {
  /** @param {() => void} changed more of the picture is there than before */
  constructor(viewer, changed) {
    this.viewer = viewer;
    this.changed = changed;
    this.canvas = find("surface");
    this.image = find("large");
    this.pen = this.canvas.getContext("2d");
    this.worker = null;
    this.number = 0; // of the picture, for the worker
    this.copies = null; // of half the size, of a quarter, ...; null: the browser shows the picture
    this.whole = { width: 0, height: 0 };
    this.pieces = new Map(); // by their place; null while they are being cut; those used last are at the end
    this.frame = 0;
  }

  /** Show the picture that is in the `<img>` already: `blob` is its file. */
  open(blob, label) {
    this.close();
    const { naturalWidth, naturalHeight } = this.image;
    if (!blob || naturalWidth * naturalHeight < LARGE || !this.start()) return;
    this.image.classList.add("elsewhere");
    this.canvas.setAttribute("aria-label", label);
    this.worker.postMessage({ number: this.number, blob });
  }

  close() {
    this.number++;
    for (const bitmap of [...(this.copies ?? []), ...this.pieces.values()]) bitmap?.close();
    this.copies = null;
    this.pieces.clear();
    this.canvas.hidden = true;
    this.image.classList.remove("elsewhere");
    find("sheet").classList.remove("bare");
    this.worker?.postMessage({ number: this.number });
  }

  /** Whether there is a worker. */
  start() {
    try {
      this.worker ??= new Worker("/static/js/pixels.js");
      this.worker.onmessage = ({ data }) => this.take(data);
      this.worker.onerror = () => this.close(); // the browser shows the picture then
      return true;
    } catch {
      return false;
    }
  }

  take({ number, failed, width, height, copies, key, piece }) {
    if (number !== this.number) {
      for (const bitmap of [...(copies ?? []), piece]) bitmap?.close();
      return;
    }
    if (failed) return this.close();
    if (copies) {
      this.copies = copies;
      this.whole = { width, height };
      this.canvas.hidden = false;
      find("sheet").classList.add("bare");
    } else this.pieces.set(key, piece);
    this.draw();
    this.changed();
  }

  /** Once a frame, however often the view changes. */
  draw() {
    if (!this.copies) return;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      if (this.copies) this.paint();
    });
  }

  paint() {
    const { canvas, pen, viewer } = this;
    const sharp = devicePixelRatio || 1;
    const [width, height] = [Math.round(viewer.pane.clientWidth * sharp), Math.round(viewer.pane.clientHeight * sharp)];
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    pen.clearRect(0, 0, width, height);
    const scale = viewer.scale * sharp;
    this.cut(pen, { x: -viewer.x / viewer.scale, y: -viewer.y / viewer.scale, width: width / scale, height: height / scale }, scale, viewer.scale < 3);
  }

  /** Draw a part of the picture, in its pixels, at the left top of a canvas; `scale`: pixels of the canvas for one of the picture. */
  cut(pen, part, scale, smooth) {
    pen.imageSmoothingEnabled = smooth;
    const { viewer } = this;
    const source = this.copies
      ? (this.copies.findLast((copy) => copy.width >= viewer.width * scale) ?? this.copies[0])
      : this.image;
    const left = Math.max(0, part.x);
    const top = Math.max(0, part.y);
    const right = Math.min(viewer.width, part.x + part.width);
    const bottom = Math.min(viewer.height, part.y + part.height);
    if (right <= left || bottom <= top) return;
    const seen = { left, top, right, bottom };
    const [across, down] = [(source.naturalWidth ?? source.width) / viewer.width, (source.naturalHeight ?? source.height) / viewer.height];
    pen.drawImage(
      source, left * across, top * down, (right - left) * across, (bottom - top) * down,
      (left - part.x) * scale, (top - part.y) * scale, (right - left) * scale, (bottom - top) * scale,
    );
    if (this.copies && source.width < viewer.width * scale) this.refine(pen, part, seen, scale);
  }

  /** Draw pieces of the original over a copy; those that are not there yet are asked for. */
  refine(pen, part, { left, top, right, bottom }, scale) {
    const { viewer, whole, pieces } = this;
    const [across, down] = [whole.width / viewer.width, whole.height / viewer.height];
    // On whole pixels of the canvas, so that no seam is seen between two pieces.
    const [onX, onY] = [(x) => Math.round((x / across - part.x) * scale), (y) => Math.round((y / down - part.y) * scale)];
    let count = 0;
    for (let y = Math.floor((top * down) / PIECE) * PIECE; y < bottom * down; y += PIECE)
      for (let x = Math.floor((left * across) / PIECE) * PIECE; x < right * across; x += PIECE) {
        const key = `${x},${y}`;
        const [width, height] = [Math.min(PIECE, whole.width - x), Math.min(PIECE, whole.height - y)];
        if (width <= 0 || height <= 0) continue;
        count++;
        const piece = pieces.get(key);
        if (piece) {
          pieces.delete(key);
          pieces.set(key, piece);
          pen.drawImage(piece, onX(x), onY(y), onX(x + width) - onX(x), onY(y + height) - onY(y));
        } else if (piece === undefined) {
          pieces.set(key, null);
          this.worker.postMessage({ number: this.number, piece: { key, x, y, width, height } });
        }
      }
    for (const [key, piece] of pieces) {
      if (pieces.size <= Math.max(KEPT, 2 * count)) break;
      if (!piece) continue;
      piece.close();
      pieces.delete(key);
    }
  }
}
