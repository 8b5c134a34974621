/** Questions and recipes as chips above the question field. */

import { find, h, icon } from "./dom.js";
import { spoken } from "./words.js";

/** A row that is longer than its place follows a wheel that turns only up and down. */
function sideways(event) {
  event.currentTarget.scrollLeft += event.deltaY;
}

/** Show them; `choose(words, recipe)` is called with the one that a person takes, `recipe` null for a question. */
export function showChips(questions, recipes, choose) {
  const chip = (inside, title, words, recipe) => h("button.idea", { type: "button", title, onclick: () => choose(words, recipe) }, inside);
  const rows = [
    h("div.chips", {}, questions.map((words) => chip(words, words, words, null))),
    h("div.chips.recipes", { onwheel: sideways }, recipes.map((recipe) =>
      chip([icon("recipe"), recipe.title[spoken()]], recipe.description[spoken()], recipe.question[spoken()], recipe))),
  ];
  find("ideas").replaceChildren(...rows.filter((row) => row.children.length));
}
