/** The pictures of the conversation: the one on the stage, the strip of all, those that wait to be sent. */

import * as api from "./api.js";
import { draw, find, h, icon, small } from "./dom.js";
import { text } from "./words.js";

/**
 * A picture on the page.
 * @typedef {{ name: string, url: string | null, file: File | null, blob: Blob | null, digest: string | null, conversation: string | null,
 *   width: number, height: number, regions: number[][], fine: boolean }} Shown
 * `blob` is what is shown, at the address `url`; `regions` are the boxes that questions are about, in pixels of the original; `fine`: all its pixels
 * are here.
 */

const LARGE = 1600; // pixels of a preview
const FINE = 4096; // pixels of the finest preview that the server makes

const shown = (picture) => ({ url: null, file: null, blob: null, digest: null, conversation: null, width: 0, height: 0, regions: [], fine: false, ...picture });

export class Pictures {
  /**
   * @param {{ viewer, surface, regions, complain: (message: string) => void, changed: (index: number) => void }} parts
   */
  constructor(parts) {
    Object.assign(this, parts);
    this.limits = { max_upload_mb: 50, max_pictures: 16 };
    /** @type {Shown[]} those that were sent with earlier questions */
    this.sent = [];
    /** @type {Shown[]} those that go with the next question */
    this.pending = [];
    this.current = 0;
    this.opened = null; // what the viewer shows
    this.painted = null; // address of what the surface shows
    this.covered = () => false; // whether another strip shows all pictures
    this.listen();
  }

  get all() {
    return [...this.sent, ...this.pending];
  }

  /** Take files, if they may be sent at all; the server has the last word. Returns what was taken. */
  add(files) {
    const added = [];
    for (const file of files) {
      const values = { name: file.name, mb: this.limits.max_upload_mb, count: this.limits.max_pictures };
      if (this.pending.length >= this.limits.max_pictures) {
        this.complain(text("tooMany", values));
        break;
      }
      if (file.type && !file.type.startsWith("image/")) {
        this.complain(text("notPicture", values));
        continue;
      }
      if (file.size > this.limits.max_upload_mb * 2 ** 20) {
        this.complain(text("tooLarge", values));
        continue;
      }
      added.push(shown({ name: file.name || "image", url: URL.createObjectURL(file), file, blob: file, fine: true }));
      this.pending.push(added.at(-1));
      this.current = this.all.length - 1;
    }
    this.show();
    return added;
  }

  /** Leave out a picture that has not been sent. */
  drop(picture) {
    this.pending = this.pending.filter((other) => other !== picture);
    URL.revokeObjectURL(picture.url);
    this.current = Math.min(this.current, Math.max(0, this.all.length - 1));
    this.show();
  }

  /** The pending pictures have gone with a question. */
  taken() {
    const taken = this.pending;
    this.sent.push(...taken);
    this.pending = [];
    this.show();
    return taken;
  }

  /** Pictures of a question that did not get through wait for the next one. */
  giveBack(taken) {
    this.sent = this.sent.filter((picture) => !taken.includes(picture));
    this.pending = [...taken, ...this.pending];
    this.show();
  }

  /** Forget all; `stored` are those of another conversation, as the server tells of them. */
  reset(conversation = null, stored = []) {
    for (const picture of this.all) if (picture.url) URL.revokeObjectURL(picture.url);
    this.sent = stored.map(({ name, digest, width, height }) => shown({ name, digest, width, height, conversation }));
    this.pending = [];
    this.current = Math.max(0, this.sent.length - 1);
    this.show();
    for (const picture of this.sent) this.load(picture, LARGE);
  }

  /** The server has kept these: where the browser could not show a file, its preview can. */
  kept(taken, conversation, stored) {
    taken.forEach((picture, index) => {
      picture.conversation = conversation;
      picture.digest = stored[index]?.digest ?? null;
      if (picture.url === null && picture.digest) this.load(picture, LARGE);
    });
  }

  async load(picture, side) {
    try {
      const blob = await api.preview(picture.conversation, picture.digest, side);
      if (picture.url) URL.revokeObjectURL(picture.url);
      Object.assign(picture, { blob, url: URL.createObjectURL(blob) });
      picture.fine ||= side === FINE || Math.max(picture.width, picture.height) <= side;
      this.show();
    } catch {
      // Its name is shown; asking on works all the same.
    }
  }

