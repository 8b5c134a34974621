/** The words of the page in the language that is spoken. */

import { find, memory } from "./dom.js";
import { WORDS } from "./table.js";

let language = memory.get("language") ?? (navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en");

/** "zh" or "en". */
export const spoken = () => language;

/** The words called `name`, with `{values}` filled in. */
export function text(name, values = {}) {
  const words = WORDS[name]?.[language === "zh" ? 0 : 1] ?? name;
  return words.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

/** A title in two languages, such as "Jianwei built-in 见微内置小模型": the part that is in the one that is spoken. */
export function inWords(title) {
  const [, latin, chinese] = /^(.*?)\s*([\u3400-\u9fff].*)$/.exec(title) ?? [];
  return latin && chinese ? (language === "zh" ? chinese : latin) : title;
}

/** Put the words of the current language into everything under `root` that names them. */
export function fill(root = document) {
  for (const element of root.querySelectorAll("[data-text]")) element.textContent = text(element.dataset.text);
  for (const element of root.querySelectorAll("[data-placeholder]")) element.placeholder = text(element.dataset.placeholder);
  for (const element of root.querySelectorAll("[data-title]")) element.title = text(element.dataset.title);
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", text(element.dataset.label));
    if (element.tagName === "BUTTON") element.title = text(element.dataset.label);
  }
}

/** Speak `next`, remember it, and tell the page. */
export function speak(next) {
  language = next;
  memory.set("language", next);
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  find("language").textContent = next === "zh" ? "EN" : "中";
  fill();
  document.dispatchEvent(new CustomEvent("spoken"));
}
