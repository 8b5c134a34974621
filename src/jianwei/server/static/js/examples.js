/** The example pictures of an empty page: each teaches one thing that can be done. */

import { find, h } from "./dom.js";
import { spoken, text } from "./words.js";

/** File (without language and ending) and how many questions about it are in the table of words. */
const EXAMPLES = [["receipt", 3], ["shelf", 3], ["parcel", 3]];

/** Questions that suit an example. */
const questions = (name, count) => Array.from({ length: count }, (_, index) => text(`ask_${name}_${index + 1}`));

/** Fill the cards; `take(coming, questions)` is called with the picture that was chosen, which is still on its way: a promise of a `File`. */
export function showExamples(take) {
  find("examples").replaceChildren(
    ...EXAMPLES.map(([name, count]) => {
      const file = `${name}.${spoken()}.webp`;
      const address = `/static/examples/${file}`;
      const fetched = async () => new File([await (await fetch(address)).blob()], file, { type: "image/webp" });
      return h("li", {}, h("button.example", { type: "button", onclick: () => take(fetched(), questions(name, count)) },
        h("img", { src: address, alt: "", width: 240, height: 160 }),
        h("strong", {}, text(`ex_${name}`)), h("span.hint", {}, text(`ex_${name}_how`))));
    }),
  );
}
