/** The pictures of the conversation: bringing them, showing one large, the strip of all. */

import * as api from "./api.js";
import { find, h, icon } from "./dom.js";
import { text } from "./words.js";

/**
 * A picture on the page.
 * @typedef {{ name: string, url: string | null, file: File | null, digest: string | null, conversation: string | null }} Shown
 */

const LARGE = 1600;

export class Pictures {
  /** @param {(message: string) => void} complain */
  constructor(complain) {
    this.complain = complain;
    this.limits = { max_upload_mb: 50, max_pictures: 16 };
    /** @type {Shown[]} those that were sent with earlier questions */
    this.sent = [];
    /** @type {Shown[]} those that go with the next question */
    this.pending = [];
    this.current = 0;
    this.listen();
    this.show();
  }

  get all() {
    return [...this.sent, ...this.pending];
  }

  /** Take files, if they may be sent at all; the server has the last word. */
  add(files) {
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
      this.pending.push({ name: file.name || "image", url: URL.createObjectURL(file), file, digest: null, conversation: null });
      this.current = this.all.length - 1;
    }
    this.show();
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
    this.sent = stored.map(({ name, digest }) => ({ name, digest, conversation, url: null, file: null }));
    this.pending = [];
    this.current = Math.max(0, this.sent.length - 1);
    this.show();
    for (const picture of this.sent) this.load(picture);
  }

  /** The server has kept these: where the browser could not show a file, its preview can. */
  kept(taken, conversation, stored) {
    taken.forEach((picture, index) => {
      picture.conversation = conversation;
      picture.digest = stored[index]?.digest ?? null;
      if (picture.url === null && picture.digest) this.load(picture);
    });
  }

  async load(picture) {
    try {
      picture.url = await api.preview(picture.conversation, picture.digest, LARGE);
      this.show();
    } catch {
      // Its name is shown; asking on works all the same.
    }
  }

  listen() {
    const stage = find("stage");
    const input = find("file");
    find("drop").addEventListener("click", () => input.click());
    find("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      this.add(input.files);
      input.value = "";
    });
    // The whole window takes pictures: a near miss must not make the browser open the file instead.
    let depth = 0;
    const mark = (on) => document.body.classList.toggle("dragging", on);
    addEventListener("dragenter", () => mark(++depth > 0));
    addEventListener("dragleave", () => mark(--depth > 0));
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => {
      event.preventDefault();
      depth = 0;
      mark(false);
      if (event.dataTransfer?.files.length) this.add(event.dataTransfer.files);
    });
    addEventListener("paste", (event) => {
      if (event.clipboardData?.files.length) {
        event.preventDefault();
        this.add(event.clipboardData.files);
      }
    });
    const large = find("large");
    large.addEventListener("error", () => {
      const picture = this.all[this.current];
      if (!picture?.url || large.src !== picture.url) return;
      picture.url = null;
      if (picture.digest) this.load(picture);
      this.show();
    });
    stage.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      if (step && this.all.length > 1) {
        this.choose((this.current + step + this.all.length) % this.all.length);
        find("strip").children[this.current]?.querySelector("button").focus();
      }
    });
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
    if (picture?.url && large.src !== picture.url) large.src = picture.url;
    if (picture) large.alt = picture.name;
    find("no-preview").hidden = !picture || picture.url !== null;
    find("caption").textContent = picture?.name ?? "";
    find("limits").textContent = text("limits", { mb: this.limits.max_upload_mb, count: this.limits.max_pictures });
    this.showStrip(all);
    this.showAttached();
    document.dispatchEvent(new CustomEvent("pictures"));
  }

  showStrip(all) {
    find("strip").hidden = all.length < 2;
    find("strip").replaceChildren(
      ...all.map((picture, index) => {
        const label = text("picture", { number: index + 1, name: picture.name });
        const thumb = picture.url ? h("img", { src: picture.url, alt: "" }) : icon("picture");
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
        const thumb = picture.url ? h("img", { src: picture.url, alt: "" }) : icon("picture");
        return h("li", {}, thumb, h("span.name", {}, picture.name), h("button.quiet.icon", close, icon("close")));
      }),
    );
  }
}
