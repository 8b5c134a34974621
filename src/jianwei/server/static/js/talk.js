/** The conversation: questions asked, answers as they come, conversations opened. */

import * as api from "./api.js";
import { find, say } from "./dom.js";
import { marksOf } from "./evidence.js";
import { regionField } from "./regions.js";
import { TurnView } from "./turn.js";
import { text } from "./words.js";

const EACH_FRAME = 20; // turns of a long conversation that are built in one frame
const BUSY_EVERY = 1500; // milliseconds before asking a busy server again
const BUSY_TRIES = 20;
const NEAR = 64; // pixels from the end that still count as the end
const AGAIN_LATER = new Set(["busy", "conversation_busy", "engine_loading"]);

export class Talk {
  /** @param {{ pictures, evidence, options, notice: (message: string) => void, changed: () => void }} parts */
  constructor(parts) {
    Object.assign(this, parts);
    this.thread = find("thread");
    this.conversation = null; // id, once the server has kept a question
    this.opened = 0; // counts conversations begun or opened, so that an answer knows whether it is still wanted
    this.running = null; // { abort, view, kept } while an answer comes; kept: the server has the question
    this.latest = null; // the turn that was answered last
    this.atEnd = true; // the end is in sight, and so is to stay there
    this.top = 0; // how far it is scrolled
    this.thread.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.actions = {
      again: (view) => this.retry(view),
      edit: (view) => this.edit(view),
      show: (view, how = {}) => this.showEvidence(view, how),
      place: (view, index, on) => {
        if (this.evidence.view !== view && on) this.evidence.show(view);
        if (this.evidence.view === view) this.evidence.light(index, on);
      },
      token: (index) => this.evidence.lightToken(index),
    };
  }

  get empty() {
    return !find("turns").children.length;
  }

  /** Ask, with the switches as they are; `again` is a turn that failed and is replaced. */
  async ask(question, { again = null, options = null, files = null } = {}) {
    const taken = files ?? this.pictures.taken();
    const turn = { query: question, options: options ?? this.chosen(), state: "running", files: taken };
    const view = new TurnView(turn, this.actions);
    again?.element.remove();
    this.evidence.show(null);
    find("turns").append(view.element);
    const abort = new AbortController();
    const { opened } = this;
    this.running = { abort, view, kept: false };
    this.changed();
    this.scroll(true);
    try {
      await this.follow(view, turn, abort.signal);
      if (opened === this.opened) this.answered(view);
    } catch (problem) {
      if (opened === this.opened) this.failed(view, problem);
    } finally {
      this.running = null;
      this.changed();
      this.scroll();
    }
  }

  /** What the switches and boxes say; `recipe`: the one that was chosen, which has a form of its own. */
  chosen(recipe = null) {
    const { heatmap, ...others } = this.options.fields();
    const options = recipe ? { ...others, recipe: recipe.name } : { ...others, ...(heatmap && { heatmap }) };
    const region = this.pictures.regions.offered ? regionField(this.pictures.all) : "";
    return region ? { ...options, region } : options;
  }

  /** Send the question and show the answer as it comes. A server that is only busy is asked again. */
  async follow(view, turn, signal) {
    for (let tries = 0; ; tries++) {
      try {
        for await (const { name, data } of api.ask(this.formFor(turn), signal)) {
          if (name === "upload" && turn.files.length) view.sending(data);
          if (name === "start" && !signal.aborted) {
            this.kept(data.conversation_id);
            this.running.kept = true;
          }
          if (name === "delta") view.add(data.text);
          if (name === "done") {
            const stopped = data.finish_reason === "cancelled";
            view.update({ ...data, state: stopped ? "cancelled" : "done" });
            if (this.conversation === data.conversation_id) await this.learn(turn);
          }
          this.scroll();
        }
        return;
      } catch (problem) {
        if (!AGAIN_LATER.has(problem.code) || tries >= BUSY_TRIES) throw problem;
        view.update({ note: problem.code === "engine_loading" ? text("loading") : text("queued") });
        await new Promise((resolve) => setTimeout(resolve, BUSY_EVERY));
        if (signal.aborted) throw new DOMException("", "AbortError");
      }
    }
  }

  formFor(turn) {
    const form = new FormData();
    form.append("query", turn.query);
    form.append("stream", "true");
    for (const [name, value] of Object.entries(turn.options)) form.append(name, `${value}`);
    if (this.conversation) form.append("conversation_id", this.conversation);
    // What the server has kept already is not sent again.
    for (const picture of turn.files) if (picture.file && !picture.conversation) form.append("image", picture.file, picture.name);
    return form;
  }

  /** The server has kept the question: from now on the conversation has an address. */
  kept(id) {
    this.conversation = id;
    for (const picture of this.pictures.sent) picture.conversation ??= id;
    window.history.replaceState(null, "", `#${id}`);
  }

  /** Learn the digests of new pictures, and so get previews of those that the browser cannot show. */
  async learn(turn) {
    const unseen = turn.files.filter((picture) => !picture.digest);
    if (!unseen.some((picture) => picture.url === null)) return;
    const { turns } = await api.conversation(this.conversation);
    const stored = turns.flatMap((other) => other.pictures);
    this.pictures.kept(unseen, this.conversation, stored.slice(-unseen.length));
  }

