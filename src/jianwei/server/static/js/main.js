/** The page: a picture, questions about it, answers as they come. */

import * as api from "./api.js";
import { find, h, memory, say } from "./dom.js";
import { History } from "./history.js";
import { Pictures } from "./pictures.js";
import { TurnView } from "./turn.js";
import { fill, spoken, speak, text } from "./words.js";

const HEALTH_EVERY = 1000; // milliseconds between looks at a server that is not ready
const BUSY_EVERY = 1500; // milliseconds before asking a busy server again
const BUSY_TRIES = 20;
const NOTICE_SECONDS = 8;
const AGAIN_LATER = new Set(["busy", "conversation_busy", "engine_loading"]);

const state = {
  conversation: null, // id, once the server has kept a question
  opened: 0, // counts conversations begun or opened, so that an answer knows whether it is still wanted
  running: null, // { abort, view, kept } while an answer comes; kept: the server has the question
  card: null, // which model answers
};

const pictures = new Pictures(notice);
new History({
  open: (id) => openConversation(id),
  deleted: (id) => id === state.conversation && fresh(),
});
const query = find("query");
const thread = find("thread");

// --- asking -------------------------------------------------------------------------------------------------------

async function ask(question, again = null) {
  const taken = again ? [] : pictures.taken();
  const options = again ? again.turn.options : { json: find("json").checked || undefined };
  const turn = { query: question, options, state: "running", files: again?.turn.files ?? taken };
  const view = new TurnView(turn, retry);
  if (again) again.element.remove();
  find("turns").append(view.element);
  showEmpty();
  scroll(true);
  const abort = new AbortController();
  const { opened } = state;
  state.running = { abort, view, kept: false };
  showSend();
  try {
    await follow(view, turn, abort.signal);
    if (opened === state.opened) say(`${text("answered")}. ${turn.answer}`);
  } catch (problem) {
    if (opened === state.opened) failed(view, problem);
  } finally {
    state.running = null;
    showSend();
    scroll();
  }
}

