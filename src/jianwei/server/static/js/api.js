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
    let body = {};
    try {
      body = await response.json();
    } catch {
      // Not from our server then, but from something in between.
    }
    if (!body.error) throw new Problem("http", `HTTP ${response.status}`, text("offlineFix"));
    throw new Problem(body.error.code, body.error.message, body.error.fix, body);
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

/** A stored picture as the address of a JPEG, at most `side` pixels. */
export async function preview(id, digest, side) {
  const response = await send(`${BASE}/conversations/${id}/pictures/${digest}/preview?side=${side}`);
  return URL.createObjectURL(await response.blob());
}

/** Whether questions are answered: "ok", or the code of why not. */
export async function health() {
  try {
    return (await (await fetch("/healthz")).json()).error?.code ?? "ok";
  } catch {
    return "offline";
  }
}

/** Ask: yields `{ name, data }` for each event up to `done`; an `error` event or a broken line throws a `Problem`. */
export async function* ask(form, signal) {
  const response = await send(`${BASE}/chat`, { method: "POST", body: form, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    let piece;
    try {
      piece = await reader.read();
    } catch (cause) {
      if (cause.name === "AbortError") throw cause;
      throw lost();
    }
    if (piece.done) throw lost();
    const blocks = (rest + piece.value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parse(block);
      if (event === null) continue;
      if (event.name === "error") {
        const { code, message, fix } = event.data.error;
        throw new Problem(code, message, fix, event.data);
      }
      yield event;
      if (event.name === "done") return;
    }
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
