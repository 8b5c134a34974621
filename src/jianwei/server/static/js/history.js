/** The drawer of earlier conversations: search, open, rename, delete. */

import * as api from "./api.js";
import { download, find, h, icon } from "./dom.js";
import { conversationMarkdown } from "./share.js";
import { spoken, text } from "./words.js";

const PAGE = 50;
const TYPING = 200; // milliseconds after the last key before a search starts

export class History {
  /** @param {{ open: (id: string) => void, deleted: (id: string) => void }} actions */
  constructor(actions) {
    this.actions = actions;
    this.dialog = find("history");
    this.list = find("conversations");
    this.latest = 0;
    find("close-history").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
    let timer = 0;
    find("search").addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.load(), TYPING);
    });
  }

  open() {
    find("search").value = "";
    this.dialog.showModal();
    this.load();
  }

  async load(offset = 0) {
    const search = find("search").value.trim();
    const number = ++this.latest;
    let found;
    try {
      found = await api.conversations(search, offset);
    } catch (problem) {
      this.list.replaceChildren(h("li.note", {}, problem.message));
      return;
    }
    if (number !== this.latest) return; // a later search has begun
    if (offset === 0) this.list.replaceChildren();
    this.list.querySelector(".more")?.remove();
    this.list.append(...found.map((conversation) => this.item(conversation)));
    if (found.length === PAGE) {
      const more = h("button.quiet", { type: "button", onclick: () => this.load(offset + PAGE) }, text("more"));
      this.list.append(h("li.more", {}, more));
    }
    if (!this.list.children.length) this.list.append(h("li.note", {}, text(search ? "notFound" : "none")));
  }

  item(conversation) {
    const when = new Intl.DateTimeFormat(spoken() === "zh" ? "zh-CN" : "en", { dateStyle: "medium", timeStyle: "short" });
    const title = h("span.title", {}, conversation.title);
    const open = () => {
      this.dialog.close();
      this.actions.open(conversation.id);
    };
    const tool = (name, label, onclick) =>
      h("button.quiet.icon", { type: "button", title: text(label), "aria-label": `${text(label)}: ${conversation.title}`, onclick }, icon(name));
    const element = h(
      "li",
      {},
      h("button.entry", { type: "button", onclick: open }, title, h("span.when", {}, when.format(conversation.updated * 1000))),
      tool("save", "export", () => this.export(conversation)),
      tool("edit", "rename", () => this.rename(element, conversation)),
      tool("trash", "delete", () => this.remove(element, conversation)),
    );
    return element;
  }

  rename(element, conversation) {
    const field = h("input", { type: "text", value: conversation.title, maxLength: 200, "aria-label": text("renameTo") });
    const back = () => element.replaceWith(this.item(conversation));
    const form = h("form.rename", {}, field);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (field.value.trim()) {
        try {
          conversation.title = (await api.rename(conversation.id, field.value.trim())).title;
        } catch {
          // The old title is shown again.
        }
      }
      back();
    });
    field.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        back();
      }
    });
    element.replaceChildren(form);
    field.focus();
    field.select();
  }

  /** A conversation as Markdown to read, and as JSON with everything that is known about it. */
  async export(conversation) {
    try {
      const body = await api.conversation(conversation.id);
      download(`${conversation.id}.md`, conversationMarkdown(body), "text/markdown");
      download(`${conversation.id}.json`, JSON.stringify(body, null, 2), "application/json");
    } catch (problem) {
      this.list.prepend(h("li.note", { role: "alert" }, problem.message));
    }
  }

  async remove(element, conversation) {
    if (!confirm(text("deleteSure", { title: conversation.title }))) return;
    try {
      await api.remove(conversation.id);
    } catch (problem) {
      if (problem.code !== "unknown_conversation") return;
    }
    element.remove();
    this.actions.deleted(conversation.id);
    if (!this.list.children.length) this.load();
  }
}
