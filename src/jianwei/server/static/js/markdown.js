/**
 * Answers as Markdown, built node by node: whatever a model writes is only ever text. HTML stays as it was written,
 * links go to http(s) alone, pictures are not loaded.
 */

import { h } from "./dom.js";
import { formula } from "./formula.js";

const INLINE = new RegExp(
  [
    "(`+)(?<code>[^`].*?)\\1(?!`)",
    "\\$\\$(?<display>[^$]+)\\$\\$|\\\\\\[(?<display2>.+?)\\\\\\]",
    "\\\\\\((?<math>.+?)\\\\\\)|\\$(?<math2>[^\\s$](?:[^$]*[^\\s$])?)\\$(?!\\d)",
    "\\*\\*(?<strong>\\S(?:.*?\\S)?)\\*\\*",
    "(?<![\\w*])\\*(?<em>[^\\s*](?:[^*]*[^\\s*])?)\\*(?!\\w)",
    "~~(?<del>[^~]+)~~",
    "!?\\[(?<label>[^\\]]*)\\]\\((?<address>[^)\\s]*)\\)",
  ].join("|"),
  "s",
);

/** Nodes of one line of text. */
export function inline(source) {
  const nodes = [];
  let rest = source;
  for (;;) {
    const found = INLINE.exec(rest);
    if (!found) break;
    const { groups } = found;
    if (found.index) nodes.push(rest.slice(0, found.index));
    nodes.push(inlineNode(found[0], groups));
    rest = rest.slice(found.index + found[0].length);
  }
  if (rest) nodes.push(rest);
  return nodes;
}

function inlineNode(whole, groups) {
  if (groups.code !== undefined) return h("code", {}, groups.code.trim());
  if (groups.strong !== undefined) return h("strong", {}, inline(groups.strong));
  if (groups.em !== undefined) return h("em", {}, inline(groups.em));
  if (groups.del !== undefined) return h("del", {}, inline(groups.del));
  const display = groups.display ?? groups.display2;
  const math = display ?? groups.math ?? groups.math2;
  if (math !== undefined) return formula(math, display !== undefined) ?? whole;
  if (whole.startsWith("!") || !/^https?:\/\//i.test(groups.address)) return whole;
  return h("a", { href: groups.address, target: "_blank", rel: "noopener noreferrer nofollow" }, groups.label || groups.address);
}

const lines = (text) => text.split("\n").flatMap((line, index) => (index ? [h("br"), ...inline(line)] : inline(line)));
const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));

const BEGINS = /^(#{1,6} |```|\s*([-*+]|\d{1,9}[.)])\s|>|\s*\|.*\|\s*$|([-*_]\s*){3,}$)/;
const RULE = /^\s*([-*_]\s*){3,}$/;
const BORDER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;
const ITEM = /^(\s*)([-*+]|\d{1,9}[.)])\s+(.*)$/;

/** Elements of a text of several blocks. */
export function markdown(source) {
  const rows = source.replaceAll("\r\n", "\n").split("\n");
  const blocks = [];
  let at = 0;
  const until = (stops) => {
    const from = at;
    while (at < rows.length && !stops(rows[at])) at++;
    return rows.slice(from, at);
  };
  while (at < rows.length) {
    const row = rows[at];
    const heading = /^(#{1,6}) (.*)$/.exec(row);
    if (!row.trim()) at++;
    else if (row.startsWith("```")) {
      at++;
      blocks.push(h("pre", { tabIndex: 0 }, h("code", {}, until((line) => line.startsWith("```")).join("\n"))));
      at++;
    } else if (heading) {
      at++;
      // The page has h1 and h2 of its own.
      blocks.push(h(`h${Math.min(6, heading[1].length + 2)}`, {}, inline(heading[2])));
    } else if (RULE.test(row)) {
      at++;
      blocks.push(h("hr"));
    } else if (row.includes("|") && BORDER.test(rows[at + 1] ?? "") && rows[at + 1].includes("-")) blocks.push(table(until((line) => !line.includes("|"))));
    else if (row.startsWith(">")) {
      const quoted = until((line) => !line.startsWith(">")).map((line) => line.replace(/^> ?/, ""));
      blocks.push(h("blockquote", {}, markdown(quoted.join("\n"))));
    } else if (ITEM.test(row)) blocks.push(list(until((line) => !line.trim() || (!ITEM.test(line) && !/^\s{2,}/.test(line)))));
    else {
      const from = at++;
      while (at < rows.length && rows[at].trim() && !BEGINS.test(rows[at])) at++;
      blocks.push(h("p", {}, lines(rows.slice(from, at).join("\n"))));
    }
  }
  return blocks;
}

function table([head, , ...body]) {
  const row = (line, name) => h("tr", {}, cells(line).map((cell) => h(name, name === "th" ? { scope: "col" } : {}, inline(cell))));
  return h("div.wide", { tabIndex: 0, role: "group" }, h("table", {}, h("thead", {}, row(head, "th")), h("tbody", {}, body.map((line) => row(line, "td")))));
}

function list(rows) {
  const [, indent, sign] = ITEM.exec(rows[0]);
  const items = [];
  for (const row of rows) {
    const found = ITEM.exec(row);
    if (found && found[1].length <= indent.length + 1) items.push([found[3]]);
    else items.at(-1).push(row.slice(Math.min(indent.length + 2, row.search(/\S/))));
  }
  const ordered = /\d/.test(sign);
  const properties = ordered ? { start: Number.parseInt(sign, 10) } : {};
  return h(ordered ? "ol.list" : "ul.list", properties, items.map(([first, ...rest]) => h("li", {}, inline(first), rest.length ? markdown(rest.join("\n")) : null)));
}

/** A line of a table that is being written, or the head of one that is none yet: signs that nobody wants to read. */
const UNFINISHED = /(^|\n)\|[^\n]*(\n[\s:|-]*)?$/;

/** A text that grows: finished blocks are built once, only the last one again. */
export class Growing {
  constructor(element) {
    this.element = element;
    this.text = "";
    this.done = 0; // letters in finished blocks
    this.tail = [];
    this.frame = 0;
  }

  add(piece) {
    this.text += piece;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  draw() {
    for (const node of this.tail) node.remove();
    const cut = this.text.lastIndexOf("\n\n");
    // Inside a list or fenced code an empty line ends nothing.
    if (cut > this.done) {
      const block = this.text.slice(this.done, cut);
      if ((block.match(/^```/gm) ?? []).length % 2 === 0) {
        this.element.append(...markdown(block));
        this.done = cut;
      }
    }
    this.tail = markdown(this.text.slice(this.done).replace(UNFINISHED, ""));
    this.element.append(...this.tail);
  }
}
