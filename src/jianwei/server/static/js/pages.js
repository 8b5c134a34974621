/** The pages of a PDF or the key frames of a video as a strip: each can be looked at, and ticked to be asked about. */

import { find, h, thumbnail } from "./dom.js";
import { AT_ONCE, hasPages, pagesOf } from "./paged.js";
import { text } from "./words.js";

export class Pages {
  /** @param {{ pictures, complain: (message: string) => void }} parts */
  constructor(parts) {
    Object.assign(this, parts);
    this.offered = true; // whether the server makes pages at all: it does until its card says otherwise
    this.file = null; // whose pages are shown
    this.items = []; // { file, seconds, number, picture, image }
    this.count = 0;
    this.part = 0; // of the file that has been sent, 0 to 1
    this.abort = null; // ends what is being read
    find("pages-close").addEventListener("click", () => this.close());
    find("pages-more").addEventListener("click", () => this.read());
  }

  /** Open the first PDF or video among these files; returns the others. */
  pick(files) {
    const paged = this.offered ? files.filter(hasPages) : [];
    if (paged.length) {
      const [{ name, size }] = paged;
      const mb = this.pictures.limits.max_upload_mb;
      if (paged.length > 1) this.complain(text("onePaged", { name }));
      if (size > mb * 2 ** 20) this.complain(text("tooLarge", { name, mb }));
      else this.open(paged[0]);
    }
    return files.filter((file) => !paged.includes(file));
  }

  /** Show the pages of another file. */
  open(file) {
    this.close();
    this.file = file;
    return this.read();
  }

  /** Leave the file; pages that were ticked stay. */
  close() {
    this.abort?.abort();
    this.abort = this.file = null;
    this.items = [];
    this.count = this.part = 0;
    this.show();
    this.pictures.show();
  }

  /** Have the next pages made. */
  async read() {
    const { file } = this;
    const abort = (this.abort = new AbortController());
    const first = this.items.length + 1;
    this.show();
    try {
      for await (const made of pagesOf(file, first, first + AT_ONCE - 1, abort.signal)) {
        if (made.file) this.take(made);
        else this.part = made.part;
        this.show();
      }
    } catch (problem) {
      if (problem.name === "AbortError") return;
      this.complain(`${problem.message} ${problem.fix ?? ""}`);
      if (!this.items.length) this.close();
    }
    if (this.abort !== abort) return;
    this.abort = null;
    this.show();
  }

  take({ file, number, count, seconds }) {
    const item = { file, number, seconds, picture: null, image: h("img", { alt: "" }) };
    thumbnail(file, item.image);
    this.count = count;
    this.items.push(item);
    // Something is to be seen at once.
    if (this.items.length === 1) this.look(item);
  }

  /** Look at a page; it is the one that is asked about, in place of others that have not been asked about. */
  look(item) {
    const { pictures } = this;
    if (!this.held(item)) {
      for (const other of this.items) if (pictures.pending.includes(other.picture)) pictures.drop(other.picture);
      [item.picture] = pictures.add([item.file]);
    }
    this.turnTo(item);
  }

  /** Ask about this page too, or no longer. */
  tick(item, on) {
    if (on) [item.picture] = this.pictures.add([item.file]);
    else this.pictures.drop(item.picture);
    if (on) this.turnTo(item);
  }

  turnTo(item) {
    const index = this.pictures.all.indexOf(item.picture);
    if (index >= 0) this.pictures.choose(index);
  }

  held(item) {
    return this.pictures.all.includes(item.picture);
  }

  /** Whether this strip shows all that the strip of pictures would. */
  get covers() {
    const shown = new Set(this.items.map((item) => item.picture));
    return this.file !== null && this.pictures.all.every((picture) => shown.has(picture));
  }

  show() {
    const { file, items, abort, pictures } = this;
    find("pages").hidden = !file;
    if (!file) return;
    find("pages-name").textContent = file.name;
    const sending = abort !== null && this.part < 1 && !items.length;
    const words = sending ? text("sending", { percent: Math.round(100 * this.part) }) : text("readingPages");
    find("pages-state").textContent = abort ? words : text(items[0]?.seconds === null ? "pageCount" : "frameCount", { count: this.count });
    find("pages-progress").hidden = !abort;
    find("pages-progress").value = sending ? this.part : items.length / Math.max(1, Math.min(this.count, AT_ONCE));
    find("pages-more").hidden = abort !== null || items.length >= this.count;
    const list = find("pages-list");
    while (list.children.length > items.length) list.lastChild.remove();
    items.forEach((item, index) => {
      const element = list.children[index];
      if (element?.item !== item) {
        const made = this.element(item);
        if (element) element.replaceWith(made);
        else list.append(made);
      }
      const [thumb, tick] = list.children[index].children;
      const current = item.picture !== null && pictures.all[pictures.current] === item.picture;
      if (current) thumb.setAttribute("aria-current", "true");
      else thumb.removeAttribute("aria-current");
      tick.checked = this.held(item);
      // What has been asked about stays part of the conversation.
      tick.disabled = pictures.sent.includes(item.picture);
    });
  }

  element(item) {
    const clock = (seconds) => `${Math.floor(seconds / 60)}:${`${Math.floor(seconds % 60)}`.padStart(2, "0")}`;
    const at = item.seconds === null ? `${item.number}` : clock(item.seconds);
    const label = text(item.seconds === null ? "page" : "frame", { at });
    const element = h("li", {},
      h("button.thumb", { type: "button", title: label, "aria-label": label, onclick: () => this.look(item) }, item.image, h("span.number", {}, at)),
      h("input", { type: "checkbox", "aria-label": text("askAbout", { what: label }), onchange: (event) => this.tick(item, event.target.checked) }));
    element.item = item;
    return element;
  }
}
