/** JSON as a foldable tree of plain text. */

import { h } from "./dom.js";
import { text } from "./words.js";

const NAMED = new Set(["objects", "texts", "spatial_relations"]); // the keys of an answer without a schema

const label = (key, depth) => (depth === 0 && NAMED.has(key) ? `${text(key)} · ${key}` : key);

/** An element that shows any JSON value; the outer levels are open. */
export function tree(value, depth = 0) {
  if (value === null || typeof value !== "object") {
    const kind = value === null ? "null" : typeof value;
    return h(`span.value.${kind}`, {}, typeof value === "string" ? value : JSON.stringify(value));
  }
  const list = Array.isArray(value);
  const entries = list ? value.map((item, index) => [index + 1, item]) : Object.entries(value);
  if (!entries.length) return h("span.value.null", {}, list ? "[ ]" : "{ }");
  return h(
    "ul.tree",
    {},
    entries.map(([key, item]) => {
      if (item === null || typeof item !== "object" || !Object.keys(item).length)
        return h("li", {}, h("span.key", {}, list ? `${key}` : label(key, depth)), tree(item, depth + 1));
      const count = Object.keys(item).length;
      const head = h("summary", {}, h("span.key", {}, list ? `${key}` : label(key, depth)), h("span.count", {}, ` ${count}`));
      return h("li", {}, h("details", { open: depth < 2 }, head, tree(item, depth + 1)));
    }),
  );
}
