/** Many files, one question: a table that fills as answers come. A plain queue of questions, each a conversation. */

import * as api from "./api.js";
import { download, find, h } from "./dom.js";
import { Intake } from "./intake.js";
import { found } from "./rows.js";
import { csvOf } from "./share.js";
import { spoken, text } from "./words.js";
import { xlsx, XLSX } from "./xlsx.js";

const AT_ONCE = 4; // questions on their way: of the six requests that browsers allow, some are left for who asks beside it
const BUSY_EVERY = 1500; // milliseconds before asking a busy server again
const AGAIN_LATER = new Set(["busy", "engine_loading"]);

export class Many {
  /** @param {{ limits: () => object, paged: () => boolean, options, openConversation: (id: string) => void }} parts */
  constructor(parts) {
    Object.assign(this, parts);
    this.dialog = find("many");
    this.rows = [];
    this.recipes = [];
    this.recipe = null; // the one chosen
    this.started = null; // name of the one by which rows were asked about
    this.labels = {}; // of columns that a recipe has filled, by their keys
    this.columns = []; // names asked for; empty: one column with the answer
    this.active = 0;
    this.soon = null; // the frame in which all is shown anew
    this.intake = new Intake(this);
    this.stopped = true;
    find("many-close").addEventListener("click", () => this.dialog.close());
    for (const id of ["many-files", "many-folder"]) {
      find(id).addEventListener("change", (event) => {
        this.add([...event.target.files]);
        event.target.value = "";
      });
      find(`choose-${id}`).addEventListener("click", () => find(id).click());
    }
    find("many-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.stopped) this.start();
      else this.stop();
    });
    find("many-recipe").addEventListener("change", () => this.choose());
    find("many-retry").addEventListener("click", () => this.start((row) => row.state === "failed"));
    find("many-clear").addEventListener("click", () => this.clear());
    find("many-filter").addEventListener("input", () => this.filter());
    find("many-state").addEventListener("change", () => this.filter());
    find("many-csv").addEventListener("click", () => download("answers.csv", csvOf(this.table()), "text/csv"));
    find("many-xlsx").addEventListener("click", () => download("answers.xlsx", xlsx(this.table()), XLSX));
    find("many-jsonl").addEventListener("click", () => download("answers.jsonl", this.jsonl(), "application/jsonl"));
    this.show();
  }

  get opened() {
    return this.dialog.open;
  }

  /** Offer recipes: one chosen brings its question, and what it finds becomes columns. */
  offer(recipes) {
    this.recipes = recipes;
    const select = find("many-recipe");
    const { value } = select;
    find("many-recipe-field").hidden = !recipes.length;
    const option = (name, words) => h("option", { value: name }, words);
    select.replaceChildren(option("", text("noRecipe")), ...recipes.map(({ name, title }) => option(name, title[spoken()])));
    select.value = value;
  }

  choose() {
    this.recipe = this.recipes.find(({ name }) => name === find("many-recipe").value) ?? null;
    if (this.recipe) find("many-query").value = this.recipe.question[spoken()];
    find("many-columns").disabled = this.recipe !== null;
  }

  open() {
    if (!this.opened) this.dialog.showModal();
    this.show();
  }

  /** Take the pictures, PDF files and videos among these files. */
  add(files) {
    this.open();
    this.intake.take(files);
    this.show();
  }

  /** Add a row at the end. */
  put(row) {
    row.draw(this.columns, this.opens);
    find("many-rows").append(row.element);
    this.rows.push(row);
    this.showSoon();
  }

  /** Take rows out. */
  drop(rows) {
    for (const { element } of rows) element.remove();
    this.rows = this.rows.filter((row) => !rows.includes(row));
    this.showSoon();
  }

  /** Show the conversation that a row has become. */
  opens = (row) => {
    this.dialog.close();
    this.openConversation(row.conversation);
  };

  draw(row) {
    row.draw(this.columns, this.opens);
  }

  /** Ask about every row that has no answer yet, or about those that `which` chooses. */
  start(which = (row) => row.state === "new" || row.state === "failed") {
    const question = find("many-query").value.trim();
    if (!question) return find("many-query").focus();
    this.question = question;
    if (this.recipe?.name !== this.started) this.columns = [];
    this.started = this.recipe?.name;
    if (!this.recipe) this.columns = find("many-columns").value.split(/[,，、;；]/).map((name) => name.trim()).filter(Boolean);
    for (const row of this.rows) if (which(row)) row.state = "waiting";
    for (const row of this.rows) this.draw(row);
    this.stopped = false;
    this.head();
    this.show();
    while (this.active < AT_ONCE && this.rows.some((row) => row.state === "waiting")) this.work();
  }

  stop() {
    this.stopped = true;
    for (const row of this.rows)
      if (row.state === "waiting") {
        row.state = "new";
        this.draw(row);
      }
    this.abort?.abort();
    this.show();
  }

  /** One of the workers that take rows until there are none. */
  async work() {
    this.active++;
    this.abort ??= new AbortController();
    const { signal } = this.abort;
    for (;;) {
      const row = this.rows.find((other) => other.state === "waiting");
      if (!row || signal.aborted) break;
      row.state = "running";
      this.draw(row);
      await this.ask(row, signal);
      this.draw(row);
      this.showSoon();
    }
    this.active--;
    if (this.active) return;
    this.abort = null;
    this.stopped = true;
    this.show();
  }

  async ask(row, signal) {
    try {
      for await (const { name, data } of api.ask(this.form(row), signal)) {
        if (name === "start") row.conversation = data.conversation_id;
        if (name !== "done") continue;
        Object.assign(row, { state: "done", answer: data.answer, data: data.data ?? null, seconds: data.timings?.total ?? null });
        if (this.recipe && row.data) this.widen(row.data, data.recipe?.findings ?? []);
      }
    } catch (problem) {
      if (problem.name === "AbortError") row.state = "new";
      else if (AGAIN_LATER.has(problem.code)) {
        row.state = "waiting";
        await new Promise((resolve) => setTimeout(resolve, BUSY_EVERY));
      } else {
        const fix = problem.code === "too_many_pages" ? text("manyPagesFix") : (problem.fix ?? "");
        Object.assign(row, { state: "failed", answer: `${problem.message} ${fix}` });
      }
    }
  }

  /** What a recipe has found becomes columns, in the order in which it comes; `findings` tell their names. */
  widen(data, findings) {
    for (const { key, label } of findings) this.labels[key] = label;
    const more = Object.keys(data).filter((name) => !this.columns.includes(name) && found(data[name]));
    if (!more.length) return;
    this.columns.push(...more);
    this.head();
    for (const other of this.rows) this.draw(other);
  }

  form(row) {
    const { json, boxes, heatmap, ...fields } = this.options.fields();
    const form = new FormData();
    form.append("query", this.question);
    form.append("stream", "true");
    // Whoever asks beside it does not wait for the table.
    form.append("priority", "batch");
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    if (this.recipe) form.append("recipe", this.recipe.name);
    else if (this.columns.length) form.append("schema", JSON.stringify(this.schema()));
    form.append("image", row.file, row.file.name);
    return form;
  }

  schema() {
    const properties = Object.fromEntries(this.columns.map((name) => [name, { type: "string" }]));
    return { type: "object", properties, required: this.columns, additionalProperties: false };
  }

  clear() {
    this.stop();
    this.intake.clear();
    this.drop(this.rows);
    this.show();
  }

  filter() {
    const words = find("many-filter").value.trim().toLowerCase();
    const state = find("many-state").value;
    for (const row of this.rows) {
      const seen = (!words && state === "all") || row.suits(words, state);
      if (row.element.hidden === seen) row.element.hidden = !seen;
    }
  }

  head() {
    const names = this.columns.length ? this.columns.map((name) => this.labels[name] ?? name) : [text("answer")];
    const cell = (name) => (name ? h("th", { scope: "col", role: "columnheader" }, name) : h("td", { role: "cell" }));
    find("many-head").replaceChildren(...["", text("file"), ...names, text("state")].map(cell));
    find("many-table").style.setProperty("--columns", names.length);
  }

  /** Once a frame, however many answers come. */
  showSoon() {
    this.soon ??= requestAnimationFrame(() => {
      this.soon = null;
      this.show();
    });
  }

  show() {
    const count = (state) => this.rows.filter((row) => row.state === state).length;
    const [done, failed] = [count("done"), count("failed")];
    const progress = find("many-progress");
    progress.max = Math.max(1, this.rows.length);
    progress.value = done + failed;
    progress.hidden = !this.rows.length;
    find("many-count").textContent = this.rows.length ? text("manyCount", { done, failed, all: this.rows.length }) : "";
    find("many-empty").hidden = this.rows.length > 0;
    find("many-table").hidden = !this.rows.length;
    find("many-tools").hidden = !this.rows.length;
    find("many-retry").hidden = !failed || !this.stopped;
    for (const kind of ["csv", "xlsx", "jsonl"]) find(`many-${kind}`).disabled = !done;
    find("many-start").textContent = text(this.stopped ? "startMany" : "stopMany");
    find("many-start").disabled = !this.rows.length;
    if (this.stopped) this.head();
    this.filter();
  }

  /** All rows as lists of values, names first. */
  table() {
    const names = this.columns.length ? this.columns.map((name) => this.labels[name] ?? name) : ["answer"];
    const values = (row) => (this.columns.length ? this.columns.map((name) => row.data?.[name]) : [row.answer]);
    return [["file", "state", ...names], ...this.rows.map((row) => [row.file.name, row.state, ...values(row)])];
  }

  jsonl() {
    const line = ({ file, state, answer, data, conversation, seconds }) => JSON.stringify({ file: file.name, state, answer, data, conversation, seconds });
    return `${this.rows.map(line).join("\n")}\n`;
  }
}
