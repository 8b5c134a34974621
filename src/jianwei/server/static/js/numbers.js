/** Seconds and tokens: of one answer, and of the running server. */

import * as api from "./api.js";
import { find, h } from "./dom.js";
import { inWords, text } from "./words.js";

const STEPS = ["prepare", "ocr", "queue", "vision", "prefill", "decode", "first_token", "total"];
const PARTS = ["queue", "prepare", "ocr", "vision", "prefill", "decode"]; // one after the other
const TOKENS = ["prompt_tokens", "visual_tokens", "cached_tokens", "pruned_tokens", "completion_tokens"];
const EVERY = 2000; // milliseconds between looks at the server

export const seconds = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1));
const row = (label, value) => [h("dt", {}, label), h("dd", {}, value)];
const count = (value) => new Intl.NumberFormat(document.documentElement.lang).format(value);

/** The line under an answer that unfolds into its numbers. */
export function numbers(turn) {
  const { usage, timings, steps } = turn;
  const took = STEPS.flatMap((step) => row(text(`t_${step}`), text("took", { seconds: seconds(timings[step] ?? 0) })));
  const tokens = TOKENS.flatMap((name) => row(text(`u_${name}`), `${usage?.[name] ?? 0}`));
  const looks = (steps ?? []).flatMap((step) => row(text("look", { picture: step.picture + 1 }), text("took", { seconds: seconds(step.seconds ?? 0) })));
  const head = h("summary", { title: text("details") }, text("took", { seconds: seconds(timings.total) }));
  const element = h("details.numbers", {}, head, bar(timings), h("dl", {}, took, looks, tokens));
  element.addEventListener("toggle", () => element.scrollIntoView({ block: "nearest" }));
  return element;
}

/** The steps as lengths of one bar. */
function bar(timings) {
  const element = h("div.steps", { "aria-hidden": "true" });
  for (const [index, part] of PARTS.entries()) {
    const length = timings[part] ?? 0;
    if (length <= 0) continue;
    const piece = h(`span.step-${index}`, { title: `${text(`t_${part}`)} ${text("took", { seconds: seconds(length) })}` });
    piece.style.flexGrow = length;
    element.append(piece);
  }
  return element;
}

/** The panel that shows which model answers, its limits, and what the server does just now. */
export class Bonnet {
  /** @param {() => { card: object | null, turn: object | null }} read which model answers, and the latest answer */
  constructor(read) {
    this.read = read;
    this.panel = find("bonnet");
    this.timer = 0;
    find("open-bonnet").addEventListener("click", () => this.toggle());
    find("close-bonnet").addEventListener("click", () => this.toggle(false));
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));
  }

  toggle(on = this.panel.hidden) {
    this.panel.hidden = !on;
    find("open-bonnet").setAttribute("aria-expanded", `${on}`);
    clearTimeout(this.timer);
    if (on) {
      this.show();
      find("close-bonnet").focus();
    } else find("open-bonnet").focus();
  }

  async show() {
    const { card, turn } = this.read();
    if (card) find("bonnet-model").replaceChildren(...this.model(card));
    find("bonnet-turn").replaceChildren(...(turn?.timings ? this.latest(turn) : [h("p.hint", {}, text("noAnswer"))]));
    try {
      const live = await api.metrics();
      find("bonnet-live").replaceChildren(...this.live(live));
    } catch (problem) {
      find("bonnet-live").replaceChildren(h("p.hint", {}, problem.message));
    }
    if (!this.panel.hidden) this.timer = setTimeout(() => this.show(), EVERY);
  }

  model(card) {
    const { limits } = card;
    const rows = [
      row(text("m_name"), card.name), row(text("m_parameters"), text("million", { count: count(Math.round(card.parameters / 1e6)) })),
      row(text("m_context"), text("tokens", { count: count(card.context_length) })), row(text("m_ocr"), text(card.wants_ocr ? "yes" : "no")),
      row(text("m_picture"), `${limits.max_upload_mb} MB · ${limits.max_megapixels} MP`), row(text("m_pictures"), `${limits.max_pictures}`),
      row(text("m_version"), card.version),
    ];
    const hint = h("p.hint", {}, text("strongerHow"), h("code", {}, "jianwei pull qwen3-vl-2b"));
    return [h("p.title", {}, inWords(card.title)), h("dl", {}, rows.flat()), ...(card.builtin ? [hint] : [])];
  }

  latest(turn) {
    const rows = PARTS.flatMap((part) => row(text(`t_${part}`), text("took", { seconds: seconds(turn.timings[part] ?? 0) })));
    const { completion_tokens: written = 0, cached_tokens: cached = 0, prompt_tokens: prompt = 0, pruned_tokens: pruned = 0 } = turn.usage ?? {};
    const speed = written > 1 && turn.timings.decode > 0 ? ((written - 1) / turn.timings.decode).toFixed(1) : "–";
    const more = [...row(text("speed"), text("perSecond", { count: speed })), ...row(text("cachedShare"), `${cached} / ${prompt}`), ...row(text("u_pruned_tokens"), count(pruned))];
    return [bar(turn.timings), h("dl", {}, rows, more)];
  }

  live(metrics) {
    const engine = (name) => metrics[`jianwei_engine_${name}`] ?? 0;
    const total = engine("kv_blocks_total");
    const meter = (label, value, of, words) =>
      h("div.meter", {}, h("span", {}, label), h("span", {}, words), h("meter", { max: of || 1, value, "aria-label": label }));
    const held = engine("kv_blocks_used") + engine("kv_blocks_idle");
    const parts = [meter(text("kv"), held, total, text("blocks", { used: count(held), total: count(total) }))];
    const memory = engine("memory_bytes");
    const rows = [...row(text("running"), count(engine("running"))), ...row(text("waitingNow"), count(engine("waiting"))),
      ...row(text("kept"), count(engine("pictures_cached"))), ...row(text("generated"), count(engine("generated_tokens_total")))];
    if (memory) rows.unshift(...row(text("memory"), `${count(Math.round(memory / 2 ** 20))} MB`));
    return [...parts, h("dl", {}, rows)];
  }
}