  /** The preview on the stage is coarser than what is looked at: get a finer one, once. */
  refine() {
    const picture = this.all[this.current];
    if (!picture?.url || picture.fine || !picture.digest) return;
    picture.fine = true;
    this.load(picture, FINE);
  }

  listen() {
    const large = find("large");
    large.addEventListener("load", () => this.arrived());
    large.addEventListener("error", () => {
      const picture = this.all[this.current];
      if (!picture?.url || large.src !== picture.url) return;
      picture.url = null;
      if (picture.digest) this.load(picture, LARGE);
      this.show();
    });
    const turn = (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (!step || this.all.length < 2) return;
      this.choose((this.current + step + this.all.length) % this.all.length);
      if (event.currentTarget.id === "strip") find("strip").children[this.current]?.querySelector("button").focus();
    };
    find("strip").addEventListener("keydown", turn);
    find("pane").addEventListener("keydown", (event) => event.target === event.currentTarget && turn(event));
  }

  /** The picture on the stage has been decoded. */
  arrived() {
    const picture = this.all[this.current];
    const large = find("large");
    if (!picture || large.src !== picture.url) return;
    // A stored picture's preview may be smaller than the picture; boxes are in pixels of the picture.
    picture.width ||= large.naturalWidth;
    picture.height ||= large.naturalHeight;
    find("size").textContent = `${picture.width} × ${picture.height}`;
    if (this.painted !== picture.url) {
      this.painted = picture.url;
      this.surface.open(picture.blob, picture.name);
    }
    if (this.opened === picture) return;
    this.opened = picture;
    this.regions.open(picture);
    this.viewer.open(picture.width, picture.height);
  }

  choose(index) {
    this.current = index;
    this.show();
  }

  show() {
    const all = this.all;
    const picture = all[this.current];
    find("stage").classList.toggle("filled", all.length > 0);
    find("drop").hidden = all.length > 0;
    find("view").hidden = all.length === 0;
    const large = find("large");
    large.hidden = !picture?.url;
    find("tools").hidden = find("sheet").hidden = !picture?.url;
    if (!picture || picture !== this.opened) {
      this.opened = this.painted = null;
      this.regions.open(null);
      this.surface.close();
    }
    if (picture) {
      large.alt = picture.name;
      if (picture.url && large.src !== picture.url) large.src = picture.url;
      else if (picture.url && large.complete) this.arrived();
    }
    find("no-preview").hidden = !picture || picture.url !== null;
    find("caption").textContent = picture?.name ?? "";
    find("limits").textContent = text("limits", { mb: this.limits.max_upload_mb, count: this.limits.max_pictures });
    this.showStrip(all);
    this.showAttached();
    this.changed(this.current);
  }

  /** A picture in small. A file of many megapixels is made small once, beside the page's own work. */
  thumb(picture) {
    if (!picture.url) return icon("picture");
    if (!picture.file) return h("img", { src: picture.url, alt: "" });
    const canvas = h("canvas", { width: 96, height: 72 });
    picture.small ??= small(picture.file, canvas.width);
    picture.small.then((bitmap) => bitmap && draw(bitmap, canvas));
    return canvas;
  }

  showStrip(all) {
    find("strip").hidden = all.length < 2 || this.covered();
    find("strip").replaceChildren(
      ...all.map((picture, index) => {
        const label = text("picture", { number: index + 1, name: picture.name });
        const thumb = this.thumb(picture);
        const properties = { type: "button", title: label, "aria-label": label, onclick: () => this.choose(index) };
        if (index === this.current) properties["aria-current"] = "true";
        return h("li", {}, h("button.thumb", properties, thumb, h("span.number", {}, `${index + 1}`)));
      }),
    );
  }

  showAttached() {
    find("attached").hidden = this.pending.length === 0;
    find("attached").replaceChildren(
      ...this.pending.map((picture) => {
        const label = text("remove", { name: picture.name });
        const close = { type: "button", title: label, "aria-label": label, onclick: () => this.drop(picture) };
        return h("li", {}, this.thumb(picture), h("span.name", {}, picture.name), h("button.quiet.icon", close, icon("close")));
      }),
    );
  }
}
