/** One question and its answer on the page. */

import { centimetres, link, marksOf } from "./evidence.js";
import { download, h, icon } from "./dom.js";
import { Growing, markdown } from "./markdown.js";
import { numbers } from "./numbers.js";
import { csv, plain, turnMarkdown } from "./share.js";
import { tree } from "./tree.js";
import { text } from "./words.js";

const COPIED = 1500; // milliseconds for which a button says so

export class TurnView {
  /**
   * @param {{ query: string, pictures?: object[], options?: object, answer?: string, state?: string }} turn
   * @param {{ again, edit, show, place, token }} actions what its buttons and words do
   */
  constructor(turn, actions) {
    this.turn = turn;
    this.actions = actions;
    this.growing = null;
    this.heat = false; // the answer is shown piece by piece, with the heat of each
    this.answer = h("div.answer", {});
    this.about = h("p.about", { hidden: true });
    this.foot = h("div.foot", {});
    this.element = h("li.turn", {}, h("p.query", {}, turn.query), this.about, this.answer, this.foot);
    for (const [event, on] of [["pointerover", true], ["pointerout", false], ["focusin", true], ["focusout", false]])
      this.element.addEventListener(event, ({ target }) => {
        const word = target.closest?.("[data-place]");
        if (word) this.actions.place(this, Number(word.dataset.place), on);
      });
    this.show();
  }

  /** The answer goes on. */
  add(piece) {
    if (!this.growing) this.grow();
    this.turn.answer = (this.turn.answer ?? "") + piece;
    this.growing.add(piece);
  }

  grow() {
    const place = h(this.structured ? "pre.text.growing" : "div.prose.growing", {});
    this.answer.replaceChildren(place);
    this.growing = this.structured ? { add: (piece) => place.append(piece) } : new Growing(place);
    if (this.turn.answer) this.growing.add(this.turn.answer);
  }

  /** How much of the pictures has been sent, 0 to 1. */
  sending(part) {
    if (this.growing || this.turn.state !== "running") return;
    if (part >= 1) this.show();
    else {
      const label = text("sending", { percent: Math.round(100 * part) });
      this.answer.replaceChildren(h("p.waiting", {}, label), h("progress", { max: 1, value: part, "aria-label": label }));
    }
  }

  /** Take over what the server says about this turn. */
  update(turn) {
    Object.assign(this.turn, turn);
    this.show();
  }

  get structured() {
    return Boolean(this.turn.options?.json || this.turn.options?.schema);
  }

  show() {
    const { state, answer, error } = this.turn;
    const running = state === "running";
    this.growing = null;
    this.answer.setAttribute("aria-busy", running ? "true" : "false");
    this.element.classList.toggle("failed", state === "failed");
    this.showAbout();
    if (running && !answer) this.answer.replaceChildren(h("p.waiting", {}, this.turn.note ?? text("waiting")));
    else if (running) this.grow();
    else this.answer.replaceChildren(...this.whole(error));
    this.foot.replaceChildren(...(running ? [] : this.tools()));
  }

  /** What the question was about, where that was less than everything. */
  showAbout() {
    const count = (this.turn.options?.region ?? "").split(";").filter(Boolean).length;
    this.about.hidden = count === 0;
    if (count) this.about.replaceChildren(icon("draw"), text("aboutBoxes", { count }));
  }

  whole(error) {
    const parts = [];
    const { answer, boxes, enhance } = this.turn;
    const said = (enhance ?? []).map((one) => one.said).filter(Boolean);
    if (said.length) parts.push(h("p.mended", {}, icon("enhance"), said.join(" ")));
    const data = this.structured ? this.parsed() : undefined;
    const placed = !this.structured && boxes?.length && this.onlyPlaces();
    if (this.heat) parts.push(this.pieces(), this.turn.heatmap.note ? h("p.hint", {}, this.turn.heatmap.note) : "");
    else if (data !== undefined) parts.push(tree(data));
    else if (answer && !placed) parts.push(this.structured ? h("pre.text", { tabIndex: 0 }, answer) : h("div.prose", {}, markdown(answer)));
    if (boxes?.length) {
      if (parts.length && !this.heat && !placed) link(parts.at(-1), boxes);
      const chip = ({ label, source }, index) =>
        h("button.place-chip", { type: "button", "data-place": `${index}`, onclick: () => this.actions.show(this, { heat: false, place: index }) },
          h("b", {}, `${index + 1}`), label, source === "ocr" ? h("small", {}, "OCR") : null);
      const chips = boxes.map(chip);
      parts.push(h("div.places", { role: "group", "aria-label": text("places", { count: boxes.length }) }, chips));
      if (placed && !this.heat) parts.push(h("details.raw", {}, h("summary", {}, "JSON"), h("pre.text", { tabIndex: 0 }, answer)));
    }
    const things = marksOf(this.turn).slice(boxes?.length ?? 0);
    if (things.length) parts.push(this.lengths(things, boxes?.length ?? 0));
    else if (this.turn.measures && !this.turn.scale) parts.push(h("p.hint", {}, text("noScale")));
    if (error)
      parts.push(h("div.error", { role: "alert" }, h("p", {}, h("strong", {}, error.message)), h("p", {}, error.fix)));
    return parts;
  }

