/** Answers in other forms: Markdown, JSON, CSV. */

import { text } from "./words.js";

/** What is kept of a turn when it leaves the page. */
export function plain(turn) {
  const { files, pending, note, state, ...rest } = turn;
  return { ...rest, pictures: (turn.pictures ?? files ?? []).map(({ name }) => name) };
}

/** A turn as Markdown. */
export function turnMarkdown(turn) {
  const names = plain(turn).pictures.map((name) => `- ${name.replace(/([\\`*_[\]<>])/g, "\\$1")}`);
  const asked = turn.query.split("\n").map((line) => `> ${line}`);
  const structured = turn.options?.json || turn.options?.schema;
  const answer = structured ? `\`\`\`json\n${turn.answer ?? ""}\n\`\`\`` : (turn.answer ?? "");
  return [...names, ...(names.length ? [""] : []), ...asked, "", answer, ""].join("\n");
}

/** A conversation, as the server gives it, as Markdown. */
export const conversationMarkdown = (body) => [`# ${body.title}`, "", ...body.turns.map(turnMarkdown)].join("\n");

/** One cell: quoted where needed; what a spreadsheet would run as a formula is marked as text. */
function cell(value) {
  let words = value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : `${value}`;
  if (typeof value !== "number" && /^[=+@\t\r]|^-(?!\d)/.test(words)) words = `'${words}`;
  return /[",\n\r]/.test(words) ? `"${words.replaceAll('"', '""')}"` : words;
}

/** Rows (lists of values) as CSV that spreadsheets read as UTF-8. */
export const csvOf = (rows) => `\ufeff${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`;

/** Any JSON value as CSV: a list gives a row each, an object of lists a column each, an object one row. */
export function csv(data) {
  if (Array.isArray(data) && data.every((item) => item && typeof item === "object" && !Array.isArray(item))) {
    const names = [...new Set(data.flatMap(Object.keys))];
    return csvOf([names, ...data.map((item) => names.map((name) => item[name]))]);
  }
  if (Array.isArray(data)) return csvOf([[text("value")], ...data.map((item) => [item])]);
  if (data === null || typeof data !== "object") return csvOf([[text("value")], [data]]);
  const names = Object.keys(data);
  if (!names.length || !names.every((name) => Array.isArray(data[name]))) return csvOf([names, Object.values(data)]);
  const longest = Math.max(1, ...names.map((name) => data[name].length));
  const rows = Array.from({ length: longest }, (_, index) => names.map((name) => data[name][index]));
  return csvOf([names, ...rows]);
}
