/** One question and its answer on the page. */

import { download, h, icon } from "./dom.js";
import { tree } from "./tree.js";
import { text } from "./words.js";

const STEPS = ["prepare", "ocr", "queue", "vision", "prefill", "decode", "first_token", "total"];
const TOKENS = ["prompt_tokens", "visual_tokens", "cached_tokens", "completion_tokens"];

const seconds = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));

export class TurnView {
  /**
   * @param {{ query: string, pictures?: object[], options?: object, answer?: string, state?: string }} turn
   * @param {(view: TurnView) => void} onAgain
   */
  constructor(turn, onAgain) {
    this.turn = turn;
    this.onAgain = onAgain;
    this.body = document.createTextNode("");
    this.answer = h("div.answer", {});
    this.foot = h("div.foot", {});
    this.element = h("li.turn", {}, h("p.query", {}, turn.query), this.answer, this.foot);
    this.show();
  }

  /** The answer has begun to come. */
  add(piece) {
    if (!this.turn.answer) this.answer.replaceChildren(h("p.text.growing", {}, this.body));
    this.turn.answer = (this.turn.answer ?? "") + piece;
    this.body.appendData(piece);
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
    this.answer.setAttribute("aria-busy", running ? "true" : "false");
    this.element.classList.toggle("failed", state === "failed");
    this.body = document.createTextNode(answer ?? "");
    if (running && !answer) this.answer.replaceChildren(h("p.waiting", {}, this.turn.note ?? text("waiting")));
    else if (running) this.answer.replaceChildren(h("p.text.growing", {}, this.body));
    else this.answer.replaceChildren(...this.whole(error));
    this.foot.replaceChildren(...(running ? [] : this.tools()));
  }

  whole(error) {
    const parts = [];
    const data = this.structured ? this.parsed() : undefined;
    if (data !== undefined) parts.push(tree(data));
    else if (this.turn.answer) parts.push(h(this.structured ? "pre.text" : "p.text", {}, this.body));
    if (error)
      parts.push(h("div.error", { role: "alert" }, h("p", {}, h("strong", {}, error.message)), h("p", {}, error.fix)));
    return parts;
  }

  parsed() {
    try {
      return JSON.parse(this.turn.answer);
    } catch {
      return undefined; // cut off: shown as the text it is
    }
  }

  tools() {
    const { state, answer, usage, timings, finish_reason: reason } = this.turn;
    const button = (name, label, onclick) =>
      h("button.quiet.small", { type: "button", onclick }, icon(name), h("span", {}, label));
    const tools = [];
    if (state === "failed" || state === "cancelled") tools.push(button("again", text("again"), () => this.onAgain(this)));
    if (answer) tools.push(button("copy", text("copy"), (event) => this.copy(event.currentTarget)));
    if (answer && this.structured && this.parsed() !== undefined)
      tools.push(button("save", text("saveJson"), () => download("answer.json", answer, "application/json")));
    if (state === "cancelled") tools.push(h("span.note", {}, text("stopped")));
    if (reason === "length") tools.push(h("span.note", {}, text("cut")));
    if (timings) tools.push(this.details(usage, timings));
    return tools;
  }

  details(usage, timings) {
    const row = (label, value) => [h("dt", {}, label), h("dd", {}, value)];
    const steps = STEPS.flatMap((step) => row(text(`t_${step}`), text("took", { seconds: seconds(timings[step] ?? 0) })));
    const tokens = TOKENS.flatMap((name) => row(text(`u_${name}`), `${usage?.[name] ?? 0}`));
    const head = h("summary", { title: text("details") }, text("took", { seconds: seconds(timings.total) }));
    const element = h("details.numbers", {}, head, h("dl", {}, steps, tokens));
    element.addEventListener("toggle", () => element.scrollIntoView({ block: "nearest" }));
    return element;
  }

  async copy(button) {
    try {
      await navigator.clipboard.writeText(this.turn.answer);
    } catch {
      return; // not allowed on this address; the text can still be selected
    }
    const label = button.querySelector("span");
    label.textContent = text("copied");
    setTimeout(() => {
      label.textContent = text("copy");
    }, 1500);
  }
}
