/** How files become lines of the table of many: pictures one each; a PDF or a video one, or one for each page. */

import { Problem } from "./api.js";
import { find, memory, thumbnail } from "./dom.js";
import { AT_ONCE, hasPages, pagesOf } from "./paged.js";
import { Row } from "./rows.js";
import { text } from "./words.js";

const ROWS_AT_ONCE = 50; // rows made without a break: some 15 ms

const isPicture = (file) => file.type.startsWith("image/") || /\.(heic|heif|tiff?|jp2)$/i.test(file.name);

export class Intake {
  /** @param {{ rows: Row[], put: (row: Row) => void, drop: (rows: Row[]) => void, limits: () => object, paged: () => boolean }} table */
  constructor(table) {
    this.table = table;
    this.later = Promise.resolve(); // small pictures and pages, one after the other
    this.abort = new AbortController(); // ends that
    this.choice = find("many-pages");
    this.choice.value = memory.get("many-pages", "file");
    this.choice.addEventListener("change", () => this.choose());
  }

  /** Take what can be asked about among these files, in pieces: a folder's worth at once would hold a frame up. */
  async take(files) {
    const { signal } = this.abort;
    const mb = this.table.limits().max_upload_mb;
    const paged = (file) => this.table.paged() && hasPages(file);
    const usable = files.filter((file) => isPicture(file) || paged(file));
    if (usable.some(paged)) find("many-pages-field").hidden = false;
    find("many-left-out").textContent = usable.length < files.length ? text("leftOut", { count: files.length - usable.length }) : "";
    for (const [index, file] of usable.entries()) {
      if (index && index % ROWS_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve));
      if (signal.aborted) return;
      const source = paged(file) ? file : null;
      if (file.size > mb * 2 ** 20) this.table.put(new Row(file, { source, problem: text("tooLarge", { name: file.name, mb }) }));
      else if (source && this.choice.value === "page") this.afterwards((signal) => this.split(file, signal));
      else {
        const row = new Row(file, { source });
        this.table.put(row);
        this.afterwards((signal) => this.thumb(row, signal));
      }
    }
  }

  /** Do something when what was begun before is done, unless the table has been emptied by then. */
  afterwards(work) {
    const { signal } = this.abort;
    this.later = this.later.then(() => signal.aborted || work(signal)).catch((problem) => {
      if (problem.name !== "AbortError") console.error(problem);
    });
  }

  /** A row's picture in small. */
  async thumb(row, signal) {
    if (!row.source) return thumbnail(row.file, row.image);
    try {
      for await (const { file } of pagesOf(row.file, 1, 1, signal)) if (file) await thumbnail(file, row.image);
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      // What is wrong with the file is told when it is asked about.
    }
  }

  /** A row for each page of a file. */
  async split(source, signal) {
    try {
      for (let [first, count] = [1, 1]; first <= count; first += AT_ONCE)
        for await (const made of pagesOf(source, first, first + AT_ONCE - 1, signal)) {
          if (!made.file) continue;
          ({ count } = made);
          const row = new Row(made.file, { source });
          this.table.put(row);
          await thumbnail(row.file, row.image);
        }
    } catch (problem) {
      if (!(problem instanceof Problem)) throw problem;
      this.table.put(new Row(source, { source, problem: `${problem.message} ${problem.fix ?? ""}` }));
    }
  }

  /** Files that have no answer yet become a row, or a row for each page, as is wanted now. */
  choose() {
    memory.set("many-pages", this.choice.value);
    const { rows } = this.table;
    const asked = new Set(rows.filter(({ state }) => state !== "new" && state !== "failed").map(({ source }) => source));
    const again = rows.filter(({ source }) => source && !asked.has(source));
    this.table.drop(again);
    this.take([...new Set(again.map(({ source }) => source))]);
  }

  clear() {
    this.abort.abort();
    this.abort = new AbortController();
    find("many-pages-field").hidden = true;
    find("many-left-out").textContent = "";
  }
}
