/** Small helpers over the DOM. Text always goes in as text: nothing here parses HTML. */

export const find = (id) => document.getElementById(id);

/** An element: `h("button.quiet", { type: "button", onclick }, "text", child, null)`. */
export function h(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && key !== "list") element[key] = value;
    else element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** An element of a drawing: `s("rect", { class: "line", x: 1 }, child)`. */
export function s(name, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** One of the page's icons. */
export const icon = (name) => s("svg", { "aria-hidden": "true" }, s("use", { href: `#i-${name}` }));

/** Remembered between visits, where the browser allows it. */
export const memory = {
  get(name, otherwise = null) {
    try {
      return localStorage.getItem(`jianwei.${name}`) ?? otherwise;
    } catch {
      return otherwise;
    }
  },
  set(name, value) {
    try {
      if (value === null) localStorage.removeItem(`jianwei.${name}`);
      else localStorage.setItem(`jianwei.${name}`, value);
    } catch {
      // Then it is only for this visit.
    }
  },
};

/** Tell a screen reader, without showing anything. */
export function say(text) {
  find("said").textContent = "";
  requestAnimationFrame(() => {
    find("said").textContent = text;
  });
}

/** Offer `text` as a file. */
export function download(name, text, type) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