  /** What was measured, with errors; `first`: the number of the first of them among all marks. */
  lengths(things, first) {
    const chip = (thing, index) =>
      h("button.place-chip", { type: "button", "data-place": `${first + index}`, onclick: () => this.actions.show(this, { heat: false, place: first + index }) },
        h("span", {}, thing.lengths.flatMap(({ what, value, error }, at) => [at ? ", " : "", `${what} `, h("strong", {}, `${centimetres(value)} ± ${centimetres(error)} cm`)])));
    return h("div.places.lengths", { role: "group", "aria-label": text("lengths") }, things.map(chip));
  }

  /** The answer in the pieces in which it was written; each shows where the model looked for it. */
  pieces() {
    let at = -1;
    const { tokens } = this.turn.heatmap;
    const spans = tokens.map((token, index) => h("span.token", { "data-token": `${index}` }, token.text));
    const go = (index) => {
      spans[at]?.classList.remove("lit");
      at = index;
      spans[at]?.classList.add("lit");
      spans[at]?.scrollIntoView({ block: "nearest" });
      this.actions.token(at < 0 ? null : at);
    };
    const group = h("div.tokens", { tabIndex: 0, role: "group", "aria-label": text("tokensHow") }, spans);
    group.addEventListener("pointerover", ({ target }) => target.dataset.token && go(Number(target.dataset.token)));
    group.addEventListener("pointerleave", () => go(-1));
    group.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (step) go(Math.min(spans.length - 1, Math.max(0, at + step)));
      else if (event.key === "Escape") go(-1);
      else return;
      event.preventDefault();
    });
    return group;
  }

  /** This turn's evidence is on the picture, or no longer. */
  lookedAt(on, heat = false) {
    this.element.classList.toggle("looked-at", on);
    if (this.turn.state !== "running" && heat !== this.heat) {
      this.heat = heat;
      this.show();
    }
    for (const button of this.foot.querySelectorAll("[data-shows]"))
      button.setAttribute("aria-pressed", `${on && (button.dataset.shows === "heat") === heat}`);
  }

  /** The answer is nothing but places, which are marked on the picture: their numbers are for programs. */
  onlyPlaces() {
    const said = this.parsed();
    return Array.isArray(said) && said.length > 0 && said.every((one) => Array.isArray(one?.bbox_2d));
  }

  parsed() {
    if (this.turn.data) return this.turn.data;
    try {
      return JSON.parse(this.turn.answer);
    } catch {
      return undefined; // cut off: shown as the text it is
    }
  }

  tools() {
    const { state, answer, timings, heatmap, truncated, finish_reason: reason } = this.turn;
    const button = (name, label, onclick, more = {}) =>
      h("button.quiet.small", { type: "button", onclick, ...more }, icon(name), h("span", {}, label));
    const shows = (what, name, label) =>
      button(name, label, (event) => this.actions.show(event.currentTarget.getAttribute("aria-pressed") === "true" ? null : this, { heat: what === "heat" }),
        { "data-shows": what, "aria-pressed": "false" });
    const tools = [];
    if (state === "cancelled") tools.push(h("span.note", {}, text("stopped")));
    if (reason === "length" || truncated) tools.push(h("span.note", {}, text("cut")));
    if (answer) tools.push(button("copy", text("copy"), (event) => this.copy(event.currentTarget, answer)));
    tools.push(button("again", text("again"), () => this.actions.again(this)), button("edit", text("edit"), () => this.actions.edit(this)));
    const marks = marksOf(this.turn).length;
    if (marks) tools.push(shows("places", "draw", text("places", { count: marks })));
    if (heatmap?.maps?.length) tools.push(shows("heat", "heat", text("heat")));
    const data = this.structured || this.turn.recipe ? this.parsed() : undefined;
    if (answer && data !== undefined)
      tools.push(button("save", text("saveJson"), () => download("answer.json", this.structured ? answer : JSON.stringify(data, null, 2), "application/json")),
        button("save", text("saveCsv"), () => download("answer.csv", csv(data), "text/csv")));
    if (answer) tools.push(this.share(button));
    if (timings) tools.push(numbers(this.turn));
    return tools;
  }

  share(button) {
    const menu = h("details.menu", {},
      h("summary", { "aria-label": text("share_") }, icon("share"), h("span", {}, text("share_"))),
      h("div.menu-items", {},
        button("copy", text("copyMarkdown"), (event) => this.copy(event.currentTarget, turnMarkdown(this.turn))),
        button("save", text("saveMarkdown"), () => download("answer.md", turnMarkdown(this.turn), "text/markdown")),
        button("save", text("saveAll"), () => download("turn.json", JSON.stringify(plain(this.turn), null, 2), "application/json"))));
    menu.addEventListener("toggle", () => menu.open && menu.scrollIntoView({ block: "nearest" }));
    return menu;
  }

  async copy(button, words) {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      return; // not allowed on this address; the text can still be selected
    }
    const label = button.querySelector("span");
    const before = label.textContent;
    label.textContent = text("copied");
    setTimeout(() => {
      label.textContent = before;
    }, COPIED);
  }
}
