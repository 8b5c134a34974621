/** The example pictures of an empty page: each teaches one thing that can be done. */

import { find, h } from "./dom.js";
import { spoken, text } from "./words.js";

/** File (without language and ending) and how many questions about it are in the table of words. */
const EXAMPLES = [["receipt", 3], ["shelf", 3], ["parcel", 3]];

/** Questions that suit an example. */
const questions = (name, count) => Array.from({ length: count }, (_, index) => text(`ask_${name}_${index + 1}`));

let coming = null; // the example on its way here; asked: a question waits for it

/** Whether an example is on its way here; then the question that asks this is asked when it has come. */
export function waitForExample() {
  if (coming) coming.asked = true;
  return coming !== null;
}

/** Fill the cards; `take(file, questions)` is called with the picture that was chosen, `ask()` where a question has waited for it. */
export function showExamples(take, ask, complain) {
  find("examples").replaceChildren(
    ...EXAMPLES.map(([name, count]) => {
      const file = `${name}.${spoken()}.webp`;
      const address = `/static/examples/${file}`;
      const choose = async () => {
        const own = { asked: false };
        coming = own;
        try {
          const bytes = await (await fetch(address)).blob();
          take(new File([bytes], file, { type: "image/webp" }), questions(name, count));
        } catch {
          own.asked = false;
          complain(text("offline"));
        } finally {
          if (coming === own) coming = null;
        }
        if (own.asked) ask();
      };
      return h("li", {}, h("button.example", { type: "button", onclick: choose },
        h("img", { src: address, alt: "", width: 240, height: 160 }),
        h("strong", {}, text(`ex_${name}`)), h("span.hint", {}, text(`ex_${name}_how`))));
    }),
  );
}