/** Send the question and show the answer as it comes. A server that is only busy is asked again. */
async function follow(view, turn, signal) {
  for (let tries = 0; ; tries++) {
    try {
      for await (const { name, data } of api.ask(formFor(turn), signal)) {
        if (name === "start" && !signal.aborted) {
          kept(data.conversation_id);
          state.running.kept = true;
        }
        if (name === "delta") view.add(data.text);
        if (name === "done") {
          const stopped = data.finish_reason === "cancelled";
          view.update({ ...data, state: stopped ? "cancelled" : "done" });
          if (state.conversation === data.conversation_id) await showKept(turn);
        }
        scroll();
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

function formFor(turn) {
  const form = new FormData();
  form.append("query", turn.query);
  form.append("stream", "true");
  if (turn.options?.json) form.append("json", "true");
  if (state.conversation) form.append("conversation_id", state.conversation);
  // What the server has kept already is not sent again.
  for (const picture of turn.files) if (picture.file && !picture.conversation) form.append("image", picture.file, picture.name);
  return form;
}

/** The server has kept the question: from now on the conversation has an address. */
function kept(id) {
  state.conversation = id;
  for (const picture of pictures.sent) picture.conversation ??= id;
  window.history.replaceState(null, "", `#${id}`);
}

/** Learn the digests of new pictures, and so get previews of those that the browser cannot show. */
async function showKept(turn) {
  const unseen = turn.files.filter((picture) => !picture.digest);
  if (!unseen.some((picture) => picture.url === null)) return;
  const { turns } = await api.conversation(state.conversation);
  const stored = turns.flatMap((other) => other.pictures);
  pictures.kept(unseen, state.conversation, stored.slice(-unseen.length));
}

function failed(view, problem) {
  const { turn } = view;
  if (problem.name === "AbortError") {
    view.update({ state: "cancelled" });
  } else {
    if (!(problem instanceof api.Problem)) console.error(problem);
    if (problem.conversation) kept(problem.conversation);
    view.update({ state: "failed", error: { message: problem.message, fix: problem.fix ?? "" } });
    say(problem.message);
  }
  // A picture that the server refused would be refused again: it goes back to where it can be taken out.
  const unsent = turn.files.filter((picture) => !picture.conversation);
  if (unsent.length) {
    pictures.giveBack(unsent);
    turn.files = [];
    turn.pendingAgain = true;
  }
}

function retry(view) {
  if (state.running) return;
  if (view.turn.pendingAgain) {
    if (!pictures.all.length) return notice(text("needPicture"));
    view.turn.files = pictures.taken();
    view.turn.pendingAgain = false;
  }
  ask(view.turn.query, view);
}

function stop() {
  const { running, conversation } = state;
  // Once the question is kept, the server ends the stream itself, with what there is of the answer.
  if (running.kept) api.stop(conversation).catch(() => running.abort.abort());
  else running.abort.abort();
}

// --- conversations ------------------------------------------------------------------------------------------------

function fresh() {
  if (state.running) stop();
  state.opened++;
  state.conversation = null;
  find("turns").replaceChildren();
  pictures.reset();
  window.history.replaceState(null, "", location.pathname);
  showEmpty();
  query.focus();
}

async function openConversation(id) {
  if (state.running) stop();
  let body;
  try {
    body = await api.conversation(id);
  } catch (problem) {
    if (problem.code === "unknown_conversation") window.history.replaceState(null, "", location.pathname);
    notice(`${problem.message} ${problem.fix ?? ""}`);
    return;
  }
  state.opened++;
  state.conversation = id;
  window.history.replaceState(null, "", `#${id}`);
  pictures.reset(id, body.turns.flatMap((turn) => turn.pictures));
  find("turns").replaceChildren(
    ...body.turns.map((turn) => new TurnView({ ...turn, files: [] }, retry).element),
  );
  showEmpty();
  scroll(true);
  // Still being answered for another window: look again until it is done.
  if (body.turns.some((turn) => turn.state === "running"))
    setTimeout(() => state.conversation === id && !state.running && openConversation(id), BUSY_EVERY);
}

// --- what is shown ------------------------------------------------------------------------------------------------

let noticeTimer = 0;

function notice(message) {
  const element = find("notice");
  element.textContent = message;
  element.hidden = false;
  clearTimeout(noticeTimer);
  noticeTimer = setTimeout(() => {
    element.hidden = true;
  }, NOTICE_SECONDS * 1000);
}

function showEmpty() {
  const empty = !find("turns").children.length;
  find("empty").hidden = !empty;
  find("ideas").hidden = !empty || !pictures.all.length;
}

function showSend() {
  const running = state.running !== null;
  const button = find("send");
  find("send-icon").setAttribute("href", running ? "#i-stop" : "#i-send");
  button.dataset.label = running ? "stop" : "send";
  button.classList.toggle("stopping", running);
  button.disabled = !running && !query.value.trim();
  fill(find("composer"));
}

/** Keep the end in sight, unless the person has scrolled up to read. */
function scroll(always = false) {
  const near = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 120;
  if (always || near) thread.scrollTop = thread.scrollHeight;
}

function grow() {
  query.rows = Math.min(8, query.value.split("\n").length);
  showSend();
}

function showIdeas() {
  const idea = (words) =>
    h("button.idea", { type: "button", onclick: () => { query.value = words; grow(); query.focus(); } }, words);
  find("ideas").replaceChildren(...["idea1", "idea2", "idea3"].map((name) => idea(text(name))));
}

function showModel(code = "ok") {
  const element = find("model");
  element.classList.toggle("waiting", code !== "ok");
  if (code === "offline") element.textContent = text("offline");
  else if (code !== "ok" || !state.card) element.textContent = text(state.card ? "restarting" : "loading");
  else {
    element.textContent = state.card.builtin ? `${state.card.title} · ${text("builtin")}` : state.card.title;
    element.title = state.card.builtin ? text("stronger") : state.card.name;
  }
}

const THEMES = { auto: "auto", light: "sun", dark: "moon" };

function showTheme() {
  const theme = memory.get("theme", "auto");
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  find("theme-icon").setAttribute("href", `#i-${THEMES[theme]}`);
  const label = text("theme", { theme: text(`theme_${theme}`) });
  find("theme").setAttribute("aria-label", label);
  find("theme").title = label;
}

/** Look at the server until it answers questions, and again when it has gone. */
async function watch() {
  const code = await api.health();
  if (code === "ok" && !state.card) {
    try {
      state.card = await api.model();
      pictures.limits = state.card.limits;
      pictures.show();
    } catch {
      // The next look will tell.
    }
  }
  showModel(code);
  setTimeout(watch, code === "ok" ? 10 * HEALTH_EVERY : HEALTH_EVERY);
}

// --- wiring -------------------------------------------------------------------------------------------------------

find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  if (state.running) return stop();
  const question = query.value.trim();
  if (!question) return;
  if (!pictures.all.length) return notice(text("needPicture"));
  query.value = "";
  grow();
  find("notice").hidden = true;
  ask(question);
});
query.addEventListener("input", grow);
query.addEventListener("keydown", (event) => {
  // isComposing: Enter that only takes over what an input method suggests.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (!state.running) find("composer").requestSubmit();
  }
});
find("new").addEventListener("click", fresh);
find("language").addEventListener("click", () => speak(spoken() === "zh" ? "en" : "zh"));
find("theme").addEventListener("click", () => {
  const order = Object.keys(THEMES);
  memory.set("theme", order[(order.indexOf(memory.get("theme", "auto")) + 1) % order.length]);
  showTheme();
});
find("json").checked = memory.get("json") === "1";
find("json").addEventListener("change", () => memory.set("json", find("json").checked ? "1" : null));
document.addEventListener("pictures", showEmpty);
document.addEventListener("spoken", () => {
  showIdeas();
  showSend();
  showTheme();
  showModel(state.card ? "ok" : "loading");
  pictures.show();
  if (state.conversation && !state.running) openConversation(state.conversation);
});
addEventListener("hashchange", () => {
  const id = location.hash.slice(1);
  if (id && id !== state.conversation) openConversation(id);
});

speak(spoken());
watch();
if (location.hash.length > 1) openConversation(location.hash.slice(1));
