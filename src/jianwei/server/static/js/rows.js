/** A line of the table of many pictures: a file, its picture in small, and what was answered. */

import { h } from "./dom.js";
import { text } from "./words.js";

/** Whether a value says anything. */
export const found = (value) => value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && !value.length);

function words(value) {
  if (!found(value)) return "";
  if (typeof value === "boolean") return text(value ? "yes" : "no");
  return typeof value === "object" ? JSON.stringify(value) : `${value}`;
}

export class Row {
  /**
   * @param {File} file what is sent
   * @param {{ source?: File, problem?: string }} more the PDF or video that it is, or is a page of; why it cannot be sent
   */
  constructor(file, { source = null, problem = null } = {}) {
    this.file = file;
    this.source = source;
    this.state = problem ? "failed" : "new"; // or "waiting", "running", "done"
    this.answer = problem ?? "";
    this.data = null;
    this.conversation = null;
    this.seconds = null;
    this.image = h("img", { alt: "", width: 64, height: 48 });
    this.name = h("th", { scope: "row", role: "rowheader" });
    this.last = h("td.state", { role: "cell" });
    // Roles of its own: a browser may forget those of table elements that are laid out as a grid.
    this.element = h("tr", { role: "row" }, h("td.thumb-cell", { role: "cell" }, this.image), this.name, this.last);
  }

  /** Show what is known; `open` shows the row's conversation. Of the columns one that is not there stays empty. */
  draw(columns, open) {
    const { file, conversation, seconds, state } = this;
    const link = () => h("button.link", { type: "button", onclick: () => open(this) }, file.name);
    this.element.className = state;
    this.name.replaceChildren(conversation ? link() : file.name);
    while (this.name.nextSibling !== this.last) this.name.nextSibling.remove();
    this.name.after(...(columns.length && this.data
      ? columns.map((name) => h("td", { role: "cell" }, words(this.data[name])))
      : [h("td.said", { role: "cell" }, this.answer)]));
    this.last.replaceChildren(text(`row_${state}`), ...(seconds === null ? [] : [h("small", {}, text("took", { seconds: seconds.toFixed(1) }))]));
  }

  /** Whether it has these words (in small letters) and this state; "all": any. */
  suits(wanted, state) {
    const values = Object.values(this.data ?? {}).map(words).join(" ");
    return (state === "all" || state === this.state) && `${this.file.name} ${this.answer} ${values}`.toLowerCase().includes(wanted);
  }
}