  answered(view) {
    const { turn } = view;
    this.latest = turn;
    say(`${text("answered")}. ${turn.answer}`);
    if (turn.boxes?.length || turn.measures?.length || turn.enhance?.some((one) => one.did?.length)) this.showEvidence(view);
  }

  /** Show on the picture what backs a turn; null: nothing any more. */
  showEvidence(view, { heat = false, place = null } = {}) {
    this.evidence.show(view, { heat });
    this.compare.show(view?.turn ?? null);
    const first = marksOf(view?.turn)[place ?? 0]?.picture;
    if (first !== undefined && first !== this.pictures.current) this.pictures.choose(first);
  }

  failed(view, problem) {
    const { turn } = view;
    if (problem.name === "AbortError") {
      view.update({ state: "cancelled" });
    } else {
      if (!(problem instanceof api.Problem)) console.error(problem);
      if (problem.conversation) this.kept(problem.conversation);
      view.update({ state: "failed", error: { message: problem.message, fix: problem.fix ?? "" } });
      say(problem.message);
    }
    // A picture that the server refused would be refused again: it goes back to where it can be taken out.
    const unsent = turn.files.filter((picture) => !picture.conversation);
    if (unsent.length) {
      this.pictures.giveBack(unsent);
      turn.files = [];
      turn.pendingAgain = true;
    }
  }

  /** The same question once more: in place of one that failed, else as a new one. */
  retry(view) {
    if (this.running) return;
    const { turn } = view;
    const again = turn.state === "failed" || turn.state === "cancelled" ? view : null;
    let { files } = turn;
    if (turn.pendingAgain) {
      if (!this.pictures.all.length) return this.notice(text("needPicture"));
      files = this.pictures.taken();
    }
    this.ask(turn.query, { again, options: turn.options ?? {}, files: files ?? [] });
  }

  edit(view) {
    const query = find("query");
    query.value = view.turn.query;
    query.dispatchEvent(new Event("input"));
    query.focus();
  }

  stop() {
    const { running, conversation } = this;
    // Once the question is kept, the server ends the stream itself, with what there is of the answer.
    if (running.kept) api.stop(conversation).catch(() => running.abort.abort());
    else running.abort.abort();
  }

  fresh() {
    if (this.running) this.stop();
    this.opened++;
    this.conversation = this.latest = null;
    this.evidence.show(null);
    this.compare.show(null);
    find("turns").replaceChildren();
    this.pictures.reset();
    window.history.replaceState(null, "", location.pathname);
    this.changed();
    find("query").focus();
  }

  async open(id) {
    if (this.running) this.stop();
    let body;
    try {
      body = await api.conversation(id);
    } catch (problem) {
      if (problem.code === "unknown_conversation") window.history.replaceState(null, "", location.pathname);
      this.notice(`${problem.message} ${problem.fix ?? ""}`);
      return;
    }
    this.opened++;
    this.conversation = id;
    this.latest = body.turns.at(-1) ?? null;
    window.history.replaceState(null, "", `#${id}`);
    this.evidence.show(null);
    this.compare.show(null);
    this.pictures.reset(id, body.turns.flatMap((turn) => turn.pictures));
    const views = this.fill(body.turns);
    if (marksOf(views.at(-1)?.turn).length) this.showEvidence(views.at(-1));
    this.changed();
    this.scroll(true);
    // Still being answered for another window: look again until it is done.
    if (body.turns.some((turn) => turn.state === "running"))
      setTimeout(() => this.conversation === id && !this.running && this.open(id), BUSY_EVERY);
  }

  /** Show turns: the latest at once, earlier ones some each frame. Returns the views of the latest. */
  fill(turns) {
    const { opened } = this;
    const view = (turn) => new TurnView({ ...turn, files: [] }, this.actions);
    const first = Math.max(0, turns.length - EACH_FRAME);
    const views = turns.slice(first).map(view);
    find("turns").replaceChildren(...views.map(({ element }) => element));
    const before = (end) => requestAnimationFrame(() => {
      if (opened !== this.opened || end <= 0) return;
      const begin = Math.max(0, end - EACH_FRAME);
      const { thread } = this;
      const below = thread.scrollHeight - thread.scrollTop;
      find("turns").prepend(...turns.slice(begin, end).map((turn) => view(turn).element));
      thread.scrollTop = thread.scrollHeight - below;
      before(begin);
    });
    before(first);
    return views;
  }

  /** What grows leaves the end behind without scrolling; only a person scrolls up, away from it. */
  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.thread;
    if (scrollHeight - scrollTop - clientHeight < NEAR) this.atEnd = true;
    else if (scrollTop < this.top) this.atEnd = false;
    this.top = scrollTop;
  }

  /** Keep the end in sight, unless the person has scrolled up to read. */
  scroll(always = false) {
    this.atEnd ||= always;
    requestAnimationFrame(() => {
      if (this.atEnd) this.thread.scrollTop = this.thread.scrollHeight;
    });
  }
}
