/** The page: a picture, questions about it, answers as they come. Here its parts are put together. */

import * as api from "./api.js";
import * as bring from "./bring.js";
import { Compare } from "./compare.js";
import { find, memory } from "./dom.js";
import { Evidence } from "./evidence.js";
import { showExamples, waitForExample } from "./examples.js";
import { History } from "./history.js";
import { showChips } from "./ideas.js";
import { Loupe } from "./loupe.js";
import { Many } from "./many.js";
import { Bonnet } from "./numbers.js";
import { Options } from "./options.js";
import { Pages } from "./pages.js";
import { Pictures } from "./pictures.js";
import { Regions } from "./regions.js";
import { Surface } from "./surface.js";
import { Talk } from "./talk.js";
import { Viewer } from "./viewer.js";
import { inWords, spoken, speak, text } from "./words.js";

const HEALTH_EVERY = 1000; // milliseconds between looks at a server that is not ready
const NOTICE_SECONDS = 8;
const THEMES = { auto: "auto", light: "sun", dark: "moon" };

const state = {
  card: null, // which model answers
  recipes: [], // questions that the server offers
  recipe: null, // the one that was chosen, as long as its words stand
  ideas: [], // questions that suit the picture
};
const query = find("query");
const options = new Options();

// --- the picture --------------------------------------------------------------------------------------------------

const regions = new Regions(() => showBoxes());
const viewer = new Viewer({
  begin: (event, point) => regions.begin(event, point),
  changed: () => {
    surface.draw();
    regions.place();
    evidence.place();
    find("level").textContent = `${Math.round(100 * viewer.scale)}%`;
    const coarse = find("large").naturalWidth / (viewer.width || 1);
    if (viewer.scale * devicePixelRatio > 1.2 * coarse) pictures.refine();
  },
});
regions.viewer = viewer;
const evidence = new Evidence((index) => pictures.choose(index));
evidence.viewer = viewer;
const compare = new Compare();
const surface = new Surface(viewer, () => loupe.again());
const loupe = new Loupe(viewer, surface);
viewer.wantDetail = () => pictures.refine();
const pictures = new Pictures({
  viewer,
  surface,
  regions,
  complain: notice,
  changed: (index) => {
    evidence.open(index);
    compare.open(index);
    pages.show();
    showBoxes();
    showEmpty();
  },
});
const pages = new Pages({ pictures, complain: notice });
pictures.covered = () => pages.covers;

// --- the conversation ---------------------------------------------------------------------------------------------

const talk = new Talk({
  pictures,
  evidence,
  compare,
  options,
  notice,
  changed: () => {
    showEmpty();
    showIdeas();
    showSend();
  },
});
const history = new History({
  open: openConversation,
  deleted: (id) => id === talk.conversation && fresh(),
});
const many = new Many({ limits: () => pictures.limits, paged: () => pages.offered, options, openConversation });
new Bonnet(() => ({ card: state.card, turn: talk.latest }));

/** Files have come: a few go on the stage, a folder or more than fit go into the table. */
function take(files, folder) {
  if (many.opened || folder || files.length > pictures.limits.max_pictures) return many.add(files);
  const plain = pages.pick(files);
  if (plain.length) pictures.add(plain);
}

function openConversation(id) {
  pages.close();
  return talk.open(id);
}

function fresh() {
  state.ideas = [];
  pages.close();
  talk.fresh();
  showIdeas();
}

function submit() {
  if (talk.running) return talk.stop();
  const question = query.value.trim();
  if (!question) return;
  if (waitForExample()) return;
  if (!pictures.all.length) return notice(text("needPicture"));
  const recipe = state.recipe?.question[spoken()] === question ? talk.chosen(state.recipe) : null;
  query.value = "";
  state.recipe = null;
  state.ideas = state.ideas.filter((idea) => idea !== question);
  grow();
  showIdeas();
  find("notice").hidden = true;
  talk.ask(question, { options: recipe });
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
  const bare = !pictures.all.length;
  find("empty").hidden = !talk.empty;
  find("examples").hidden = find("empty-foot").hidden = !bare;
  find("lead").textContent = text(bare ? "emptyLead" : regions.offered ? "emptyAskBoxes" : "emptyAsk");
  find("ideas").hidden = bare || (!talk.empty && !state.ideas.length) || talk.running !== null;
}

/** Say beside the question that it is about the boxes only. */
function showBoxes() {
  const count = pictures.all.reduce((sum, picture) => sum + picture.regions.length, 0);
  find("scope").hidden = count === 0;
  find("scope-text").textContent = text("onlyBoxes", { count });
}

