/** The server as the page sees it: requests with the key, errors with a way out, answers as a stream of events. */

import { find, memory } from "./dom.js";
import { spoken, text } from "./words.js";

const BASE = "/api/v1";

/** Something went wrong: `code` for programs, `message` and `fix` for people. */
export class Problem extends Error {
  constructor(code, message, fix, place = {}) {
    super(message);
    this.code = code;
    this.fix = fix;
    this.conversation = place.conversation_id ?? null;
  }
}

const offline = () => new Problem("offline", text("offline"), text("offlineFix"));
const lost = () => new Problem("lost", text("lost"), text("lostFix"));

/** `fetch` with key and language. Asks for the key where the server wants one; throws a `Problem` for every error. */
async function send(path, options = {}) {
  for (;;) {
    const headers = { "Accept-Language": spoken(), ...options.headers };
    const key = memory.get("key");
    if (key) headers.Authorization = `Bearer ${key}`;
    let response;
    try {
      response = await fetch(path, { ...options, headers });
    } catch (cause) {
      if (cause.name === "AbortError") throw cause;
      throw offline();
    }
    if (response.ok) return response;
    if (response.status === 401) {
      await askForKey();
      continue;
    }
    throw refused(response.status, await response.text());
  }
}

/** What a response says that is no success. */
function refused(status, body) {
  try {
    const said = JSON.parse(body);
    return new Problem(said.error.code, said.error.message, said.error.fix, said);
  } catch {
    // Not from our server then, but from something in between.
    return new Problem("http", `HTTP ${status}`, text("offlineFix"));
  }
}

let keyAsked = null;

/** Show the dialog for the key; several requests that need it share one dialog. */
function askForKey() {
  keyAsked ??= new Promise((resolve) => {
    const dialog = find("key-dialog");
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    find("key-form").addEventListener(
      "submit",
      () => {
        memory.set("key", find("key").value.trim());
        keyAsked = null;
        resolve();
      },
      { once: true },
    );
    dialog.showModal();
  });
  return keyAsked;
}

const json = async (path, options) => (await send(BASE + path, options)).json();

export const model = () => json("/model");
export const conversations = (search, offset) =>
  json(`/conversations?${new URLSearchParams({ search, offset, limit: 50 })}`).then((body) => body.conversations);
export const conversation = (id) => json(`/conversations/${encodeURIComponent(id)}`);
export const rename = (id, title) =>
  json(`/conversations/${encodeURIComponent(id)}`, {
    method: "PATCH",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ title }),
  });
export const remove = (id) => send(`${BASE}/conversations/${encodeURIComponent(id)}`, { method: "DELETE" });
export const stop = (id) => send(`${BASE}/conversations/${encodeURIComponent(id)}/stop`, { method: "POST" });

/** A stored picture as a JPEG, at most `side` pixels. */
export async function preview(id, digest, side) {
  return (await send(`${BASE}/conversations/${id}/pictures/${digest}/preview?side=${side}`)).blob();
}

/** A picture of a turn as it was mended before it was looked at, as the address of a JPEG. */
export async function enhanced(turn, picture) {
  const response = await send(`${BASE}/turns/${turn}/enhanced/${picture}`);
  return URL.createObjectURL(await response.blob());
}

/** Recipes: `{ name, title, description, question, own }`, words by language. */
export const recipes = () => json("/recipes").then((body) => body.recipes);

/** The server's numbers by name, without those that have labels. */
export async function metrics() {
  const lines = (await (await send("/metrics")).text()).split("\n");
  return Object.fromEntries(lines.filter((line) => /^\w+ /.test(line)).map((line) => [line.split(" ")[0], Number(line.split(" ")[1])]));
}

/** Whether questions are answered: "ok", or the code of why not. */
export async function health() {
  try {
    return (await (await fetch("/healthz")).json()).error?.code ?? "ok";
  } catch {
    return "offline";
  }
}

/** Ask a question; what comes is told at `stream`. */
export const ask = (form, signal) => stream("/chat", form, signal);

/** Have pictures made of the pages of a PDF or the key frames of a video: `page` events, then `done`. */
export const pages = (form, signal) => stream("/pages", form, signal);

/**
 * Send a form and read the events of the answer: yields `{ name, data }` for each event up to `done`; an `error` event or a broken line throws a `Problem`.
 * While the form is on its way, `upload` events tell which part of it (0 to 1) has gone.
 * XMLHttpRequest, since fetch does not tell how far an upload is.
 */
async function* stream(path, form, signal) {
  const queue = [];
  let wake = () => {};
  const put = (item) => {
    queue.push(item);
    wake();
  };
  for (;;) {
    const request = new XMLHttpRequest();
    const stop = () => request.abort();
    let read = 0;
    let begun = false; // the server has begun to answer
    request.open("POST", BASE + path);
    request.setRequestHeader("Accept-Language", spoken());
    const key = memory.get("key");
    if (key) request.setRequestHeader("Authorization", `Bearer ${key}`);
    request.upload.onprogress = (event) => put({ name: "upload", data: event.loaded / event.total });
    const take = () => {
      if (request.status !== 200) return;
      begun = true;
      const end = request.responseText.lastIndexOf("\n\n") + 2;
      if (end < 2 || end <= read) return;
      for (const block of request.responseText.slice(read, end).split("\n\n")) {
        const event = parse(block);
        if (event) put(event);
      }
      read = end;
    };
    request.onprogress = take;
    request.onload = () => {
      take();
      put({ name: "end", status: request.status, data: request.responseText });
    };
    request.onerror = () => put({ name: "cut" });
    request.onabort = () => put({ name: "aborted" });
    signal.addEventListener("abort", stop, { once: true });
    let end = null;
    try {
      request.send(form);
      if (signal.aborted) stop();
      while (!end) {
        while (!queue.length) await new Promise((resolve) => { wake = resolve; });
        const event = queue.shift();
        if (event.name === "aborted") throw new DOMException("", "AbortError");
        if (event.name === "cut") throw begun ? lost() : offline();
        if (event.name === "end") {
          end = event;
          continue;
        }
        if (event.name === "error") {
          const { code, message, fix } = event.data.error;
          throw new Problem(code, message, fix, event.data);
        }
        yield event;
        if (event.name === "done") return;
      }
    } finally {
      signal.removeEventListener("abort", stop);
      request.abort();
    }
    if (end.status === 200) throw lost();
    if (end.status !== 401) throw refused(end.status, end.data);
    await askForKey();
  }
}

function parse(block) {
  let name = "message";
  let data = "";
  for (const line of block.split("\n")) {
    if (line.startsWith("event: ")) name = line.slice(7);
    else if (line.startsWith("data: ")) data += line.slice(6);
  }
  return data ? { name, data: JSON.parse(data) } : null;
}