function showSend() {
  const running = talk.running !== null;
  const button = find("send");
  find("send-icon").setAttribute("href", running ? "#i-stop" : "#i-send");
  button.dataset.label = running ? "stop" : "send";
  button.classList.toggle("stopping", running);
  button.disabled = !running && !query.value.trim();
  button.setAttribute("aria-label", text(button.dataset.label));
  button.title = text(button.dataset.label);
}

function grow() {
  query.rows = Math.min(8, query.value.split("\n").length);
  showSend();
}

function showIdeas() {
  const own = state.ideas.length || !talk.empty ? state.ideas : ["idea1", "idea2", "idea3"].map((name) => text(name));
  showChips(own, talk.empty ? state.recipes : [], (words, recipe) => {
    state.recipe = recipe ?? state.recipe;
    query.value = words;
    grow();
    query.focus();
  });
}

function showModel(code = "ok") {
  const element = find("model");
  element.classList.toggle("waiting", code !== "ok");
  if (code === "offline") element.textContent = text("offline");
  else if (code !== "ok" || !state.card) element.textContent = text(state.card ? "restarting" : "loading");
  else {
    const title = inWords(state.card.title);
    // Said once: its title may tell already that it is built in.
    const small = title.includes(text("smallModel")) ? "" : text(/built-in/i.test(title) ? "smallModel" : "builtin");
    element.textContent = state.card.builtin && small ? `${title} · ${small}` : title;
    element.title = state.card.builtin ? text("stronger") : state.card.name;
  }
}

function showTheme() {
  const theme = memory.get("theme", "auto");
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  find("theme-icon").setAttribute("href", `#i-${THEMES[theme]}`);
  const label = text("theme", { theme: text(`theme_${theme}`) });
  find("theme").setAttribute("aria-label", label);
  find("theme").title = label;
}

async function learnModel() {
  try {
    state.card = await api.model();
    const features = state.card.features ?? [];
    pictures.limits = state.card.limits;
    options.allow(features, state.card.builtin);
    regions.offered = features.includes("region");
    pages.offered = features.includes("pages");
    pictures.show();
    if (features.includes("recipe")) state.recipes = await api.recipes();
    many.offer(state.recipes);
    showIdeas();
  } catch {
    // The next look will tell.
  }
}

/** Look at the server until it answers questions, and again when it has gone. */
async function watch() {
  const code = await api.health();
  if (code === "ok" && !state.card) await learnModel();
  showModel(code);
  setTimeout(watch, code === "ok" ? 10 * HEALTH_EVERY : HEALTH_EVERY);
}

// --- wiring -------------------------------------------------------------------------------------------------------

bring.listen(take);
find("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});
query.addEventListener("input", grow);
query.addEventListener("keydown", (event) => {
  // isComposing: Enter that only takes over what an input method suggests.
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    if (!talk.running) find("composer").requestSubmit();
  }
});
find("zoom-in").addEventListener("click", () => viewer.step(1));
find("zoom-out").addEventListener("click", () => viewer.step(-1));
find("level").addEventListener("click", () => (viewer.fitted ? viewer.zoom(1) : viewer.fit()));
find("draw").addEventListener("click", (event) => {
  // A key has no way to drag: it gets a box to move.
  if (event.detail === 0) regions.add();
  else regions.setDrawing(!regions.drawing);
});
find("scope-clear").addEventListener("click", () => {
  for (const picture of pictures.all) picture.regions.length = 0;
  regions.update();
  query.focus();
});
find("heat-close").addEventListener("click", () => talk.showEvidence(null));
find("new").addEventListener("click", fresh);
find("open-history").addEventListener("click", () => history.open());
find("open-many").addEventListener("click", () => many.open());
find("language").addEventListener("click", () => speak(spoken() === "zh" ? "en" : "zh"));
find("theme").addEventListener("click", () => {
  const order = Object.keys(THEMES);
  memory.set("theme", order[(order.indexOf(memory.get("theme", "auto")) + 1) % order.length]);
  showTheme();
});

function showWords() {
  showExamples((file, ideas) => {
    state.ideas = ideas;
    pictures.add([file]);
    showIdeas();
    query.focus();
  }, submit, notice);
  showIdeas();
  showSend();
  showTheme();
  showBoxes();
  showModel(state.card ? "ok" : "loading");
  pictures.show();
}
document.addEventListener("spoken", () => {
  showWords();
  many.offer(state.recipes);
  if (talk.conversation && !talk.running) talk.open(talk.conversation);
});
addEventListener("hashchange", () => {
  const id = location.hash.slice(1);
  if (id && id !== talk.conversation) openConversation(id);
});

speak(spoken());
watch();
if (location.hash.length > 1) talk.open(location.hash.slice(1));
